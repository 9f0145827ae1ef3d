//! Duty admission: what departments and leadership want to add climbs to the province, and only the province approves.

mod climbing;
mod duplicates;
mod guards;
mod hearing;
mod lapsing;
mod refused;

use yidan_tests::{
    ground::{Ground, texts, with},
    prelude::*,
    procedures::{addition, admission_act},
};

/// A county with two townships whose lists are in force, and a bureau that wants something of them.
struct County {
    ground: Ground,
    townships: [Township; 2],
    bureau: Org,
    lists: [String; 2],
}

const AID: &str = "受理临时救助申请并入户核实";
const NURSERY: &str = "托育机构每月巡查";

async fn county(world: &World) -> County {
    let ground = world.ground().await;
    let bureau = ground.department("卫生健康委员会").await;
    let townships = [ground.township("320102002").await, ground.township("320102003").await];
    let items = [ground.basic(AID)];
    let lists = [ground.list(&townships[0], &items).await, ground.list(&townships[1], &items).await];
    County { ground, townships, bureau, lists }
}

impl County {
    /// The change that adds the nursery item to both lists.
    fn nursery(&self) -> Value {
        addition(&[&self.lists[0], &self.lists[1]], &self.ground.cooperative(NURSERY, &self.bureau))
    }

    /// The drafted proposal of the nursery item.
    async fn proposed(&self) -> String {
        self.ground.propose(&self.bureau, "关于将托育机构巡查纳入配合事项的申请", &[self.nursery()]).await
    }

    /// The same at a state.
    async fn at(&self, state: &str) -> String {
        let id = self.proposed().await;
        self.ground.admission_until(&self.bureau, &id, state).await;
        id
    }

    async fn head(&self) -> Client {
        self.bureau.person(Role::DeptHead).await
    }

    /// What the proposing bureau sees of it.
    async fn seen(&self, id: &str, selection: &str) -> Value {
        self.head().await.see("Admission", id, selection).await
    }

    async fn state(&self, id: &str) -> String {
        self.seen(id, "state").await["state"].as_str().unwrap().to_owned()
    }

    async fn check(&self, id: &str, more: Value) -> Act {
        admission_act(&self.ground.establishment().await, "checkAdmission", id, more).await
    }

    async fn opinion(&self, township: usize, id: &str, stance: &str) -> Act {
        let opinion = json!({ "stance": stance, "text": "现有网格员已满负荷", "capacity": "无专业人员" });
        let admin = self.townships[township].person(Role::TownshipListAdmin).await;
        admission_act(&admin, "giveAdmissionOpinion", id, opinion).await
    }

    async fn close(&self, id: &str) -> Act {
        let summary = json!({ "summary": "已逐一听取意见" });
        admission_act(&self.ground.establishment().await, "closeAdmissionConsultation", id, summary).await
    }

    async fn at_province(&self, client: &Client, id: &str, outcome: &str) -> Act {
        let reason = (outcome != "APPROVED").then_some("属部门法定监管职责，不宜由乡镇承担");
        let decision = json!({ "outcome": outcome, "decision": self.ground.decision(), "reason": reason });
        admission_act(client, "decideAdmissionAtProvince", id, decision).await
    }
}
