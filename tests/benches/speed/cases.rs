//! What is measured, with samples found in the database and checked against it.

use std::{collections::BTreeMap, sync::Arc};

use chrono::Utc;
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, Value as DbValue};
use serde_json::{Value, json};
use uuid::Uuid;
use yidan::kernel::{
    ids::{DomainId, DutyItemId, OrgUnitId},
    platform::Platform,
    role::Role,
};

use crate::{people::Person, server::Served};

const ITEM: &str = "query Item($id: ID!) { node(id: $id) { ... on DutyItem { id code revision { id name category \
                    superiorClauses { number text } townshipClauses { number text } } } } }";
const PAGE: &str = "query Page { obligations(first: 50) { nodes { role item { id code name category superiorClauses { number \
                    text } townshipClauses { number text } } township { code name } } pageInfo { hasNextPage endCursor } } }";
const COUNTY: &str = "query County($code: String!) { dutyLists(within: $code, first: 13) { nodes { township { code name } \
                      items(first: 5, category: COOPERATIVE) { nodes { code name superiorClauses { number text } \
                      townshipClauses { number text } } } } } }";
const RAISE: &str = "mutation Raise($input: CreateAdjustmentInput!) { createAdjustment(input: $input) { adjustment { id number \
                     state } userErrors { code message } } }";

/// How many different questions a case asks.
const SAMPLES: usize = 16;

/// One question by one person.
#[derive(Clone)]
pub struct Sample {
    person: Person,
    /// The person's token.
    pub token: String,
    /// The body of the request.
    pub body: String,
    /// How many rows the answer has.
    rows: usize,
}

/// A case.
pub struct Case {
    /// Its letter and what it is.
    pub name: &'static str,
    /// Its questions.
    pub samples: Vec<Sample>,
    count: fn(&Value) -> usize,
}

const IN_FORCE: &str =
    "r.effective_from <= $1 AND r.recorded_from <= $1 AND (r.effective_to IS NULL OR r.effective_to > $1)";

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    let sql = sql.replace("{in_force}", IN_FORCE);
    let now: DbValue = Utc::now().into();
    db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [now])).await.unwrap()
}

/// So many of `all`, evenly spread over them, the same every time.
fn spread<T: Clone>(all: &[T], count: usize) -> Vec<T> {
    (0..count.min(all.len())).map(|index| all[index * all.len() / count.min(all.len())].clone()).collect()
}

fn id(row: &QueryResult, column: &str) -> Uuid {
    row.try_get("", column).unwrap()
}

fn body(query: &str, variables: &Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}

fn length(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

/// The cases on this database, with everybody they need enrolled.
pub async fn all(platform: &Arc<Platform>) -> Vec<Case> {
    let db = platform.db.write_pool();
    let (page, officers) = page(platform, db).await;
    vec![item(db, &officers).await, page, county(db, &officers).await, raise(platform, db).await]
}

async fn item(db: &DatabaseConnection, officers: &[Person]) -> Case {
    let sql = "SELECT r.item_id FROM item_revision r JOIN province p ON p.id = r.province_id AND p.code = '320000' \
               WHERE {in_force} ORDER BY r.item_id";
    let found = spread(&rows(db, sql).await.iter().map(|row| id(row, "item_id")).collect::<Vec<_>>(), SAMPLES);
    let samples = std::iter::zip(found, officers.iter().cycle())
        .map(|(item, person)| Sample::new(person, body(ITEM, &json!({ "id": DutyItemId(item).to_string() })), 1));
    let count = |data: &Value| usize::from(data["node"]["revision"]["name"].is_string());
    Case { name: "(a) one item by id", samples: samples.collect(), count }
}

/// Departments that owe a full page, or as much as there is.
async fn page(platform: &Arc<Platform>, db: &DatabaseConnection) -> (Case, Vec<Person>) {
    let sql = "SELECT d.org_unit_id, COUNT(*) AS total FROM item_department d JOIN item_revision r ON r.id = d.revision_id \
               JOIN province p ON p.id = d.province_id AND p.code = '320000' WHERE {in_force} \
               GROUP BY d.org_unit_id ORDER BY d.org_unit_id";
    let owing: Vec<(Uuid, i64)> =
        rows(db, sql).await.iter().map(|row| (id(row, "org_unit_id"), row.try_get("", "total").unwrap())).collect();
    let full: Vec<_> = owing.iter().copied().filter(|(_, total)| *total > 50).collect();
    let chosen = spread(if full.is_empty() { &owing } else { &full }, SAMPLES);
    let (mut samples, mut people) = (Vec::new(), Vec::new());
    for (org, total) in chosen {
        let person = Person::of(platform, OrgUnitId(org), Role::DeptOfficer).await;
        samples.push(Sample::new(&person, body(PAGE, &json!({})), usize::try_from(total).unwrap().min(50)));
        people.push(person);
    }
    let count = |data: &Value| length(&data["obligations"]["nodes"]);
    (Case { name: "(b) a department's page of 50", samples, count }, people)
}

/// Counties of thirteen townships and more, or the largest there is.
async fn county(db: &DatabaseConnection, officers: &[Person]) -> Case {
    let sql = "SELECT l.path, COUNT(*) AS total FROM duty_list l JOIN item_revision r ON r.list_id = l.id AND r.category = \
               'COOPERATIVE' JOIN province p ON p.id = l.province_id AND p.code = '320000' WHERE {in_force} \
               GROUP BY l.path ORDER BY l.path";
    let mut counties: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in rows(db, sql).await {
        let path: String = row.try_get("", "path").unwrap();
        let total: i64 = row.try_get("", "total").unwrap();
        let code = path.rsplit('.').nth(1).unwrap_or_default().to_owned();
        counties.entry(code).or_default().push(usize::try_from(total).unwrap().min(5));
    }
    let largest = counties.values().map(Vec::len).max().unwrap_or(0).min(13);
    let full: Vec<_> = counties.into_iter().filter(|(_, lists)| lists.len() >= largest).collect();
    let samples = std::iter::zip(spread(&full, SAMPLES), officers.iter().cycle()).map(|((code, lists), person)| {
        Sample::new(person, body(COUNTY, &json!({ "code": code })), lists.iter().take(13).sum())
    });
    let count = |data: &Value| {
        let lists = data["dutyLists"]["nodes"].as_array().cloned().unwrap_or_default();
        lists.iter().map(|list| length(&list["items"]["nodes"])).sum()
    };
    Case { name: "(c) county, 13 townships, 5 items", samples: samples.collect(), count }
}

async fn raise(platform: &Arc<Platform>, db: &DatabaseConnection) -> Case {
    let sql = "SELECT l.org_unit_id, r.item_id, r.domain_id, d.org_unit_id AS department_id FROM duty_list l \
               JOIN province p ON p.id = l.province_id AND p.code = '320000' \
               JOIN item_revision r ON r.list_id = l.id AND r.category = 'COOPERATIVE' AND r.ordinal = 1 \
               JOIN item_department d ON d.revision_id = r.id AND d.role = 'LEAD' WHERE {in_force} ORDER BY l.path";
    let mut samples = Vec::new();
    for row in spread(&rows(db, sql).await.iter().collect::<Vec<_>>(), SAMPLES) {
        let person = Person::of(platform, OrgUnitId(id(row, "org_unit_id")), Role::TownshipListAdmin).await;
        let content = json!({
            "category": "COOPERATIVE",
            "domainId": DomainId(id(row, "domain_id")).to_string(),
            "name": "瓶装液化气安全管理（修订）",
            "superiorClauses": ["企业许可与监管", "入户安检监督", "查处违规充装销售"],
            "townshipClauses": ["开展用气安全宣传", "发现黑气点线索上报"],
            "departments": [{ "orgUnitId": OrgUnitId(id(row, "department_id")).to_string(), "role": "LEAD" }],
        });
        let item = DutyItemId(id(row, "item_id")).to_string();
        let input = json!({
            "title": "调整瓶装液化气安全管理事项",
            "origin": "TOWNSHIP_APPLICATION",
            "reason": "入户安检由燃气企业承担，乡镇只协助进村入户。",
            "changes": [{ "direction": "REWORD", "itemIds": [item], "content": content }],
        });
        samples.push(Sample::new(&person, body(RAISE, &json!({ "input": input })), 1));
    }
    let count = |data: &Value| usize::from(data["createAdjustment"]["adjustment"]["number"].is_string());
    Case { name: "(d) raising an adjustment request", samples, count }
}

impl Sample {
    fn new(person: &Person, body: String, rows: usize) -> Self {
        Self { person: person.clone(), token: String::new(), body, rows }
    }
}

impl Case {
    /// Logs everybody in and checks that each question is answered as the database says.
    pub fn prepare(&mut self, server: &Served) {
        for sample in &mut self.samples {
            sample.token = sample.person.log_in(server);
            let answer = server.ask(Some(&sample.token), &sample.body);
            let count = (self.count)(&answer["data"]);
            assert!(
                answer["errors"].is_null() && count == sample.rows,
                "{}: {} rows: {answer:.2000}",
                self.name,
                sample.rows
            );
        }
    }
}
