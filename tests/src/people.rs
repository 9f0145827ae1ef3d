//! People: one logged-in client per role, more when asked for.

use std::sync::atomic::{AtomicUsize, Ordering};

use yidan::{
    identity::{
        password::{Password, hash_now},
        service::accounts::Enrol,
    },
    kernel::{place::OrgKind, role::Role, runner::run},
};

use crate::{Client, World, client::Credentials, places::Org, world::CHEAP};

/// The password of everybody who does not change it.
pub const PASSWORD: &str = "Yidan-2026-test";

/// The kind of organisation in which a role is held.
#[must_use]
pub fn home_of(role: Role) -> OrgKind {
    match role {
        Role::TownshipPartySecretary
        | Role::TownshipHead
        | Role::TownshipLeader
        | Role::TownshipListAdmin
        | Role::TownshipStaff => OrgKind::Township,
        Role::DeptHead | Role::DeptOfficer => OrgKind::Department,
        Role::EoCounty | Role::EoCity | Role::EoProvince => OrgKind::EstablishmentOffice,
        Role::DecisionClerk => OrgKind::GeneralOffice,
        Role::Legal => OrgKind::Justice,
        Role::Finance => OrgKind::Finance,
        Role::Assessment => OrgKind::AssessmentOffice,
        Role::Dispatcher => OrgKind::HotlineCentre,
        Role::BurdenOfficer => OrgKind::BurdenOffice,
        Role::Inspector => OrgKind::InspectionOffice,
        Role::Discipline => OrgKind::DisciplineCommission,
        Role::CountyLeader => OrgKind::CommitteeGovernment,
        Role::TechnicalAdmin => OrgKind::Operator,
    }
}

impl World {
    /// The person in this role of this organisation, logged in; the same one whenever asked for.
    pub async fn person(&self, org: &Org, role: Role) -> Client {
        let known = self.people().lock().unwrap().get(&(org.id, role)).cloned();
        if let Some(known) = known {
            return known;
        }
        let person = self.another_person(org, &[role]).await;
        self.people().lock().unwrap().insert((org.id, role), person.clone());
        person
    }

    /// A new person with posts in one organisation, the first of them acted for, logged in.
    pub async fn another_person(&self, org: &Org, roles: &[Role]) -> Client {
        let posts: Vec<(&Org, Role)> = roles.iter().map(|role| (org, *role)).collect();
        self.visitor().logged_in(self.enrol(&posts, false).await).await
    }

    /// Makes an account without logging in.
    pub async fn enrol(&self, posts: &[(&Org, Role)], must_change_password: bool) -> Credentials {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (org, role) = posts.first().expect("a person has a post");
        let username = format!("{}.{number}", role.code().to_lowercase());
        let enrol = Enrol {
            username: username.clone(),
            display_name: format!("{role}{number}号"),
            posts: posts.iter().map(|(org, role)| (org.id, *role)).collect(),
            password_hash: hash_now(CHEAP, &Password::new(PASSWORD)).unwrap(),
            must_change_password,
        };
        let account = run(&self.system(), &enrol).await.unwrap_or_else(|error| panic!("{username}: {error:?}"));
        Credentials { province: org.province.clone(), username, password: PASSWORD.to_owned(), account, role: *role }
    }
}
