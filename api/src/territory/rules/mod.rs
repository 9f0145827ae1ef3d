//! What divisions are, who decides on a list, who reviews above. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::kernel::{
    ids::{DivisionId, OfficeId, OrgUnitId, PositionId, ProvinceId},
    place::{
        DivisionLevel::{self, County, Prefecture, Province, Township},
        OrgKind,
    },
    refusal::{Named, Refusal},
    role::Role,
};

crate::api_enum! {
    /// Kind of a division (区划类别), read off its name and stored; never derived from its code.
    pub enum DivisionKind {
        /// Province (省).
        Province,
        /// Autonomous region (自治区).
        AutonomousRegion,
        /// Municipality under the central government (直辖市).
        Municipality,
        /// Special administrative region (特别行政区).
        SpecialAdministrativeRegion,
        /// Prefecture-level city (地级市).
        PrefectureCity,
        /// Prefecture (地区).
        Prefecture,
        /// Autonomous prefecture (自治州).
        AutonomousPrefecture,
        /// League (盟).
        League,
        /// District, special district or forest district (区).
        District,
        /// County (县).
        County,
        /// Autonomous county (自治县).
        AutonomousCounty,
        /// County-level city (县级市).
        CountyCity,
        /// Banner (旗).
        Banner,
        /// Autonomous banner (自治旗).
        AutonomousBanner,
        /// Town (镇).
        Town,
        /// Sub-district (街道).
        Subdistrict,
        /// Township (乡).
        Township,
        /// Ethnic township (民族乡).
        EthnicTownship,
        /// Sumu (苏木).
        Sumu,
        /// District office (区公所).
        DistrictOffice,
    }
}

/// The kind that a name tells, given the level.
#[must_use]
pub fn kind_of(level: DivisionLevel, name: &str) -> DivisionKind {
    use DivisionKind as K;
    let ends = |suffix: &str| name.ends_with(suffix);
    match level {
        Province if ends("特别行政区") => K::SpecialAdministrativeRegion,
        Province if ends("自治区") => K::AutonomousRegion,
        Province if ends("市") => K::Municipality,
        Province => K::Province,
        Prefecture if ends("自治州") => K::AutonomousPrefecture,
        Prefecture if ends("地区") => K::Prefecture,
        Prefecture if ends("盟") => K::League,
        Prefecture => K::PrefectureCity,
        County if ends("自治县") => K::AutonomousCounty,
        County if ends("自治旗") => K::AutonomousBanner,
        County if ends("旗") => K::Banner,
        County if ends("县") => K::County,
        County if ends("市") => K::CountyCity,
        County => K::District,
        Township if ends("街道") || ends("街道办事处") => K::Subdistrict,
        Township if ends("苏木") => K::Sumu,
        Township if ends("区公所") => K::DistrictOffice,
        Township if ends("镇") => K::Town,
        Township if ends("乡") && name.contains('族') => K::EthnicTownship,
        Township => K::Township,
    }
}

/// Whether divisions of a kind exist at a level.
#[must_use]
pub fn kind_fits(kind: DivisionKind, level: DivisionLevel) -> bool {
    use DivisionKind as K;
    let at = match kind {
        K::Province | K::AutonomousRegion | K::Municipality | K::SpecialAdministrativeRegion => Province,
        K::PrefectureCity | K::Prefecture | K::AutonomousPrefecture | K::League => Prefecture,
        K::District | K::County | K::AutonomousCounty | K::CountyCity | K::Banner | K::AutonomousBanner => County,
        K::Town | K::Subdistrict | K::Township | K::EthnicTownship | K::Sumu | K::DistrictOffice => Township,
    };
    level == at
}

/// Whether a division of a level may bear `code` directly below the division with the code `parent`: the first two
/// digits are the province's, and a township's first six are those of the division it stands below, be that a county or
/// a prefecture without counties such as 东莞. The national table knows no exception: zones whose townships have codes
/// of their own are not in it, a township that a zone administers keeps its county's.
#[must_use]
pub fn code_fits(level: DivisionLevel, code: &str, parent: &str) -> bool {
    let shared = if level == Township { 6 } else { 2 };
    code.len() == code_length(level) && parent.get(..shared).is_some_and(|digits| code.starts_with(digits))
}

/// A division in one period of validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Id.
    pub id: DivisionId,
    /// Code of six digits, nine for a township.
    pub code: String,
    /// Name.
    pub name: String,
    /// Level.
    pub level: DivisionLevel,
    /// Kind.
    pub kind: DivisionKind,
    /// The division above.
    pub parent: Option<DivisionId>,
    /// Codes from the province down, joined by dots.
    pub path: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// First day on which it no longer exists.
    pub valid_to: Option<NaiveDate>,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgUnit {
    /// Id.
    pub id: OrgUnitId,
    /// Province.
    pub province: ProvinceId,
    /// The territory it serves.
    pub division: DivisionId,
    /// Path of that territory.
    pub path: String,
    /// Level.
    pub level: DivisionLevel,
    /// Kind.
    pub kind: OrgKind,
    /// Full name.
    pub name: String,
    /// Name in daily use.
    pub short_name: String,
    /// The management committee it belongs to, or the line above a vertical department.
    pub parent: Option<OrgUnitId>,
    /// Whether it belongs to a line above rather than to the local government.
    pub vertical: bool,
    /// Who continues it.
    pub successor: Option<OrgUnitId>,
    /// First day.
    pub valid_from: NaiveDate,
    /// First day on which it no longer exists.
    pub valid_to: Option<NaiveDate>,
    /// Revision.
    pub revision: i32,
}

impl OrgUnit {
    /// The organisation as a fact of a refusal.
    #[must_use]
    pub fn named(&self) -> Named {
        Named::new(self.id, &self.name)
    }

    /// Whether it exists on `day`.
    #[must_use]
    pub fn exists_on(&self, day: NaiveDate) -> bool {
        valid_on(self.valid_from, self.valid_to, day)
    }
}

/// An internal office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Id.
    pub id: OfficeId,
    /// Its organisation.
    pub org: OrgUnitId,
    /// Name.
    pub name: String,
    /// Place in the order of offices.
    pub ordinal: i32,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Revision.
    pub revision: i32,
}

/// A position inside an internal office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Id.
    pub id: PositionId,
    /// Its office.
    pub office: OfficeId,
    /// Name.
    pub name: String,
    /// Place in the order of positions.
    pub ordinal: i32,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Revision.
    pub revision: i32,
}

/// A division's place above a township, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// The division.
    pub id: DivisionId,
    /// Its level.
    pub level: DivisionLevel,
}

/// Whether a body has at most one organisation of this kind: the body itself and the offices that procedures look for
/// by their kind. There are several departments and zones, party and government may each have a general office and an
/// inspection office, and lines and centres for several purposes stand side by side. The index `org_unit_one` says the
/// same in SQL.
#[must_use]
pub fn one_per_body(kind: OrgKind) -> bool {
    use OrgKind as K;
    match kind {
        K::CommitteeGovernment
        | K::EstablishmentOffice
        | K::Township
        | K::Justice
        | K::Finance
        | K::AssessmentOffice
        | K::BurdenOffice
        | K::DisciplineCommission => true,
        K::Department
        | K::ManagementCommittee
        | K::GeneralOffice
        | K::InspectionOffice
        | K::HotlineCentre
        | K::Operator => false,
    }
}

/// Where the list of a township is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// By the management committee that administers the township.
    Zone(OrgUnitId),
    /// By the committee and government of this division.
    Division(DivisionId),
}

/// Who plays the county for a township: the zone that administers it, else the nearest county, else the prefecture,
/// else — for a township directly below a province — the province. Our own choice where no rule says.
#[must_use]
pub fn list_authority(zone: Option<OrgUnitId>, ancestors: &[Ancestor]) -> Option<Seat> {
    if let Some(committee) = zone {
        return Some(Seat::Zone(committee));
    }
    [County, Prefecture, Province]
        .into_iter()
        .find_map(|level| ancestors.iter().find(|ancestor| ancestor.level == level))
        .map(|ancestor| Seat::Division(ancestor.id))
}

/// The divisions whose establishment offices review above a decision body of level `authority` that sits in the first of
/// `lineage` (itself first, then its ancestors upward): every existing level above, none skipped and none invented.
#[must_use]
pub fn review_divisions(authority: DivisionLevel, lineage: &[Ancestor]) -> Vec<DivisionId> {
    lineage.iter().filter(|division| division.level.number() < authority.number()).map(|division| division.id).collect()
}

/// Whether a person may hold `role` in an organisation of this kind and level.
pub fn may_hold(role: Role, kind: OrgKind, level: DivisionLevel, path: &str) -> Result<(), Refusal> {
    use Role as R;
    let fits = match role {
        R::TownshipPartySecretary | R::TownshipHead | R::TownshipLeader | R::TownshipListAdmin | R::TownshipStaff => {
            kind == OrgKind::Township
        }
        R::DeptHead | R::DeptOfficer => kind.can_owe_duties() && kind != OrgKind::EstablishmentOffice,
        R::EoCounty => kind == OrgKind::EstablishmentOffice && matches!(level, County | Prefecture),
        R::EoCity => kind == OrgKind::EstablishmentOffice && level == Prefecture,
        R::EoProvince => kind == OrgKind::EstablishmentOffice && level == Province,
        R::DecisionClerk => kind == OrgKind::GeneralOffice,
        R::Legal => kind == OrgKind::Justice,
        R::Finance => kind == OrgKind::Finance,
        R::Assessment => kind == OrgKind::AssessmentOffice,
        R::Dispatcher => kind == OrgKind::HotlineCentre,
        R::BurdenOfficer => kind == OrgKind::BurdenOffice,
        R::Inspector => kind == OrgKind::InspectionOffice,
        R::Discipline => kind == OrgKind::DisciplineCommission,
        R::CountyLeader => matches!(kind, OrgKind::CommitteeGovernment | OrgKind::ManagementCommittee),
        R::TechnicalAdmin => kind == OrgKind::Operator,
    };
    if fits {
        Ok(())
    } else {
        Err(Refusal::conflict(
            path,
            "该角色不能在此类机构任职。",
            "this role cannot be held in an organisation of this kind and level.",
        ))
    }
}

/// Whether something valid from one day to another exists on `day`.
#[must_use]
pub fn valid_on(from: NaiveDate, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}

/// The id of a division: the same in every deployment, so that references to it can be exchanged.
#[must_use]
pub fn division_id(code: &str, valid_from: NaiveDate) -> DivisionId {
    const NAMESPACE: Uuid = Uuid::from_u128(0x7964_616e_0000_4000_8000_0064_6976_6973);
    DivisionId(Uuid::new_v5(&NAMESPACE, format!("{code}@{valid_from}").as_bytes()))
}

/// The day of the national table that comes with the program; nothing is known of the days before it.
#[must_use]
pub fn records_begin() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default()
}

/// Digits a code has at each level.
#[must_use]
pub fn code_length(level: DivisionLevel) -> usize {
    if level == Township { 9 } else { 6 }
}

#[cfg(test)]
mod tests;
