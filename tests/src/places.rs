//! Provinces, counties, townships and departments by the words of the domain.
//!
//! `world.province("320000")` serves a province; `.county("320102")` registers the decision body of a division and the
//! offices around it; `.township("320102001")` and `.department("应急管理局")` what belongs to it. Asking a second time
//! for the same place is a mistake of the test: organisations are registered once.

use std::{collections::BTreeMap, fmt};

use chrono::NaiveDate;
use yidan::{
    identity,
    kernel::{
        clock::china_date,
        ids::{DivisionId, OrgUnitId, ProvinceId},
        place::{DivisionLevel, OrgKind},
        role::Role,
        runner::run,
    },
    setup::{self, RegisterOrg},
    territory::{rules::Division, store},
};

use crate::{Client, World};

/// A registered organisation.
#[derive(Clone)]
pub struct Org {
    pub(crate) world: World,
    pub(crate) province: String,
    /// Its id.
    pub id: OrgUnitId,
    /// Its full name.
    pub name: String,
    /// Its kind.
    pub kind: OrgKind,
}

impl fmt::Debug for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.id)
    }
}

impl Org {
    /// The person in this role, logged in; the same one whenever asked for.
    pub async fn person(&self, role: Role) -> Client {
        self.world.person(self, role).await
    }

    /// Another person in this role, logged in.
    pub async fn another(&self, role: Role) -> Client {
        self.world.another_person(self, &[role]).await
    }
}

/// A served province.
#[derive(Clone)]
pub struct Province {
    world: World,
    /// Its id.
    pub id: ProvinceId,
    /// Its code.
    pub code: String,
    /// The organisation of its technical administrators.
    pub operator: Org,
}

/// A decision body with the offices around it: a county, or a prefecture or province in the same part.
#[derive(Clone)]
pub struct Seat {
    province: Province,
    /// The division it sits in.
    pub division: Division,
    /// The committee and government, or the management committee of a zone.
    pub authority: Org,
    offices: BTreeMap<OrgKind, Org>,
}

/// A township.
#[derive(Clone)]
pub struct Township {
    /// Its division.
    pub division: Division,
    /// Its organisation.
    pub org: Org,
}

impl World {
    /// The province with this code, served from now on. Has a technical administrator and nothing else yet.
    pub async fn province(&self, code: &str) -> Province {
        let ctx = self.system();
        let operator = setup::operator(&ctx, code).await.unwrap();
        let row = store::province_by_code(ctx.db().read(), code).await.unwrap().expect("a served province");
        let operator = Org {
            world: self.clone(),
            province: code.to_owned(),
            id: operator,
            name: format!("{}依单平台运维中心", row.name),
            kind: OrgKind::Operator,
        };
        Province { world: self.clone(), id: row.id, code: code.to_owned(), operator }
    }

    /// The division that bears `code` today.
    pub async fn division(&self, code: &str) -> Division {
        self.division_on(code, china_date(self.now())).await
    }

    /// The division that bears `code` on a day.
    pub async fn division_on(&self, code: &str, day: NaiveDate) -> Division {
        let found = store::division_by_code(self.platform().db.read(), code, day).await.unwrap();
        found.unwrap_or_else(|| panic!("no division {code}"))
    }
}

/// The offices around a decision body, with what follows the division's name in theirs.
const OFFICES: &[(OrgKind, &str)] = &[
    (OrgKind::EstablishmentOffice, "委机构编制委员会办公室"),
    (OrgKind::GeneralOffice, "委办公室、政府办公室"),
    (OrgKind::Justice, "司法局"),
    (OrgKind::Finance, "财政局"),
    (OrgKind::AssessmentOffice, "委考核工作委员会办公室"),
    (OrgKind::BurdenOffice, "整治形式主义为基层减负专项工作办公室"),
    (OrgKind::InspectionOffice, "委政府督查室"),
    (OrgKind::DisciplineCommission, "纪律检查委员会、监察委员会"),
    (OrgKind::HotlineCentre, "12345政务服务便民热线中心"),
];

/// Everything about an organisation that is usually the same.
pub struct NewOrg {
    /// Code of its division.
    pub code: String,
    /// Kind.
    pub kind: OrgKind,
    /// Full name.
    pub name: String,
    /// Level, if not that of the division.
    pub level: Option<DivisionLevel>,
    /// What it belongs to.
    pub parent: Option<OrgUnitId>,
    /// Whether it belongs to a line above.
    pub vertical: bool,
}

impl NewOrg {
    /// An organisation of the division with this code.
    pub fn new(code: &str, kind: OrgKind, name: impl Into<String>) -> Self {
        Self { code: code.to_owned(), kind, name: name.into(), level: None, parent: None, vertical: false }
    }
}

impl Province {
    /// Its technical administrator, logged in.
    pub async fn admin(&self) -> Client {
        self.operator.person(Role::TechnicalAdmin).await
    }

    /// Registers an organisation.
    pub async fn org(&self, new: NewOrg) -> Org {
        let register = RegisterOrg {
            province: self.id,
            division_code: new.code,
            kind: new.kind,
            name: new.name.clone(),
            short_name: new.name.clone(),
            level: new.level,
            parent: new.parent,
            vertical: new.vertical,
        };
        let id = run(&self.world.system(), &register).await.unwrap_or_else(|error| panic!("{}: {error:?}", new.name));
        Org { world: self.world.clone(), province: self.code.clone(), id, name: new.name, kind: new.kind }
    }

    /// The decision body of a division with all offices around it: a county, or a prefecture that plays one.
    pub async fn county(&self, code: &str) -> Seat {
        let division = self.world.division(code).await;
        let name = format!("中共{0}委员会、{0}人民政府", division.name);
        let authority = self.org(NewOrg::new(code, OrgKind::CommitteeGovernment, name)).await;
        let mut offices = BTreeMap::new();
        for (kind, suffix) in OFFICES {
            offices.insert(*kind, self.org(NewOrg::new(code, *kind, format!("{}{suffix}", division.name))).await);
        }
        Seat { province: self.clone(), division, authority, offices }
    }

    /// The establishment office of a division above the counties, or of the province itself.
    pub async fn establishment_office(&self, code: &str) -> Org {
        let division = self.world.division(code).await;
        let name = format!("{}委机构编制委员会办公室", division.name);
        self.org(NewOrg::new(code, OrgKind::EstablishmentOffice, name)).await
    }

    /// A zone's management committee in a division, with a level of its own; townships are put under it by
    /// `assignTownshipToZone`. Offices it does not have are those of the division.
    pub async fn zone(&self, code: &str, name: &str, level: DivisionLevel) -> Seat {
        let division = self.world.division(code).await;
        let new = NewOrg { level: Some(level), ..NewOrg::new(code, OrgKind::ManagementCommittee, name) };
        let authority = self.org(new).await;
        Seat { province: self.clone(), division, authority, offices: BTreeMap::new() }
    }

    /// A township.
    pub async fn township(&self, code: &str) -> Township {
        let division = self.world.division(code).await;
        let name = format!("{}党委、政府", division.name);
        Township { org: self.org(NewOrg::new(code, OrgKind::Township, name)).await, division }
    }
}

impl Seat {
    /// The province it lies in.
    #[must_use]
    pub fn province(&self) -> &Province {
        &self.province
    }

    /// The id of its division.
    #[must_use]
    pub fn division_id(&self) -> DivisionId {
        self.division.id
    }

    /// The office of this kind around it.
    #[must_use]
    pub fn office(&self, kind: OrgKind) -> &Org {
        self.offices.get(&kind).unwrap_or_else(|| panic!("{} has no {kind}", self.division.name))
    }

    /// The person in this role at the office where it belongs, logged in.
    pub async fn person(&self, role: Role) -> Client {
        let org = match crate::people::home_of(role) {
            OrgKind::CommitteeGovernment => &self.authority,
            kind => self.office(kind),
        };
        org.person(role).await
    }

    /// A township below.
    pub async fn township(&self, code: &str) -> Township {
        self.province.township(code).await
    }

    /// A department of its government.
    pub async fn department(&self, name: &str) -> Org {
        let code = self.division.code.clone();
        self.province.org(NewOrg::new(&code, OrgKind::Department, format!("{}{name}", self.division.name))).await
    }

    /// A department here that belongs to a line above.
    pub async fn vertical_department(&self, name: &str, line: Option<&Org>) -> Org {
        let name = format!("{}{name}", self.division.name);
        let parent = line.map(|line| line.id);
        let new = NewOrg { parent, vertical: true, ..NewOrg::new(&self.division.code, OrgKind::Department, name) };
        self.province.org(new).await
    }

    /// An office that belongs to a zone rather than to the division.
    pub async fn own_office(&mut self, kind: OrgKind, name: &str) -> Org {
        let parent = Some(self.authority.id);
        let office = self.province.org(NewOrg { parent, ..NewOrg::new(&self.division.code, kind, name) }).await;
        self.offices.insert(kind, office.clone());
        office
    }
}

impl Township {
    /// The person in this role, logged in.
    pub async fn person(&self, role: Role) -> Client {
        self.org.person(role).await
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.division.code
    }
}

/// The account that a client logs in to, as identity knows it.
pub async fn account_of(world: &World, client: &Client) -> identity::rules::Account {
    let id = client.credentials().account;
    let scope = yidan::kernel::scope::Scope::Everything;
    let mut found = identity::store::accounts(world.platform().db.read(), &scope, &[id]).await.unwrap();
    found.remove(&id).expect("the client's account")
}
