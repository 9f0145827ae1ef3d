//! Lists, adjustments and admissions on their way: each step as the people do it who are to do it.
//!
//! `ground.adjustment_until(&id, "LEGAL_REVIEW")` takes a request from wherever it is to a state, everybody agreeing.

use serde_json::{Value, json};
use yidan::kernel::role::Role;

use crate::{
    Act, Client,
    ground::{Ground, STEP},
    places::{Org, Township},
};

/// Lists.
impl Ground {
    /// A first edition being drafted with these items.
    pub async fn draft(&self, township: &Township, items: &[Value]) -> String {
        let admin = township.person(Role::TownshipListAdmin).await;
        let drafted = admin.act("draftFirstEdition", json!({}), "listVersion { id }").await.done();
        let id = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        self.add(township, &id, items).await.done();
        id
    }

    /// Adds items to a draft.
    pub async fn add(&self, township: &Township, version: &str, items: &[Value]) -> Act {
        let items: Vec<Value> = items.iter().map(|content| json!({ "content": content })).collect();
        let input = json!({ "versionId": version, "items": items });
        township.person(Role::TownshipListAdmin).await.act("addDraftItem", input, "listVersion { id }").await
    }

    /// The township's head confirms a version.
    pub async fn confirm(&self, township: &Township, version: &str) -> Act {
        version_act(&township.person(Role::TownshipHead).await, "confirmListVersion", version).await
    }

    /// The seat's establishment office reviews a version.
    pub async fn review(&self, version: &str) -> Act {
        version_act(&self.establishment().await, "reviewListVersion", version).await
    }

    /// The office at this place of the chain reviews a version.
    pub async fn review_above(&self, index: usize, version: &str) -> Act {
        version_act(&self.reviewer(index).await, "reviewListVersionAbove", version).await
    }

    /// The seat decides on a version.
    pub async fn approve(&self, version: &str) -> Act {
        let input = json!({ "id": version, "decision": self.decision() });
        self.clerk().await.act("approveListVersion", input, "listVersion { id state }").await
    }

    /// The seat's establishment office publishes a version, to take effect at once or later.
    pub async fn publish(&self, version: &str, from: Option<&str>) -> Act {
        let input = json!({ "id": version, "effectiveFrom": from });
        let seen = "listVersion { id state effectiveFrom list { id } }";
        self.establishment().await.act("publishListVersion", input, seen).await
    }

    /// A drafted first edition up to its publication; answers the list.
    pub async fn put_in_force(&self, township: &Township, version: &str) -> String {
        self.confirm(township, version).await.done();
        self.review(version).await.done();
        for index in 0..self.above.len() {
            self.review_above(index, version).await.done();
        }
        self.approve(version).await.done();
        let published = self.publish(version, None).await.done();
        assert_eq!(published["listVersion"]["state"], "IN_FORCE");
        published["listVersion"]["list"]["id"].as_str().unwrap().to_owned()
    }

    /// A version that the seat's office has reviewed, through every office above to its publication.
    pub async fn put_on(&self, version: &str) {
        for index in 0..self.above.len() {
            self.review_above(index, version).await.done();
        }
        self.approve(version).await.done();
        self.publish(version, None).await.done();
    }

    /// A list in force with these items; answers its id.
    pub async fn list(&self, township: &Township, items: &[Value]) -> String {
        let draft = self.draft(township, items).await;
        self.put_in_force(township, &draft).await
    }

    /// Tries to draft the next version of a list.
    pub async fn incorporation(&self, list: &str) -> Act {
        let selection =
            "listVersion { id state edition versionNo comparison { burden differences { kind burden to } } }";
        self.establishment().await.act("draftIncorporation", json!({ "listId": list }), selection).await
    }

    /// Publishes the next version of a list, with every approved request that waits; answers the version.
    pub async fn incorporate(&self, township: &Township, list: &str, from: Option<&str>) -> String {
        let drafted = self.incorporation(list).await.done();
        let version = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        self.confirm(township, &version).await.done();
        self.review(&version).await.done();
        self.approve(&version).await.done();
        self.publish(&version, from).await.done();
        version
    }

    /// The item with this name in force in a list, as anybody sees it; null if there is none.
    pub async fn item(&self, list: &str, name: &str) -> Value {
        let selection = "items(first: 100) { nodes { id name category item { id code } \
                         townshipClauses { text } introducedIn { id versionNo } } }";
        let seen = self.world.visitor().see("DutyList", list, selection).await;
        let items = seen["items"]["nodes"].as_array().unwrap().clone();
        items.into_iter().find(|item| item["name"] == name).unwrap_or_default()
    }

    /// The id of the item with this name in force in a list.
    pub async fn item_id(&self, list: &str, name: &str) -> String {
        let found = self.item(list, name).await;
        found["item"]["id"].as_str().unwrap_or_else(|| panic!("no item {name} in force")).to_owned()
    }
}

async fn version_act(client: &Client, act: &str, version: &str) -> Act {
    client.act(act, json!({ "id": version }), "listVersion { id state }").await
}

/// A change that adds an item to lists.
#[must_use]
pub fn addition(lists: &[&str], content: &Value) -> Value {
    json!({ "direction": "ADD", "listIds": lists, "content": content })
}

/// A change of an existing item.
#[must_use]
pub fn change(direction: &str, item: &str, content: Option<&Value>) -> Value {
    json!({ "direction": direction, "itemIds": [item], "content": content })
}

/// Adjustments.
impl Ground {
    /// What a township's application states.
    pub fn application(&self, title: &str, changes: &[Value]) -> Value {
        json!({
            "title": title, "origin": "TOWNSHIP_APPLICATION", "reason": "群众诉求集中，乡镇有意愿也有能力配合",
            "changes": changes,
        })
    }

    /// A drafted application of a township.
    pub async fn apply(&self, township: &Township, title: &str, changes: &[Value]) -> String {
        let admin = township.person(Role::TownshipListAdmin).await;
        let made = admin.act("createAdjustment", self.application(title, changes), "adjustment { id }").await.done();
        made["adjustment"]["id"].as_str().unwrap().to_owned()
    }

    /// Both heads sign, unless they have, and the list administrator submits.
    pub async fn sign_and_submit(&self, township: &Township, id: &str) -> Act {
        for role in [Role::TownshipPartySecretary, Role::TownshipHead] {
            let head = township.person(role).await;
            let offered = head.see("Adjustment", id, "viewerActions").await["viewerActions"].clone();
            if offered.as_array().is_some_and(|acts| acts.contains(&json!("SIGN_ADJUSTMENT"))) {
                adjustment_act(&head, "signAdjustment", id, json!({})).await.done();
            }
        }
        let admin = township.person(Role::TownshipListAdmin).await;
        adjustment_act(&admin, "submitAdjustment", id, json!({})).await
    }

    /// Takes an application from wherever it is to a state before its incorporation, everybody agreeing.
    pub async fn adjustment_until(&self, township: &Township, id: &str, state: &str) {
        let office = self.establishment().await;
        loop {
            // A draft is seen by its township only.
            let client = township.person(Role::TownshipListAdmin).await;
            let now = client.see("Adjustment", id, "state").await["state"].as_str().unwrap().to_owned();
            if now == state {
                return;
            }
            let act = async |client: &Client, act: &str, more: Value| {
                adjustment_act(client, act, id, more).await.done();
            };
            match now.as_str() {
                "DRAFT" | "RETURNED" => {
                    self.sign_and_submit(township, id).await.done();
                }
                "SUBMITTED" => act(&office, "receiveAdjustment", json!({})).await,
                "EO_CHECK" => act(&office, "checkAdjustment", json!({ "outcome": "PASS" })).await,
                "JOINT_CONSULTATION" => {
                    for org in self.waited_for("Adjustment", id, "GIVE_ADJUSTMENT_OPINION").await {
                        let opinion = json!({ "stance": "AGREE", "text": "同意" });
                        act(&head_of(&org).await, "giveAdjustmentOpinion", opinion).await;
                    }
                    act(&office, "closeAdjustmentConsultation", json!({ "summary": "已充分会商" })).await;
                }
                "LEGAL_REVIEW" => {
                    let review = json!({ "outcome": "LAWFUL", "opinion": "符合法定职责" });
                    act(&self.justice().await, "reviewAdjustmentLegality", review).await;
                }
                "COUNTY_DECISION" => {
                    let decision = json!({ "outcome": "APPROVED", "decision": self.decision() });
                    act(&self.clerk().await, "decideAdjustment", decision).await;
                }
                _ => panic!("an adjustment in state {now} does not come to {state}"),
            }
        }
    }

    /// An application decided by the county; answers its id.
    pub async fn approved_application(&self, township: &Township, title: &str, changes: &[Value]) -> String {
        let id = self.apply(township, title, changes).await;
        self.adjustment_until(township, &id, "APPROVED").await;
        id
    }

    /// Organisations that are asked for this and have not done it.
    pub async fn waited_for(&self, kind: &str, id: &str, task: &str) -> Vec<Org> {
        let seen = self.establishment().await.see(kind, id, &format!("steps {{ {STEP} }}")).await;
        let steps = seen["steps"].as_array().unwrap_or_else(|| panic!("{kind} {id} is not seen")).clone();
        let open = steps.iter().filter(|step| step["task"] == task && step["closedAt"].is_null());
        open.map(|step| self.org(step["organisation"]["id"].as_str().unwrap())).collect()
    }
}

/// The head of a township or department.
pub async fn head_of(org: &Org) -> Client {
    use yidan::kernel::place::OrgKind;
    org.person(if org.kind == OrgKind::Township { Role::TownshipHead } else { Role::DeptHead }).await
}

/// What somebody does to an adjustment.
pub async fn adjustment_act(client: &Client, act: &str, id: &str, more: Value) -> Act {
    let input = crate::ground::with(&json!({ "id": id }), &more);
    client.act(act, input, "adjustment { id state revision returnCount }").await
}

/// Admissions.
impl Ground {
    /// What a department's proposal states.
    pub fn proposal(&self, title: &str, changes: &[Value]) -> Value {
        json!({
            "title": title, "origin": "DEPARTMENT_PROPOSAL", "reason": "按照部门职责分工，需乡镇协助",
            "necessity": "点多面广", "inability": "部门编制有限", "capacityAssessment": "每乡镇每月约2人次",
            "resources": { "money": "每乡镇每年2万元", "training": "每年培训一次" },
            "intendedStart": yidan::kernel::clock::china_date(self.world.now() + chrono::TimeDelta::days(90)),
            "changes": changes,
        })
    }

    /// A drafted proposal of a department.
    pub async fn propose(&self, department: &Org, title: &str, changes: &[Value]) -> String {
        let input = json!({ "content": self.proposal(title, changes) });
        let head = department.person(Role::DeptHead).await;
        let made = head.act("createAdmission", input, "admission { id }").await.done();
        made["admission"]["id"].as_str().unwrap().to_owned()
    }

    /// Takes a proposal from wherever it is to a state before its incorporation, everybody agreeing.
    pub async fn admission_until(&self, department: &Org, id: &str, state: &str) {
        let (head, office) = (department.person(Role::DeptHead).await, self.establishment().await);
        let mut level = 0;
        loop {
            let now = head.see("Admission", id, "state").await["state"].as_str().unwrap().to_owned();
            if now == state {
                return;
            }
            let act = async |client: &Client, act: &str, more: Value| {
                admission_act(client, act, id, more).await.done();
            };
            let passed = json!({ "outcome": "APPROVED", "reason": "同意上报" });
            let decided = json!({ "outcome": "APPROVED", "decision": self.decision() });
            match now.as_str() {
                "DRAFT" | "RETURNED" => act(&head, "submitAdmission", json!({})).await,
                "SUBMITTED" => act(&office, "receiveAdmission", json!({})).await,
                "EO_CHECK" => act(&office, "checkAdmission", passed).await,
                "TOWNSHIP_CONSULTATION" => {
                    for org in self.waited_for("Admission", id, "GIVE_ADMISSION_OPINION").await {
                        let opinion = json!({ "stance": "AGREE", "text": "同意" });
                        act(&head_of(&org).await, "giveAdmissionOpinion", opinion).await;
                    }
                    act(&office, "closeAdmissionConsultation", json!({ "summary": "已逐一听取意见" })).await;
                }
                "LEGAL_AND_RESOURCE_REVIEW" => {
                    let lawful = json!({ "outcome": "LAWFUL", "opinion": "合法" });
                    act(&self.justice().await, "reviewAdmissionLegality", lawful).await;
                    let sufficient = json!({ "outcome": "SUFFICIENT", "opinion": "有保障" });
                    act(&self.finance().await, "reviewAdmissionResources", sufficient).await;
                }
                "COUNTY_DECISION" => act(&self.clerk().await, "decideAdmissionAtCounty", decided).await,
                "CITY_REVIEW" => {
                    act(&self.reviewer(level).await, "reviewAdmissionAtCity", passed).await;
                    level += 1;
                }
                "PROVINCE_REVIEW" => act(&self.top().await, "decideAdmissionAtProvince", decided).await,
                _ => panic!("an admission in state {now} does not come to {state}"),
            }
        }
    }
}

/// What somebody does to an admission.
pub async fn admission_act(client: &Client, act: &str, id: &str, more: Value) -> Act {
    let input = crate::ground::with(&json!({ "id": id }), &more);
    client.act(act, input, "admission { id state revision returnCount }").await
}
