//! Changes of divisions: merged, split, renamed, upgraded or moved ones get successors.

use serde_json::json;

use super::{division, today};
use crate::{
    kernel::{
        audit::Event,
        fault::{Outcome, refuse, unique},
        graphql::Date,
        ids::DivisionId,
        place::{DivisionLevel, within},
        policy::{Action, Target, act, permit},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        text,
    },
    territory::{
        rules::{Division, DivisionKind, code_fits, code_length, division_id, kind_fits, kind_of},
        store,
    },
};

crate::api_input! {
    /// A division that begins with a change (新区划).
    part NewDivision {
        /// Code: six digits, nine for a township; the first two are the province's, a township's first six those of the
        /// division above it (代码).
        code: String,
        /// Name (名称).
        name: String,
        /// Level (层级).
        level: DivisionLevel,
        /// Kind, one of its level; read off the name if left out (类别).
        kind: Option<DivisionKind>,
        /// The division above it (上级区划).
        parent_id: DivisionId,
    }
}

crate::api_input! {
    /// Registers a change of divisions: the ended ones are continued by the new ones (登记区划变更). Lists of ended
    /// townships keep applying to their old areas until the successor's first version is published.
    command RegisterDivisionChange {
        /// Divisions that end; none if one is only added (撤销的区划).
        ended_ids: Vec<DivisionId>,
        /// Divisions that begin (新设的区划).
        created: Vec<NewDivision>,
        /// First day of the new divisions (生效日期).
        effective_on: Date,
        /// Document that orders the change (批准文号).
        document_no: String,
    }
}

impl UseCase for RegisterDivisionChange {
    const NAME: &'static str = "registerDivisionChange";
    type Output = Vec<DivisionId>;

    async fn execute(&self, tx: &Tx) -> Outcome<Vec<DivisionId>> {
        let actor = tx.actor()?;
        let document = text::line("input.documentNo", &self.document_no, text::LINE)?;
        if self.created.is_empty() {
            return refuse(Refusal::invalid("input.created", InputProblem::TooFew { min: 1 }));
        }
        for (path, count) in [("input.created", self.created.len()), ("input.endedIds", self.ended_ids.len())] {
            if count > 200 {
                return refuse(Refusal::invalid(path, InputProblem::TooMany { max: 200 }));
            }
        }
        let home = store::province(tx.db(), actor.province).await?.map(|row| row.code).unwrap_or_default();
        let target = Target::at(actor.org.0, actor.province, &actor.path);
        let permit = permit::<act::RegisterDivisionChange>(actor, &target)?;
        let on = self.effective_on.0;

        let mut ended = Vec::new();
        for (index, id) in self.ended_ids.iter().enumerate() {
            let path = format!("input.endedIds.{index}");
            let old = division(tx, *id, &path).await?;
            if !within(&old.path, &home) || !within(&old.path, &actor.path) {
                return refuse(Refusal::not_found(path));
            }
            if old.valid_to.is_some() || old.valid_from >= on {
                return refuse(Refusal::wrong_state(("ENDED", "已撤销"), &[("EXISTING", "现存")]));
            }
            ended.push(old);
        }
        let mut created = Vec::new();
        for (index, new) in self.created.iter().enumerate() {
            let path = |field: &str| format!("input.created.{index}.{field}");
            let name = text::line(path("name"), &new.name, 60)?;
            if new.code.len() != code_length(new.level) || !new.code.bytes().all(|byte| byte.is_ascii_digit()) {
                return refuse(Refusal::invalid(
                    path("code"),
                    InputProblem::Malformed { expected: "6 digits, 9 for a township" },
                ));
            }
            let parent = division(tx, new.parent_id, &path("parentId")).await?;
            if !within(&parent.path, &home) || !within(&parent.path, &actor.path) {
                return refuse(Refusal::not_found(path("parentId")));
            }
            if parent.level.number() >= new.level.number() {
                return refuse(Refusal::conflict(
                    path("parentId"),
                    "上级区划的层级须更高。",
                    "must be of a higher level.",
                ));
            }
            if !code_fits(new.level, &new.code, &parent.code) {
                return refuse(Refusal::conflict(
                    path("code"),
                    "前两位须与本省一致；乡级代码前六位须为上级区划代码。",
                    "must begin with the two digits of the province, and for a township with the six of the division above.",
                ));
            }
            let kind = new.kind.unwrap_or_else(|| kind_of(new.level, &name));
            if !kind_fits(kind, new.level) {
                return refuse(Refusal::conflict(
                    path("kind"),
                    "该类别与层级不符。",
                    "divisions of this kind do not exist at this level.",
                ));
            }
            let taken = store::division_by_code(tx.db(), &new.code, on).await?;
            if taken.is_some_and(|taken| !self.ended_ids.contains(&taken.id)) {
                return refuse(Refusal::invalid(path("code"), InputProblem::Duplicate));
            }
            created.push(Division {
                id: division_id(&new.code, on),
                kind,
                path: format!("{}.{}", parent.path, new.code),
                code: new.code.clone(),
                name,
                level: new.level,
                parent: Some(parent.id),
                valid_from: on,
                valid_to: None,
            });
        }
        let ids: Vec<DivisionId> = created.iter().map(|new| new.id).collect();
        for new in &created {
            unique(store::insert_division(tx, &permit, new).await, "input.created")?;
        }
        for old in &ended {
            store::end_division(tx, &permit, old.id, on, &ids).await?;
        }
        let names = |all: &[Division]| all.iter().map(|one| format!("{} {}", one.code, one.name)).collect::<Vec<_>>();
        tx.record(
            Event::new(Action::RegisterDivisionChange, actor.province, "Division", ids[0], actor.path.to_string())
                .because(Some(&document))
                .change(
                    json!({ "ended": names(&ended) }),
                    json!({ "created": names(&created), "on": on, "today": today(tx) }),
                ),
        );
        Ok(ids)
    }
}
