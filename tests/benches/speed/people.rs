//! Real people with real log-ins: made at the machine, logged in over HTTP.

use std::sync::Arc;

use serde_json::json;
use yidan::{
    identity::{
        password::{Password, hash_now},
        service::accounts::Enrol,
        store::account_by_name,
    },
    kernel::{ctx::Ctx, ids::OrgUnitId, platform::Platform, role::Role, runner::run},
    territory,
};

use crate::server::Served;

/// Code of the province in which everything happens, here as in the demonstration world.
pub const PROVINCE: &str = "320000";
const PASSWORD: &str = "Yidan-speed-2026";

/// Somebody who may log in.
#[derive(Clone)]
pub struct Person(String);

impl Person {
    /// The person in this role of this organisation, enrolled if need be.
    pub async fn of(platform: &Arc<Platform>, org: OrgUnitId, role: Role) -> Self {
        let username = format!("speed.{}", org.0.simple());
        let db = platform.db.write_pool();
        let province = territory::store::province_by_code(db, PROVINCE).await.unwrap().unwrap().id;
        if account_by_name(db, province, &username).await.unwrap().is_none() {
            let enrol = Enrol {
                username: username.clone(),
                display_name: "测速员".to_owned(),
                posts: vec![(org, role)],
                password_hash: hash_now(platform.password_cost, &Password::new(PASSWORD)).unwrap(),
                must_change_password: false,
            };
            run(&Ctx::system(Arc::clone(platform), "测速"), &enrol).await.unwrap();
        }
        Self(username)
    }

    /// An access token.
    pub fn log_in(&self, server: &Served) -> String {
        let document = "mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken } } }";
        let input = json!({ "provinceCode": PROVINCE, "username": self.0, "password": PASSWORD });
        let answer = server.ask(None, &json!({ "query": document, "variables": { "input": input } }).to_string());
        answer["data"]["login"]["tokens"]["accessToken"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}
