//! Roles: in what capacity a person acts in an organisation.

crate::api_enum! {
    /// In what capacity a person acts (角色). Powers follow from the role together with the organisation, never from
    /// the role alone.
    pub enum Role {
        /// Township Party secretary (乡镇党委书记、街道党工委书记), one of the two heads.
        TownshipPartySecretary,
        /// Township head (乡镇长、街道办事处主任), the other of the two heads.
        TownshipHead,
        /// Member of the township's leadership team (乡镇班子成员).
        TownshipLeader,
        /// Keeper of the township's list (乡镇清单管理员).
        TownshipListAdmin,
        /// Township staff (乡镇工作人员).
        TownshipStaff,
        /// Head of a department (部门负责人).
        DeptHead,
        /// Officer of a department (部门经办人).
        DeptOfficer,
        /// Establishment office where the lists are decided (县级编办); for a prefecture without counties, its own.
        EoCounty,
        /// Establishment office between the list authority and the province (市级编办).
        EoCity,
        /// Establishment office of the province (省委编办).
        EoProvince,
        /// Clerk who enters the decisions of a committee and government (两办决定登记员).
        DecisionClerk,
        /// Legal reviewer (司法局合法性审查员).
        Legal,
        /// Finance reviewer (财政局审核员).
        Finance,
        /// Assessment office (考核办).
        Assessment,
        /// Hotline or command centre (12345、指挥中心).
        Dispatcher,
        /// Burden-reduction office (减负办).
        BurdenOfficer,
        /// Inspection (督查、巡察).
        Inspector,
        /// Discipline commission (纪委监委).
        Discipline,
        /// County leader (县领导).
        CountyLeader,
        /// Technical administrator (技术管理员): accounts, organisations and settings of access, no business power.
        TechnicalAdmin,
    }
}

impl Role {
    /// Whether the role sees the whole territory of its organisation rather than only what names the organisation.
    #[must_use]
    pub fn sees_territory(self) -> bool {
        match self {
            Self::EoCounty
            | Self::EoCity
            | Self::EoProvince
            | Self::DecisionClerk
            | Self::BurdenOfficer
            | Self::Inspector
            | Self::Discipline
            | Self::CountyLeader => true,
            Self::TownshipPartySecretary
            | Self::TownshipHead
            | Self::TownshipLeader
            | Self::TownshipListAdmin
            | Self::TownshipStaff
            | Self::DeptHead
            | Self::DeptOfficer
            | Self::Legal
            | Self::Finance
            | Self::Assessment
            | Self::Dispatcher
            | Self::TechnicalAdmin => false,
        }
    }

    /// Whether the role takes part in the business at all; a technical administrator does not.
    #[must_use]
    pub fn has_business(self) -> bool {
        self != Self::TechnicalAdmin
    }
}
