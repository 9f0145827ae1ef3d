//! The demonstration world as a test bed: people for every role, lists and procedures in every state.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;
use yidan::{
    kernel::{ids::ProvinceId, place::OrgKind},
    setup::demo::{self, PASSWORD},
};

use crate::{Client, World, client::Credentials, places::Org};

/// Where a thing of each kind is found: the prefix of its id, and the rows whose ids it has. What is published is
/// public, so of lists and what they hold only the unpublished counts.
const KINDS: &[(&str, &str)] = &[
    ("org", "org_unit WHERE kind = 'DEPARTMENT' AND"),
    ("off", "internal_office WHERE"),
    ("pos", "position WHERE"),
    ("acc", "account WHERE"),
    ("post", "post WHERE ended_at IS NULL AND"),
    ("ses", "session WHERE"),
    ("evt", "audit_event WHERE"),
    ("que", "queue_entry WHERE"),
    ("opn", "opinion WHERE"),
    ("dec", "decision_record WHERE"),
    ("dom", "duty_domain WHERE"),
    ("list", "duty_list WHERE id NOT IN (SELECT list_id FROM list_version WHERE published_at IS NOT NULL) AND"),
    ("ver", "list_version WHERE published_at IS NULL AND"),
    ("item", "duty_item WHERE id NOT IN (SELECT item_id FROM item_revision WHERE effective_from IS NOT NULL) AND"),
    ("rev", "item_revision WHERE effective_from IS NULL AND"),
    ("tpl", "item_template WHERE"),
    ("adj", "proceeding WHERE kind = 'ADJUSTMENT' AND"),
    ("adm", "proceeding WHERE kind = 'ADMISSION' AND"),
    ("chg", "request_change WHERE"),
    ("law", "law_change WHERE"),
    ("watch", "law_watch WHERE"),
    ("round", "evaluation_round WHERE"),
    ("obj", "evaluation_objection WHERE"),
];

impl World {
    /// Loads the demonstration world.
    pub async fn demo(&self) {
        demo::load(self.platform(), |_, _, _| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
    }

    /// The person with this user name of the demonstration world, logged in.
    pub async fn demo_person(&self, province: &str, username: &str) -> Client {
        let db = self.platform().db.read();
        let row = yidan::territory::store::province_by_code(db, province).await.unwrap().expect("a served province");
        let account = yidan::identity::store::account_by_name(db, row.id, username).await.unwrap();
        let account = account.unwrap_or_else(|| panic!("nobody called {username} in {province}"));
        let posts = yidan::identity::store::posts_of(db, &[account.id]).await.unwrap();
        let credentials = Credentials {
            province: province.to_owned(),
            username: username.to_owned(),
            password: PASSWORD.to_owned(),
            account: account.id,
            role: posts[&account.id][0].role,
        };
        self.visitor().logged_in(credentials).await
    }

    /// A new person who holds the posts of one of the demonstration world, logged in: whatever becomes of them, the
    /// demonstration keeps its people.
    pub async fn demo_colleague(&self, province: &str, username: &str) -> Client {
        let known = self.demo_person(province, username).await;
        let account = known.credentials().account;
        let db = self.platform().db.read();
        let posts = yidan::identity::store::posts_of(db, &[account]).await.unwrap().remove(&account).unwrap();
        let org = |id| Org {
            world: self.clone(),
            province: province.to_owned(),
            id,
            name: String::new(),
            kind: OrgKind::Department,
        };
        let posts: Vec<(Org, _)> = posts.into_iter().map(|post| (org(post.org), post.role)).collect();
        let posts: Vec<(&Org, _)> = posts.iter().map(|(org, role)| (org, *role)).collect();
        self.visitor().logged_in(self.enrol(&posts, false).await).await
    }

    /// The id of one thing of each kind that there is in a province, the latest of each.
    pub async fn one_of_each(&self, province: ProvinceId) -> BTreeMap<&'static str, String> {
        let db = self.platform().db.read();
        let mut found = BTreeMap::from([("prov", province.to_string())]);
        for (prefix, rows) in KINDS {
            let sql = format!("SELECT id FROM {rows} province_id = $1 ORDER BY id DESC LIMIT 1");
            let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [province.into()]);
            if let Some(row) = db.query_one_raw(statement).await.unwrap() {
                let id: Uuid = row.try_get("", "id").unwrap();
                found.insert(prefix, format!("{prefix}_{}", id.simple()));
            }
        }
        found
    }
}
