//! The demonstration world as a test bed: people for every role, lists and procedures in every state.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;
use yidan::{
    kernel::{ids::ProvinceId, place::OrgKind},
    setup::demo::{self, PASSWORD},
};

use crate::{Client, World, client::Credentials, places::Org, sdl::Schema};

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
    ("hook", "webhook_endpoint WHERE"),
    ("msg", "webhook_delivery WHERE"),
];

/// Somebody of 澜溪县 for every role there is, who together meet every procedure: the offices around the county, all of
/// 柳汀镇, the heads and list keepers of the townships that apply for something, the departments that are asked.
pub const CAST: &[&str] = &[
    "admin",
    "sheng.bianban",
    "shi.bianban",
    "xian.bianban",
    "xian.liangban",
    "xian.sifa",
    "xian.caizheng",
    "xian.kaohe",
    "xian.jianfu",
    "xian.jiwei",
    "xian.ducha",
    "xian.12345",
    "xian.lingdao",
    "liuting.shuji",
    "liuting.zhenzhang",
    "liuting.fenguan",
    "liuting.qingdan",
    "liuting.banshi",
    "dongwei.shuji",
    "yanwan.shuji",
    "yanwan.qingdan",
    "hewan.qingdan",
    "dadun.zhenzhang",
    "shuangqiao.qingdan",
    "shicha.qingdan",
    "yingji",
    "yingji.jingban",
    "zhujian",
    "shangwu",
    "ziran",
    "ziran.jingban",
    "minzheng",
    "xiaofang",
];

/// A procedure of the demonstration.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its id as clients see it.
    pub id: String,
    /// The prefix of its id.
    pub prefix: &'static str,
    /// Its state.
    pub state: String,
    /// For a version of a list, its edition.
    pub edition: Option<String>,
}

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

    /// Everybody of [`CAST`], logged in.
    pub async fn demo_cast(&self) -> Vec<Client> {
        let mut cast = Vec::new();
        for username in CAST {
            cast.push(self.demo_person("320000", username).await);
        }
        cast
    }

    /// The round of evaluation that 澜溪县 has planned and not opened.
    pub async fn demo_round(&self) -> String {
        let office = self.demo_person("320000", "xian.kaohe").await;
        let answer = office.query("{ evaluationRounds(states: [PLANNED]) { nodes { id } } }", json!({})).await;
        answer.text_at("/evaluationRounds/nodes/0/id")
    }

    /// The procedures of a province, at most two of a kind in each state, the latest ones.
    pub async fn procedures(&self, province: ProvinceId) -> Vec<Procedure> {
        let db = self.platform().db.read();
        let sql = "SELECT p.id, p.kind, p.state, v.edition FROM proceeding p LEFT JOIN list_version v ON v.id = p.id \
                   WHERE p.province_id = $1 ORDER BY p.id DESC";
        let rows = Statement::from_sql_and_values(db.get_database_backend(), sql, [province.into()]);
        let mut seen: BTreeMap<(String, String, Option<String>), usize> = BTreeMap::new();
        let mut found = Vec::new();
        for row in db.query_all_raw(rows).await.unwrap() {
            let id: Uuid = row.try_get("", "id").unwrap();
            let kind: String = row.try_get("", "kind").unwrap();
            let state: String = row.try_get("", "state").unwrap();
            let edition: Option<String> = row.try_get("", "edition").unwrap();
            let count = seen.entry((kind.clone(), state.clone(), edition.clone())).or_default();
            *count += 1;
            if *count > 2 {
                continue;
            }
            let prefix = match kind.as_str() {
                "ADJUSTMENT" => "adj",
                "ADMISSION" => "adm",
                "LIST_VERSION" => "ver",
                "LAW_WATCH" => "watch",
                _ => "round",
            };
            found.push(Procedure { id: format!("{prefix}_{}", id.simple()), prefix, state, edition });
        }
        found
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

impl Client {
    /// What this person is offered on each of these procedures that it sees, by id.
    pub async fn offers(&self, schema: &Schema, procedures: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let mut document = String::from("query($ids: [ID!]!) { nodes(ids: $ids) { id");
        for name in schema.types().keys() {
            if schema.fields(name).iter().any(|field| field.name.node == "viewerActions") {
                document += &format!(" ... on {name} {{ viewerActions }}");
            }
        }
        document += " } }";
        let answer = self.query(&document, json!({ "ids": procedures })).await.good();
        let nodes = answer.data("/nodes").as_array().unwrap().iter().filter(|node| !node.is_null());
        let actions = |node: &Value| {
            let actions = node["viewerActions"].as_array().unwrap_or_else(|| panic!("a procedure that offers: {node}"));
            actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect()
        };
        nodes.map(|node| (node["id"].as_str().unwrap().to_owned(), actions(node))).collect()
    }
}

/// Who is offered what on which procedure.
pub struct Offered(BTreeMap<String, Vec<(usize, String)>>);

impl Offered {
    /// What these callers are offered on the procedures of a province.
    pub async fn of(world: &World, callers: &[Client], province: ProvinceId, schema: &Schema) -> Self {
        let procedures = world.procedures(province).await;
        let ids: Vec<&str> = procedures.iter().map(|procedure| procedure.id.as_str()).collect();
        let mut found: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        for (index, caller) in callers.iter().enumerate() {
            for (id, actions) in caller.offers(schema, &ids).await {
                for action in actions {
                    found.entry(action).or_default().push((index, id.clone()));
                }
            }
        }
        Self(found)
    }

    /// Somebody who is still offered this act, and on what.
    pub async fn still(&self, action: &str, callers: &[Client], schema: &Schema) -> Option<(usize, String)> {
        for (index, id) in self.0.get(action)? {
            let now = callers[*index].offers(schema, &[id]).await;
            if now.get(id).is_some_and(|actions| actions.contains(action)) {
                return Some((*index, id.clone()));
            }
        }
        None
    }
}
