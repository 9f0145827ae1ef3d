//! Dynamic adjustment: what law, centre, province or the township itself asks for, decided by the county.

mod application;
mod competing;
mod consultation;
mod duplicates;
mod returning;
mod routing;
mod shortcuts;

use yidan_tests::{
    ground::{Ground, texts, with},
    prelude::*,
    procedures::{addition, adjustment_act, change},
};

/// A county with one township whose list is in force.
struct County {
    ground: Ground,
    township: Township,
    fire: Org,
    housing: Org,
    list: String,
}

const AID: &str = "受理临时救助申请并入户核实";
const SHOPS: &str = "九小场所消防安全治理";
const WALLS: &str = "既有建筑玻璃幕墙安全管理";
const GAS: &str = "农村燃气壁挂炉使用安全提醒";

async fn county(world: &World) -> County {
    let ground = world.ground().await;
    let township = ground.township("320102002").await;
    let (fire, housing) = (ground.department("消防救援大队").await, ground.department("住房和城乡建设局").await);
    let items = [ground.basic(AID), ground.cooperative(SHOPS, &fire), ground.reclaimed(WALLS, &housing)];
    let list = ground.list(&township, &items).await;
    County { ground, township, fire, housing, list }
}

impl County {
    /// The change that adds the gas item.
    fn gas(&self) -> Value {
        addition(&[&self.list], &self.ground.cooperative(GAS, &self.housing))
    }

    /// A drafted application for the gas item.
    async fn applied(&self) -> String {
        self.ground.apply(&self.township, "关于承接燃气安全提醒的申请", &[self.gas()]).await
    }

    /// The same at a state.
    async fn at(&self, state: &str) -> String {
        let id = self.applied().await;
        self.ground.adjustment_until(&self.township, &id, state).await;
        id
    }

    async fn secretary(&self) -> Client {
        self.township.person(Role::TownshipPartySecretary).await
    }

    async fn head(&self) -> Client {
        self.township.person(Role::TownshipHead).await
    }

    async fn list_admin(&self) -> Client {
        self.township.person(Role::TownshipListAdmin).await
    }

    /// What the county's establishment office sees of a request.
    async fn seen(&self, id: &str, selection: &str) -> Value {
        self.ground.establishment().await.see("Adjustment", id, selection).await
    }

    async fn state(&self, id: &str) -> String {
        self.list_admin().await.see("Adjustment", id, "state").await["state"].as_str().unwrap().to_owned()
    }

    async fn check(&self, id: &str, more: Value) -> Act {
        adjustment_act(&self.ground.establishment().await, "checkAdjustment", id, more).await
    }

    async fn opinion(&self, id: &str, stance: &str) -> Act {
        let opinion = json!({ "stance": stance, "text": "建议检查处罚由部门负责" });
        adjustment_act(&self.housing.person(Role::DeptHead).await, "giveAdjustmentOpinion", id, opinion).await
    }

    async fn close(&self, id: &str) -> Act {
        let summary = json!({ "summary": "已征求意见" });
        adjustment_act(&self.ground.establishment().await, "closeAdjustmentConsultation", id, summary).await
    }

    async fn decide(&self, client: &Client, id: &str, outcome: &str) -> Act {
        let reason = (outcome != "APPROVED").then_some("再作论证");
        let decision = json!({ "outcome": outcome, "decision": self.ground.decision(), "reason": reason });
        adjustment_act(client, "decideAdjustment", id, decision).await
    }
}

/// The one step that waits for somebody, with its clock.
async fn open_steps(county: &County, id: &str) -> Vec<Value> {
    let steps = county.seen(id, &format!("steps {{ {} }}", yidan_tests::ground::STEP)).await["steps"].clone();
    steps.as_array().unwrap().iter().filter(|step| step["closedAt"].is_null()).cloned().collect()
}
