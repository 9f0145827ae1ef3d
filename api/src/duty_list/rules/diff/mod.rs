//! What changed between two versions, or differs between two townships, and whether it weighs heavier on the township.

mod items;
mod lists;

pub use self::items::*;
pub use self::lists::*;

use crate::duty_list::rules::content::{Content, DutyCategory};
use crate::kernel::ids::DutyItemId;

crate::api_enum! {
    /// Kind of a difference (差异类型).
    pub enum DiffKind {
        /// A new item (新增).
        Added,
        /// An item is gone (删除).
        Removed,
        /// An item moved to another category (类别调整).
        Reclassified,
        /// Another name (名称调整).
        Renamed,
        /// Other departments (责任部门调整).
        LeadChanged,
        /// A clause more (新增条款).
        ClauseAdded,
        /// A clause less (删除条款).
        ClauseRemoved,
        /// A clause says nearly the same in other words (条款文字调整).
        ClauseReworded,
        /// Another legal basis (依据调整).
        BasisChanged,
        /// A penalty power was given or taken (处罚权调整).
        PenaltyChanged,
        /// Another way of doing a reclaimed item (工作方式调整).
        MethodChanged,
        /// Another place in the order or another domain class (排序或领域调整).
        Reordered,
        /// An item became several (拆分).
        Split,
        /// Several items became one (合并).
        Merged,
    }
}

crate::api_enum! {
    /// Whether a change weighs heavier or lighter on the township (负担变化).
    pub enum BurdenDirection {
        /// Heavier (加重).
        Heavier,
        /// Lighter (减轻).
        Lighter,
        /// Neither (不变).
        Neutral,
    }
}

crate::api_enum! {
    /// Whose duty a clause states (条款归属).
    pub enum ClauseSide {
        /// The department's (上级部门职责).
        Superior,
        /// The township's (乡镇配合职责).
        Township,
    }
}

/// An item on one side of a comparison.
#[derive(Clone, Debug)]
pub struct Sided<'a> {
    /// The item.
    pub item: DutyItemId,
    /// Its place in its category.
    pub ordinal: i32,
    /// What it says.
    pub content: &'a Content,
    /// Items it came from.
    pub derived_from: &'a [DutyItemId],
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind.
    pub kind: DiffKind,
    /// Heavier or lighter.
    pub burden: BurdenDirection,
    /// The item before.
    pub old: Option<DutyItemId>,
    /// The item after.
    pub new: Option<DutyItemId>,
    /// Whose clause, for clauses.
    pub side: Option<ClauseSide>,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl Difference {
    fn new(kind: DiffKind, burden: BurdenDirection) -> Self {
        Self { kind, burden, old: None, new: None, side: None, from: None, to: None }
    }

    fn texts(mut self, from: impl Into<Option<String>>, to: impl Into<Option<String>>) -> Self {
        self.from = from.into();
        self.to = to.into();
        self
    }

    fn on(mut self, side: ClauseSide) -> Self {
        self.side = Some(side);
        self
    }
}

/// From this likeness in per cent on, a clause counts as reworded rather than replaced.
const SAME_CLAUSE: u8 = 75;

fn by_weight(old: u8, new: u8) -> BurdenDirection {
    match old.cmp(&new) {
        std::cmp::Ordering::Less => BurdenDirection::Heavier,
        std::cmp::Ordering::Equal => BurdenDirection::Neutral,
        std::cmp::Ordering::Greater => BurdenDirection::Lighter,
    }
}

/// A duty on the list weighs; a reclaimed item protects.
fn presence(category: DutyCategory, added: bool) -> BurdenDirection {
    match (category, added) {
        (DutyCategory::Reclaimed, true) | (DutyCategory::Basic | DutyCategory::Cooperative, false) => {
            BurdenDirection::Lighter
        }
        (DutyCategory::Reclaimed, false) | (DutyCategory::Basic | DutyCategory::Cooperative, true) => {
            BurdenDirection::Heavier
        }
    }
}

/// The direction of several changes together: one heavier change makes the whole heavier.
#[must_use]
pub fn overall(differences: &[Difference]) -> BurdenDirection {
    let has = |burden| differences.iter().any(|difference| difference.burden == burden);
    if has(BurdenDirection::Heavier) {
        BurdenDirection::Heavier
    } else if has(BurdenDirection::Lighter) {
        BurdenDirection::Lighter
    } else {
        BurdenDirection::Neutral
    }
}

#[cfg(test)]
mod tests;
