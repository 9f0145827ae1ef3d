//! Other systems are told what happens: what, to whom, signed how, and what comes of receivers that are down, slow or
//! hostile.

mod managing;
mod resting;
mod retrying;
mod telling;
mod trouble;

use std::time::Duration;

use yidan_tests::{
    ground::Ground,
    prelude::*,
    procedures::addition,
    webhooks::{Endpoint, Receiver},
};

/// Longest time for a delivery to a receiver that answers.
const PATIENT: Duration = Duration::from_secs(20);

/// A county whose establishment office is told everything it sees, with a department that brings things about.
async fn told(world: &World) -> (Ground, Receiver, Endpoint) {
    world.open_loopback(PATIENT);
    let ground = world.ground().await;
    let receiver = Receiver::open().await;
    let office = ground.seat.office(OrgKind::EstablishmentOffice).clone();
    let endpoint = ground.establishment().await.endpoint(Some(&office), &receiver, &[]).await;
    (ground, receiver, endpoint)
}

/// An adjustment that a township of the county applies for, submitted.
async fn submitted(ground: &Ground, fire: &Org, township: &Township, list: &str, name: &str) -> String {
    let item = addition(&[list], &ground.cooperative(name, fire));
    let id = ground.apply(township, name, &[item]).await;
    ground.adjustment_until(township, &id, "EO_CHECK").await;
    id
}

/// The same where everything told so far has arrived, with who reads the log and whom the events are about.
struct Scene {
    ground: Ground,
    office: Client,
    fire: Org,
    receiver: Receiver,
    endpoint: Endpoint,
}

impl Scene {
    async fn of(world: &World) -> Self {
        let (ground, receiver, endpoint) = told(world).await;
        let (office, fire) = (ground.establishment().await, ground.department("消防救援大队").await);
        world.deliver().await;
        let _ = receiver.taken();
        Self { ground, office, fire, receiver, endpoint }
    }

    /// So many events more.
    async fn events(&self, count: usize) {
        for turn in 0..count {
            rename(&self.ground, &self.fire, &format!("消防救援{turn}队")).await;
        }
    }

    async fn log(&self) -> Value {
        self.office.log(&self.endpoint).await
    }
}

/// One event more, about the county.
async fn rename(ground: &Ground, org: &Org, name: &str) {
    let input = json!({ "id": org.id, "name": name });
    ground.province.admin().await.act("renameOrgUnit", input, "orgUnit { id }").await.done();
}
