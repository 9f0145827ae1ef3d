//! What a request proposes: the changes as typed, held against the lists they would change. Adjustment and admission
//! both read their changes here.

use std::collections::HashMap;

use super::{
    content::{ItemContent, content},
    known_list,
};
use crate::{
    duty_list::{
        rules::{
            change::{self, ChangeDirection, Touched, check_direction},
            content::Content,
            diff::{BurdenDirection, Sided},
        },
        store::{
            self,
            change::{Change, Target},
            items::Revision,
            lists::DutyList,
        },
    },
    kernel::{
        fault::{Outcome, refuse},
        ids::{ChangeId, DutyItemId, DutyListId},
        refusal::{InputProblem, Refusal},
        runner::Tx,
        scope::Scope,
    },
};

crate::api_input! {
    /// A change that a request asks for (申请事项).
    part ProposedChange {
        /// What is to happen (调整方式).
        direction: ChangeDirection,
        /// Lists a new item joins; for `ADD` only (新增到哪些清单).
        list_ids: Option<Vec<DutyListId>>,
        /// Items to change, at most one per list; for everything but `ADD` (调整哪些事项).
        item_ids: Option<Vec<DutyItemId>>,
        /// What the item would say; not for `REMOVE` (调整后内容).
        content: Option<ItemContent>,
        /// Items that a new one splits off from or merges; these are to be removed in the same request (拆分或合并自).
        derived_from: Option<Vec<DutyItemId>>,
    }
}

/// What a request proposes, read and judged.
pub struct Proposal {
    /// The changes.
    pub changes: Vec<Change>,
    /// The lists they touch, by id.
    pub lists: Vec<DutyList>,
    /// Heavier or lighter as a whole.
    pub burden: BurdenDirection,
    /// The words by which it is held against refused ones.
    pub fingerprint: String,
}

struct Reader<'a> {
    tx: &'a Tx,
    lists: HashMap<DutyListId, DutyList>,
    current: HashMap<DutyItemId, (Revision, Content)>,
}

impl Reader<'_> {
    async fn list(&mut self, id: DutyListId, path: &str) -> Outcome<DutyList> {
        if let Some(known) = self.lists.get(&id) {
            return Ok(known.clone());
        }
        let list = known_list(self.tx, id, path).await?;
        super::in_force(self.tx, &list).await?;
        self.lists.insert(id, list.clone());
        Ok(list)
    }

    /// The item as it reads in force now.
    async fn item(&mut self, id: DutyItemId, path: &str) -> Outcome<(Revision, Content)> {
        if let Some(known) = self.current.get(&id) {
            return Ok(known.clone());
        }
        let scope = Scope::of(self.tx.ctx());
        let at = super::now(self.tx.now());
        let found = store::items::current(self.tx.db(), &scope, &[id], at).await?.remove(&id);
        let Some(revision) = found else {
            // Known but no longer in force is another answer than unknown.
            return match store::items::items(self.tx.db(), &scope, &[id]).await?.remove(&id) {
                Some(item) => {
                    refuse(Refusal::CitationStale { item: crate::kernel::refusal::Named::new(item.id, item.code) })
                }
                None => refuse(Refusal::not_found(path)),
            };
        };
        self.list(revision.list, path).await?;
        let mut departments = store::items::departments(self.tx.db(), &[revision.id]).await?;
        let content = revision.content(departments.remove(&revision.id).unwrap_or_default());
        self.current.insert(id, (revision.clone(), content.clone()));
        Ok((revision, content))
    }

    async fn change(&mut self, input: &ProposedChange, path: &str) -> Outcome<Change> {
        let new = match &input.content {
            Some(given) => Some(content(self.tx, given, &format!("{path}.content")).await?),
            None => None,
        };
        let mut targets = Vec::new();
        let mut derived_from = Vec::new();
        for (index, id) in input.derived_from.as_deref().unwrap_or_default().iter().enumerate() {
            let at = format!("{path}.derivedFrom.{index}");
            derived_from.push(self.item(*id, &at).await?.0);
        }
        if input.direction == ChangeDirection::Add {
            check_direction(input.direction, None, new.as_ref(), path)?;
            let ids = input.list_ids.as_deref().unwrap_or_default();
            bounded(ids.len(), &format!("{path}.listIds"))?;
            if input.item_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
                return refuse(Refusal::conflict(
                    format!("{path}.itemIds"),
                    "增加事项不指定已有事项。",
                    "an addition names no existing item.",
                ));
            }
            for (index, id) in ids.iter().enumerate() {
                let list = self.list(*id, &format!("{path}.listIds.{index}")).await?;
                let sources = derived_from
                    .iter()
                    .filter(|revision| revision.list == list.id)
                    .map(|revision| revision.item)
                    .collect();
                targets.push(target(list.id, None, sources));
            }
        } else {
            let ids = input.item_ids.as_deref().unwrap_or_default();
            bounded(ids.len(), &format!("{path}.itemIds"))?;
            if input.list_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
                return refuse(Refusal::conflict(
                    format!("{path}.listIds"),
                    "调整已有事项不指定清单。",
                    "a change of existing items names no lists.",
                ));
            }
            for (index, id) in ids.iter().enumerate() {
                let (revision, old) = self.item(*id, &format!("{path}.itemIds.{index}")).await?;
                check_direction(input.direction, Some(&old), new.as_ref(), path)?;
                targets.push(target(revision.list, Some(&revision), Vec::new()));
            }
        }
        let mut lists: Vec<DutyListId> = targets.iter().map(|target| target.list).collect();
        lists.sort_unstable();
        lists.dedup();
        if lists.len() != targets.len() {
            return refuse(Refusal::invalid(path, InputProblem::Duplicate));
        }
        Ok(Change {
            id: ChangeId::new(),
            direction: input.direction,
            burden: BurdenDirection::Neutral,
            content: new,
            targets,
        })
    }

    /// What each touched list is and would be.
    fn touched<'b>(&'b self, changes: &'b [Change]) -> Vec<Touched<'b>> {
        self.lists
            .keys()
            .map(|list| {
                let mut touched = Touched { before: Vec::new(), after: Vec::new() };
                for change in changes {
                    for target in change.targets.iter().filter(|target| target.list == *list) {
                        let old = target.item.and_then(|item| self.current.get(&item));
                        touched.before.extend(
                            old.map(|(revision, content)| sided(revision.item, revision.ordinal, content, &[])),
                        );
                        touched.after.extend(change.content.as_ref().map(|content| {
                            let item = target.item.unwrap_or(DutyItemId(target.id));
                            sided(item, old.map_or(0, |(revision, _)| revision.ordinal), content, &target.derived_from)
                        }));
                    }
                }
                touched
            })
            .collect()
    }
}

fn sided<'a>(item: DutyItemId, ordinal: i32, content: &'a Content, derived_from: &'a [DutyItemId]) -> Sided<'a> {
    Sided { item, ordinal, content, derived_from }
}

fn target(list: DutyListId, old: Option<&Revision>, derived_from: Vec<DutyItemId>) -> Target {
    Target {
        id: uuid::Uuid::now_v7(),
        list,
        item: old.map(|old| old.item),
        base: old.map(|old| old.id),
        derived_from,
        draft: None,
        incorporated_at: None,
    }
}

fn bounded(count: usize, path: &str) -> Outcome<()> {
    match count {
        0 => refuse(Refusal::invalid(path, InputProblem::TooFew { min: 1 })),
        1..=60 => Ok(()),
        _ => refuse(Refusal::invalid(path, InputProblem::TooMany { max: 60 })),
    }
}

/// Reads the changes of a request, which stand at `path` of its input, and judges them against the lists in force.
pub async fn read(tx: &Tx, input: &[ProposedChange], path: &str) -> Outcome<Proposal> {
    if input.is_empty() {
        return refuse(Refusal::invalid(path, InputProblem::TooFew { min: 1 }));
    }
    if input.len() > 20 {
        return refuse(Refusal::invalid(path, InputProblem::TooMany { max: 20 }));
    }
    let mut reader = Reader { tx, lists: HashMap::new(), current: HashMap::new() };
    let mut changes = Vec::new();
    for (index, one) in input.iter().enumerate() {
        changes.push(reader.change(one, &format!("{path}.{index}")).await?);
    }
    let mut items: Vec<DutyItemId> =
        changes.iter().flat_map(|change| change.targets.iter().filter_map(|target| target.item)).collect();
    let count = items.len();
    items.sort_unstable();
    items.dedup();
    if items.len() != count {
        return refuse(Refusal::invalid(path, InputProblem::Duplicate));
    }
    let burdens: Vec<BurdenDirection> =
        (0..changes.len()).map(|index| change::burden(&reader.touched(&changes[index..=index]))).collect();
    let burden = change::burden(&reader.touched(&changes));
    for (change, burden) in std::iter::zip(&mut changes, burdens) {
        change.burden = burden;
    }
    let said = changes.iter().flat_map(|change| {
        let removed = change.targets.iter().filter_map(|target| Some(&reader.current.get(&target.item?)?.1)).take(1);
        change.content.iter().chain(removed.filter(|_| change.content.is_none()))
    });
    let fingerprint = change::fingerprint(said);
    let mut lists: Vec<DutyList> = reader.lists.into_values().collect();
    lists.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(Proposal { changes, lists, burden, fingerprint })
}
