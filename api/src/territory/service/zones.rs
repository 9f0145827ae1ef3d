//! Zones and configured chains: who decides on a township's list, and who reviews above.

use serde_json::json;

use super::{division, org, organisations::event, today};
use crate::{
    kernel::{
        audit::Event,
        fault::{Outcome, refuse, unique},
        graphql::Date,
        ids::{DivisionId, OrgUnitId},
        place::{DivisionLevel, OrgKind},
        policy::{Action, Target, act, permit},
        refusal::{InputProblem, Refusal, Rule},
        runner::{Tx, UseCase},
        text,
    },
    territory::{rules::valid_on, store},
};

crate::api_input! {
    /// Puts a township under a zone's management committee, which from then on decides on its list (划归功能区管理).
    command AssignTownshipToZone {
        /// The township (乡镇).
        division_id: DivisionId,
        /// The management committee (管委会).
        committee_id: OrgUnitId,
        /// First day; today if left out (起始日期).
        from: Option<Date>,
    }

    /// Ends a zone's administration of a township (解除功能区管理).
    command ReleaseTownshipFromZone {
        /// The township (乡镇).
        division_id: DivisionId,
        /// First day without the zone; today if left out (解除日期).
        on: Option<Date>,
    }

    /// Configures the review chain above a decision body, such as division and corps of the XPCC (配置审批链).
    command ConfigureReviewChain {
        /// The decision body (决定机构).
        authority_id: OrgUnitId,
        /// Establishment offices from the nearest to the province; empty to follow the divisions again (审核机构).
        office_ids: Vec<OrgUnitId>,
        /// Reason (原因).
        reason: String,
    }
}

impl UseCase for AssignTownshipToZone {
    const NAME: &'static str = "assignTownshipToZone";
    type Output = DivisionId;

    async fn execute(&self, tx: &Tx) -> Outcome<DivisionId> {
        let actor = tx.actor()?;
        let township = division(tx, self.division_id, "input.divisionId").await?;
        let committee = org(tx, self.committee_id, "input.committeeId").await?;
        let target = Target::at(township.id.0, actor.province, &township.path);
        let permit = permit::<act::AssignTownshipToZone>(actor, &target)?;
        if township.level != DivisionLevel::Township {
            return refuse(Refusal::conflict("input.divisionId", "须为乡级区划。", "must be a township."));
        }
        if committee.kind != OrgKind::ManagementCommittee {
            return refuse(Refusal::conflict(
                "input.committeeId",
                "须为管理委员会。",
                "must be a management committee.",
            ));
        }
        let from = self.from.map_or_else(|| today(tx), |date| date.0);
        let (earliest, latest) =
            (committee.valid_from.max(township.valid_from), today(tx) + chrono::TimeDelta::days(366));
        if !(earliest..=latest).contains(&from) || committee.valid_to.is_some() {
            return refuse(Refusal::DeadlineInvalid {
                path: "input.from".into(),
                earliest: Some(earliest),
                latest: Some(latest),
                rule: Rule {
                    zh: "不得早于管委会或该区划设立之日，不得晚于一年之后，且管委会须存续。",
                    en: "Not before the committee or the division began, not after a year from now, and by a committee that exists.",
                },
            });
        }
        if store::is_zoned_from(tx.db(), township.id, from).await? {
            return refuse(Refusal::invalid("input.divisionId", InputProblem::Duplicate));
        }
        let written = store::insert_zone(tx, &permit, actor.province, township.id, committee.id, from).await;
        unique(written, "input.divisionId")?;
        tx.record(
            Event::new(Action::AssignTownshipToZone, actor.province, "Division", township.id, township.path)
                .concerning(committee.id)
                .change(json!(null), json!({ "committee": committee.name, "from": from })),
        );
        Ok(township.id)
    }
}

impl UseCase for ReleaseTownshipFromZone {
    const NAME: &'static str = "releaseTownshipFromZone";
    type Output = DivisionId;

    async fn execute(&self, tx: &Tx) -> Outcome<DivisionId> {
        let actor = tx.actor()?;
        let township = division(tx, self.division_id, "input.divisionId").await?;
        let target = Target::at(township.id.0, actor.province, &township.path);
        let permit = permit::<act::ReleaseTownshipFromZone>(actor, &target)?;
        let on = self.on.map_or_else(|| today(tx), |date| date.0);
        let Some((overlay, committee)) = store::zones_of(tx.db(), &[township.id], on).await?.remove(&township.id)
        else {
            return refuse(Refusal::wrong_state(("NO_ZONE", "不在功能区管理范围"), &[("IN_ZONE", "在功能区管理范围")]));
        };
        store::end_zone(tx, &permit, overlay, on).await?;
        tx.record(
            Event::new(Action::ReleaseTownshipFromZone, actor.province, "Division", township.id, township.path)
                .concerning(committee)
                .change(json!(null), json!({ "to": on })),
        );
        Ok(township.id)
    }
}

impl UseCase for ConfigureReviewChain {
    const NAME: &'static str = "configureReviewChain";
    type Output = OrgUnitId;

    async fn execute(&self, tx: &Tx) -> Outcome<OrgUnitId> {
        let actor = tx.actor()?;
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let authority = org(tx, self.authority_id, "input.authorityId").await?;
        let permit = permit::<act::ConfigureReviewChain>(
            actor,
            &Target::owned(authority.id, authority.province, authority.id, &authority.path),
        )?;
        if !matches!(authority.kind, OrgKind::CommitteeGovernment | OrgKind::ManagementCommittee) {
            return refuse(Refusal::conflict("input.authorityId", "须为决定机构。", "must be a decision body."));
        }
        let mut above = authority.level.number();
        let mut names = Vec::new();
        for (index, id) in self.office_ids.iter().enumerate() {
            let path = format!("input.officeIds.{index}");
            let office = org(tx, *id, &path).await?;
            let good = office.kind == OrgKind::EstablishmentOffice
                && office.level.number() < above
                && valid_on(office.valid_from, office.valid_to, today(tx));
            if !good {
                return refuse(Refusal::conflict(
                    path,
                    "须为层级逐级升高的编办。",
                    "must be an establishment office above the one before it.",
                ));
            }
            above = office.level.number();
            names.push(office.name);
        }
        if !self.office_ids.is_empty() && above != DivisionLevel::Province.number() {
            return refuse(Refusal::conflict(
                "input.officeIds",
                "审批链须以省级编办结束。",
                "must end with an office of the province level.",
            ));
        }
        store::set_chain(tx, &permit, authority.province, &self.office_ids).await?;
        tx.record(
            event(Action::ConfigureReviewChain, &authority)
                .because(Some(&reason))
                .change(json!(null), json!({ "chain": names })),
        );
        Ok(authority.id)
    }
}
