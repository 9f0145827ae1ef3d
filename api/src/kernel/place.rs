//! Levels of government and kinds of organisation: the vocabulary every wing uses to speak of who is who.

crate::api_enum! {
    /// Level of an administrative division or of an organisation (层级). Never decides who plays which part: ask
    /// `listAuthority` and `reviewChain`.
    pub enum DivisionLevel {
        /// Province, autonomous region, municipality (省级).
        Province,
        /// Prefecture (地级).
        Prefecture,
        /// County (县级).
        County,
        /// Township (乡级).
        Township,
    }
}

impl DivisionLevel {
    /// 1 for the province down to 4 for the township, as stored and as in the national table.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Province => 1,
            Self::Prefecture => 2,
            Self::County => 3,
            Self::Township => 4,
        }
    }

    /// The level with this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.number() == number)
    }
}

crate::api_enum! {
    /// Kind of an organisation (机构类别).
    pub enum OrgKind {
        /// Party committee and government as one decision body (党委、政府).
        CommitteeGovernment,
        /// Management committee of a functional zone, decision body of the townships it runs (开发区管委会).
        ManagementCommittee,
        /// Establishment office, owner of the lists (编办).
        EstablishmentOffice,
        /// Department (部门).
        Department,
        /// Township or sub-district (乡镇、街道).
        Township,
        /// General offices that record decisions and control documents (党委办、政府办).
        GeneralOffice,
        /// Justice bureau, reviewer of legality (司法局).
        Justice,
        /// Finance bureau (财政局).
        Finance,
        /// Assessment office (考核办).
        AssessmentOffice,
        /// Burden-reduction office (减负办).
        BurdenOffice,
        /// Inspection office (督查室).
        InspectionOffice,
        /// Discipline commission (纪委监委).
        DisciplineCommission,
        /// Hotline or command centre (12345中心、指挥中心).
        HotlineCentre,
        /// Operator of this system (平台运维单位).
        Operator,
    }
}

impl OrgKind {
    /// Whether the organisation can be named by an item as lead, co-lead, guide or taking-over department. Justice,
    /// finance and other bureaus have duties of their own; townships, decision bodies and the operator do not.
    #[must_use]
    pub fn can_owe_duties(self) -> bool {
        !matches!(self, Self::Township | Self::CommitteeGovernment | Self::ManagementCommittee | Self::Operator)
    }
}

/// Whether `path` lies in the territory `root` (or is it). Paths are division codes joined by dots.
#[must_use]
pub fn within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The half-open range of paths strictly below `root`: `.` is followed by `/` in every collation by bytes.
#[must_use]
pub fn below(root: &str) -> (String, String) {
    (format!("{root}."), format!("{root}/"))
}
