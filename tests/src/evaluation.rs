//! Words for evaluation: lists in force, rounds, papers, ballots.

use chrono::TimeDelta;
use sea_orm::{EntityTrait, IntoActiveModel, ModelTrait};
use serde_json::{Value, json};
use uuid::Uuid;
use yidan::kernel::{place::OrgKind, role::Role};
use yidan_entity::{
    duty_domain, duty_item, duty_list, item_department, item_revision, list_version, proceeding, proceeding_party,
    queue_entry, wording,
};

use crate::{
    Act, Client, World,
    places::{Org, Seat, Township},
};

/// What a department is scored on unless a province says otherwise.
pub const OF_DEPARTMENTS: [&str; 5] = ["ON_LIST_DISPATCH", "WHISTLE_RESPONSE", "TAKEOVER", "GUIDANCE", "RESOURCES"];
/// What a township is scored on unless a province says otherwise.
pub const OF_TOWNSHIPS: [&str; 3] = ["LISTED_DUTIES", "COOPERATION", "TRUTHFULNESS"];

/// An item of a seeded list.
#[derive(Clone, Copy, Debug)]
pub struct SeededItem<'a> {
    category: &'a str,
    department: &'a Org,
    role: &'a str,
    from: TimeDelta,
    to: Option<TimeDelta>,
}

impl<'a> SeededItem<'a> {
    /// An item that has been in force for sixty days.
    #[must_use]
    pub fn new(category: &'a str, department: &'a Org, role: &'a str) -> Self {
        Self { category, department, role, from: TimeDelta::days(-60), to: None }
    }

    /// In force from then on, as seen from now.
    #[must_use]
    pub fn from(self, from: TimeDelta) -> Self {
        Self { from, ..self }
    }

    /// In force until then, as seen from now.
    #[must_use]
    pub fn to(self, to: TimeDelta) -> Self {
        Self { to: Some(to), ..self }
    }
}

impl Seat {
    /// Puts a list in force for a township, written straight into the tables: what matters here is who shares items
    /// with whom.
    pub async fn list_in_force(&self, world: &World, township: &Township, items: &[SeededItem<'_>]) {
        let province = self.province().id.0;
        let since = world.now() - TimeDelta::days(60);
        let (domain, list, version) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        world
            .insert(duty_domain::Model {
                id: domain,
                province_id: province,
                name: format!("平安法治{domain}"),
                ordinal: 1,
                retired_at: None,
                revision: 1,
            })
            .await;
        world
            .insert(duty_list::Model {
                id: list,
                province_id: province,
                division_id: township.division.id.0,
                org_unit_id: township.org.id.0,
                path: township.division.path.clone(),
                township_name: township.division.name.clone(),
                created_at: since,
            })
            .await;
        world
            .insert(proceeding::Model {
                id: version,
                province_id: province,
                kind: "LIST_VERSION".into(),
                number: format!("QD-{version}"),
                title: "清单".into(),
                state: "IN_FORCE".into(),
                authority_id: self.authority.id.0,
                path: township.division.path.clone(),
                proposer_org_id: township.org.id.0,
                created_by: None,
                created_at: since,
                submitted_at: None,
                submitted_by: None,
                closed_at: Some(since),
                chain_index: 0,
                return_count: 0,
                approver_org_id: None,
                approver_level: None,
                revision: 1,
            })
            .await;
        world
            .insert(list_version::Model {
                id: version,
                province_id: province,
                list_id: list,
                version_no: 1,
                edition: "FIRST".into(),
                base_version_id: None,
                effective_from: Some(since),
                effective_to: None,
                published_at: Some(since),
                superseded_at: None,
                content_hash: None,
                basic_count: 0,
                cooperative_count: 0,
                reclaimed_count: 0,
                notes: String::new(),
            })
            .await;
        for (ordinal, SeededItem { category, department, role, from, to }) in (1..).zip(items) {
            let (item, text, revision) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
            world
                .insert(wording::Model {
                    id: text,
                    province_id: province,
                    hash: text.to_string(),
                    name: format!("事项{ordinal}"),
                    superior_clauses: json!([]),
                    township_clauses: json!([]),
                    method: None,
                    bases: json!([]),
                    tags: json!([]),
                })
                .await;
            world
                .insert(duty_item::Model {
                    id: item,
                    province_id: province,
                    list_id: list,
                    code: format!("{category}-{ordinal}"),
                    template_id: None,
                    created_at: since,
                })
                .await;
            world
                .insert(item_revision::Model {
                    id: revision,
                    province_id: province,
                    item_id: item,
                    list_id: list,
                    category: (*category).into(),
                    domain_id: domain,
                    wording_id: text,
                    ordinal,
                    penalty_power: false,
                    reclaim_method: (*category == "RECLAIMED").then(|| "TAKEN_OVER".into()),
                    source: "LAW".into(),
                    introduced_version_id: version,
                    introduced_no: 1,
                    retired_version_id: to.map(|_| version),
                    retired_no: to.map(|_| 2),
                    effective_from: Some(world.now() + *from),
                    effective_to: to.map(|to| world.now() + to),
                    recorded_from: Some(since),
                    recorded_to: to.map(|to| world.now() + to),
                })
                .await;
            world
                .insert(item_department::Model {
                    revision_id: revision,
                    org_unit_id: department.id.0,
                    province_id: province,
                    role: (*role).into(),
                    ordinal: 1,
                })
                .await;
        }
    }

    /// The assessment office, logged in.
    pub async fn assessment(&self) -> Client {
        self.office(OrgKind::AssessmentOffice).person(Role::Assessment).await
    }

    /// Plans a round and answers its id.
    pub async fn plan_round(&self, year: i32, half: &str) -> String {
        let planned = self
            .assessment()
            .await
            .act("planEvaluation", json!({ "year": year, "half": half }), "round { id state }")
            .await
            .done();
        assert_eq!(planned["round"]["state"], "PLANNED");
        planned["round"]["id"].as_str().unwrap().to_owned()
    }

    /// Plans and opens a round and answers its id.
    pub async fn open_round(&self, year: i32, half: &str) -> String {
        let id = self.plan_round(year, half).await;
        let opened = self.office_act("openEvaluation", &id).await.done();
        assert_eq!(opened["round"]["state"], "OPEN");
        id
    }

    /// What the office does to a round.
    pub async fn office_act(&self, act: &str, round: &str) -> Act {
        self.assessment().await.act(act, json!({ "id": round }), "round { id state objectionsUntil closesAt }").await
    }

    /// Lets the time for votes pass and tallies; answers the state.
    pub async fn tally(&self, world: &World, round: &str) -> String {
        world.wait_and_tick(TimeDelta::days(20)).await;
        let tallied = self.office_act("tallyEvaluation", round).await.done();
        tallied["round"]["state"].as_str().unwrap().to_owned()
    }

    /// Lets the time for objections pass and publishes; answers the state.
    pub async fn publish(&self, world: &World, round: &str) -> String {
        world.wait(TimeDelta::days(15));
        let published = self.office_act("publishEvaluation", round).await.done();
        published["round"]["state"].as_str().unwrap().to_owned()
    }
}

impl World {
    /// A proceeding of a township, submitted now, in which departments were heard.
    pub async fn consultation(&self, seat: &Seat, township: &Township, heard: &[&Org]) -> Uuid {
        let id = Uuid::now_v7();
        let province = seat.province().id.0;
        self.insert(proceeding::Model {
            id,
            province_id: province,
            kind: "ADJUSTMENT".into(),
            number: format!("TZ-{id}"),
            title: "动态调整申请".into(),
            state: "JOINT_CONSULTATION".into(),
            authority_id: seat.authority.id.0,
            path: township.division.path.clone(),
            proposer_org_id: township.org.id.0,
            created_by: None,
            created_at: self.now(),
            submitted_at: Some(self.now()),
            submitted_by: None,
            closed_at: None,
            chain_index: 0,
            return_count: 0,
            approver_org_id: None,
            approver_level: None,
            revision: 1,
        })
        .await;
        for department in heard {
            self.insert(proceeding_party::Model {
                proceeding_id: id,
                org_unit_id: department.id.0,
                province_id: province,
                capacity: "CONSULTED".into(),
                ordinal: 0,
            })
            .await;
        }
        id
    }

    /// A task of a department in a proceeding that was due yesterday: done the day before, or late by a minute.
    pub async fn past_task(&self, proceeding: Uuid, seat: &Seat, department: &Org, in_time: bool) {
        let due = self.now() - TimeDelta::days(1);
        let done = if in_time { due - TimeDelta::days(1) } else { due + TimeDelta::minutes(1) };
        self.insert(queue_entry::Model {
            id: Uuid::now_v7(),
            province_id: seat.province().id.0,
            proceeding_id: proceeding,
            org_unit_id: department.id.0,
            task: "GIVE_ADJUSTMENT_OPINION".into(),
            opened_at: due - TimeDelta::days(5),
            basis: None,
            amount: None,
            starts_at: None,
            due_at: Some(due),
            pauses: None,
            calendar_version: None,
            breached_at: None,
            closed_at: Some(done),
            closed_by: None,
            outcome: Some("DONE".into()),
        })
        .await;
    }
}

/// A paper as it was handed out.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The paper.
    pub text: String,
    /// Id of the organisation it rates.
    pub subject: String,
    /// Codes of what is scored.
    pub dimensions: Vec<String>,
}

impl Client {
    /// Tries to take papers.
    pub async fn try_claim(&self, round: &str) -> Act {
        let wanted = "papers { paper direction subject { id } dimensions { code } }";
        self.act("claimBallots", json!({ "roundId": round }), wanted).await
    }

    /// Takes papers.
    pub async fn claim(&self, round: &str) -> Vec<Paper> {
        let claimed = self.try_claim(round).await.done();
        let texts = |value: &Value, field: &str| -> Vec<String> {
            value.as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
        };
        let paper = |paper: &Value| Paper {
            text: paper["paper"].as_str().unwrap().to_owned(),
            subject: paper["subject"]["id"].as_str().unwrap().to_owned(),
            dimensions: texts(&paper["dimensions"], "code"),
        };
        claimed["papers"].as_array().unwrap().iter().map(paper).collect()
    }

    /// Takes papers and answers the one on this subject.
    pub async fn claim_on(&self, round: &str, subject: &Org) -> Paper {
        let papers = self.claim(round).await;
        papers.into_iter().find(|paper| paper.subject == subject.id.to_string()).expect("a paper on the subject")
    }

    /// What this caller sees of a round.
    pub async fn round(&self, id: &str, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on EvaluationRound {{ {selection} }} }} }}");
        self.query(&document, json!({ "id": id })).await.good().data("/node").clone()
    }
}

impl World {
    /// Casts a ballot: the same score everywhere.
    pub async fn cast(&self, paper: &Paper, score: i32) -> Act {
        let scores: Vec<Value> =
            paper.dimensions.iter().map(|code| json!({ "dimension": code, "score": score })).collect();
        self.cast_as(&paper.text, scores, None).await
    }

    /// Casts a ballot, by nobody in particular.
    pub async fn cast_as(&self, paper: &str, scores: Vec<Value>, comment: Option<&str>) -> Act {
        let input = json!({ "paper": paper, "scores": scores, "comment": comment });
        self.visitor().act("castBallot", input, "accepted").await
    }

    /// Writes a row as it is.
    pub async fn insert<M>(&self, row: M)
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        let db = self.platform().db.write_pool();
        M::Entity::insert(row.into_active_model()).exec_without_returning(db).await.unwrap();
    }

    /// All rows of a table.
    pub async fn rows<E: EntityTrait>(&self) -> Vec<E::Model> {
        E::find().all(self.platform().db.read()).await.unwrap()
    }
}
