//! A decision body with everything that has to do with its lists: the offices around it, those that review above it, its
//! townships and departments, and how an item reads.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use yidan::kernel::{clock::china_date, place::OrgKind, role::Role};

use crate::{
    Client, World,
    places::{Org, Province, Seat, Township},
};

/// A decision body with the offices around and above it. Clones are the same.
#[derive(Clone)]
pub struct Ground {
    /// The world.
    pub world: World,
    /// The province.
    pub province: Province,
    /// The decision body with the offices around it.
    pub seat: Seat,
    /// The offices that review above it, nearest first, the province last, each with the role that does it.
    pub above: Vec<(Org, Role)>,
    /// A domain class of the province: 城乡建设.
    pub domain: String,
    /// Another one: 民生服务.
    pub welfare: String,
    known: Arc<Mutex<Vec<Org>>>,
}

/// The fields of a queue entry that tests look at.
pub const STEP: &str = "task overdue outcome closedAt organisation { id name } deadline { dueAt calendarVersion }";

impl World {
    /// An ordinary county: 玄武区 of 南京 in 江苏, with city and province above.
    pub async fn ground(&self) -> Ground {
        let province = self.province("320000").await;
        let seat = province.county("320102").await;
        let above = vec![
            (province.establishment_office("320100").await, Role::EoCity),
            (province.establishment_office("320000").await, Role::EoProvince),
        ];
        Ground::new(self, province, seat, above).await
    }
}

impl Ground {
    /// A decision body anywhere, with who reviews above it.
    pub async fn new(world: &World, province: Province, seat: Seat, above: Vec<(Org, Role)>) -> Self {
        let (top, role) = above.last().expect("somebody above");
        assert_eq!(*role, Role::EoProvince, "the province is the last");
        let catalogue = top.person(Role::EoProvince).await;
        let mut domains = Vec::new();
        for name in ["城乡建设", "民生服务"] {
            let made = catalogue.act("createDutyDomain", json!({ "name": name }), "dutyDomain { id }").await.done();
            domains.push(made["dutyDomain"]["id"].as_str().unwrap().to_owned());
        }
        let [domain, welfare] = domains.try_into().unwrap();
        Self { world: world.clone(), province, seat, above, domain, welfare, known: Arc::default() }
    }

    /// The same ground under another decision body and other reviewers.
    #[must_use]
    pub fn under(&self, seat: Seat, above: Vec<(Org, Role)>) -> Self {
        Self { seat, above, ..self.clone() }
    }

    /// A township below.
    pub async fn township(&self, code: &str) -> Township {
        let township = self.seat.township(code).await;
        self.known.lock().unwrap().push(township.org.clone());
        township
    }

    /// A department of the seat.
    pub async fn department(&self, name: &str) -> Org {
        self.remember(self.seat.department(name).await)
    }

    /// An organisation that will be asked.
    pub fn remember(&self, org: Org) -> Org {
        self.known.lock().unwrap().push(org.clone());
        org
    }

    /// The township or department with this id.
    pub fn org(&self, id: &str) -> Org {
        let known = self.known.lock().unwrap();
        known.iter().find(|org| org.id.to_string() == id).cloned().unwrap_or_else(|| panic!("who is {id}?"))
    }

    /// The establishment office of the seat.
    pub async fn establishment(&self) -> Client {
        self.seat.person(Role::EoCounty).await
    }

    /// The clerk who enters the seat's decisions.
    pub async fn clerk(&self) -> Client {
        self.seat.person(Role::DecisionClerk).await
    }

    /// The justice office of the seat.
    pub async fn justice(&self) -> Client {
        self.seat.office(OrgKind::Justice).person(Role::Legal).await
    }

    /// The finance office of the seat.
    pub async fn finance(&self) -> Client {
        self.seat.office(OrgKind::Finance).person(Role::Finance).await
    }

    /// The office at this place of the chain above.
    pub async fn reviewer(&self, index: usize) -> Client {
        let (office, role) = &self.above[index];
        office.person(*role).await
    }

    /// The province's establishment office.
    pub async fn top(&self) -> Client {
        self.reviewer(self.above.len() - 1).await
    }

    /// A complete record of a collective decision of today.
    pub fn decision(&self) -> Value {
        json!({
            "body": "县委常委会", "documentNo": "委〔2026〕20号", "meeting": "县委常委会第9次会议",
            "decidedOn": china_date(self.world.now()),
        })
    }

    /// A basic item.
    pub fn basic(&self, name: &str) -> Value {
        json!({ "category": "BASIC", "domainId": self.welfare, "name": name, "source": "LAW" })
    }

    /// A cooperative item under a lead department.
    pub fn cooperative(&self, name: &str, lead: &Org) -> Value {
        json!({
            "category": "COOPERATIVE", "domainId": self.domain, "name": name, "source": "LAW",
            "superiorClauses": ["制定标准并组织培训", "检查和处罚"],
            "townshipClauses": ["组织日常巡查", "发现隐患上报"],
            "departments": [{ "orgUnitId": lead.id, "role": "LEAD" }],
        })
    }

    /// A reclaimed item that a department took over.
    pub fn reclaimed(&self, name: &str, taker: &Org) -> Value {
        json!({
            "category": "RECLAIMED", "domainId": self.domain, "name": name, "source": "LAW",
            "departments": [{ "orgUnitId": taker.id, "role": "TAKEOVER" }],
            "reclaimMethod": "TAKEN_OVER", "method": "由部门自行检查，不再要求乡镇巡查",
        })
    }
}

impl Client {
    /// What this caller sees of a thing; null if it sees nothing.
    pub async fn see(&self, kind: &str, id: &str, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {selection} }} }} }}");
        self.query(&document, json!({ "id": id })).await.good().data("/node").clone()
    }

    /// Tasks of this caller's queue, in their order.
    pub async fn tasks(&self) -> Vec<String> {
        self.query("{ queue(first: 100) { nodes { task } } }", json!({})).await.good().texts("/queue/nodes", "task")
    }
}

/// The texts at `field` of the objects in a list.
#[track_caller]
pub fn texts(list: &Value, field: &str) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|entry| entry[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// `value` with other fields.
#[must_use]
pub fn with(value: &Value, fields: &Value) -> Value {
    let mut value = value.clone();
    for (name, field) in fields.as_object().expect("fields") {
        value[name] = field.clone();
    }
    value
}
