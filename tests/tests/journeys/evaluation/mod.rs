//! A half-year's two-way evaluation.

mod objections;
mod publication;
mod roll;
mod secrecy;
mod telling;

use yidan_tests::{
    evaluation::{Paper, SeededItem},
    prelude::*,
};

/// A county whose townships share a cooperative item with one bureau and a reclaimed one with another.
struct County {
    seat: Seat,
    townships: Vec<Township>,
    bureau: Org,
    health: Org,
}

const CODES: [&str; 4] = ["320102002", "320102003", "320102005", "320102007"];

async fn county(world: &World, townships: usize) -> County {
    let jiangsu = world.province("320000").await;
    let seat = jiangsu.county("320102").await;
    let bureau = seat.department("应急管理局").await;
    let health = seat.department("卫生健康局").await;
    let mut all = Vec::new();
    for code in CODES.iter().take(townships) {
        let township = seat.township(code).await;
        let items =
            [SeededItem::new("COOPERATIVE", &bureau, "LEAD"), SeededItem::new("RECLAIMED", &health, "TAKEOVER")];
        seat.list_in_force(world, &township, &items).await;
        all.push(township);
    }
    County { seat, townships: all, bureau, health }
}

impl County {
    /// So many persons of a township, the heads first.
    async fn voters(&self, township: usize, count: usize) -> Vec<Client> {
        let org = &self.townships[township].org;
        let mut voters = Vec::new();
        for number in 0..count {
            voters.push(match number {
                0 => org.person(Role::TownshipPartySecretary).await,
                1 => org.person(Role::TownshipHead).await,
                _ => org.another(Role::TownshipStaff).await,
            });
        }
        voters
    }
}

/// Everybody takes the papers and casts the one on `subject`.
async fn vote(world: &World, round: &str, voters: &[Client], subject: &Org, score: i32) -> Vec<Paper> {
    let mut spent = Vec::new();
    for voter in voters {
        let paper = voter.claim_on(round, subject).await;
        assert_eq!(world.cast(&paper, score).await.done()["accepted"], true);
        spent.push(paper);
    }
    spent
}

/// Results of a round as this caller sees them.
async fn results(client: &Client, round: &str) -> Vec<Value> {
    let wanted = "results { nodes { subject { id } direction standing score basis ballotScore objectiveScore \
                  ballotCount comments dimensions { score suppressed dimension { code } } } }";
    client.round(round, wanted).await["results"]["nodes"].as_array().cloned().unwrap_or_default()
}

async fn result_of(client: &Client, round: &str, subject: &Org) -> Option<Value> {
    results(client, round).await.into_iter().find(|result| result["subject"]["id"] == subject.id.to_string())
}
