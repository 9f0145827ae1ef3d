//! What a person is offered is what the server lets that person do: `viewerActions` and the mutations, held against
//! each other on every procedure of the demonstration, step after step; and every step is in the evidence, once.

use std::collections::{BTreeMap, BTreeSet};

use yidan_tests::{
    demo::{CAST, Procedure},
    ids, on_both_demonstration,
    prelude::*,
    sdl::{Leaf, Operation, Root, Sampler, Schema, with},
};

/// Codes by which the server says that an act is not this person's, or not now.
const NOT_YOURS: &[&str] = &[
    "FORBIDDEN",
    "SELF_APPROVAL",
    "WRONG_STATE",
    "STEP_SKIPPED",
    "WINDOW_CLOSED",
    "CONSULTATION_INCOMPLETE",
    "SIGNATURE_MISSING",
];

/// Tasks that are offered and have no mutation of their own: an adjustment request fulfils it.
const FULFILLED_OTHERWISE: &[&str] = &["ANSWER_LAW_CHANGE"];

/// Acts by which a procedure ends early: done only where nothing else is offered.
const LAST_RESORT: &[&str] = &["WITHDRAW", "RETURN", "REMOVE"];

/// Values with which an act goes further than with just any.
const KNOWN: &[(&str, &str)] = &[("consultationDays", "5"), ("effectiveFrom", "null")];

/// Acts that leave what others decide on as it was: the signature of a text, a paper handed out.
const REVISES_NOTHING: &[&str] = &["SIGN_ADJUSTMENT", "CLAIM_BALLOTS"];

/// How often something is done on every procedure that moves at all.
const TURNS: usize = 5;

/// Somebody with a log-in.
struct Player {
    name: String,
    client: Client,
}

/// A mutation that is an act on a procedure.
struct Deed {
    action: String,
    operation: Operation,
    /// Everything there is to say, and the least.
    most: Value,
    least: Value,
    /// Where a text stands in the least.
    text: Option<Leaf>,
    /// Where the id of the procedure stands.
    place: Leaf,
    prefix: String,
    counts_revisions: bool,
}

/// Every mutation that is an act on a procedure, with ids of what there is in the province.
async fn deeds(world: &World, schema: &Schema, things: &BTreeMap<&'static str, String>) -> Vec<Deed> {
    let actions = schema.values("Action").unwrap();
    let mut deeds = Vec::new();
    for operation in schema.operations().into_iter().filter(|operation| operation.root == Root::Mutation) {
        let action = operation.action();
        let (least, leaves) = Sampler::minimal(schema).variables(&operation);
        let kinds = ids::kinds(&world.visitor(), &operation, &least, &leaves).await;
        let procedures = ["adj", "adm", "ver", "watch", "round"];
        let place = leaves.iter().find(|leaf| {
            let named = matches!(leaf.field(), "id" | "versionId" | "roundId");
            named && kinds.get(&leaf.pointer).is_some_and(|kind| procedures.contains(&kind.as_str()))
        });
        let (Some(place), true) = (place.cloned(), actions.contains(&action)) else { continue };
        let fill = |variables: Value, leaves: &[Leaf], kinds: &BTreeMap<String, String>| {
            leaves.iter().fold(ids::filled(&variables, leaves, kinds), |variables, leaf| {
                let thing = kinds.get(&leaf.pointer).and_then(|kind| things.get(kind.as_str()));
                let known = KNOWN.iter().find(|(field, _)| *field == leaf.field());
                match (thing, known) {
                    (Some(id), _) => with(&variables, leaf, json!(id)),
                    (None, Some((_, text))) => with(&variables, leaf, serde_json::from_str(text).unwrap()),
                    (None, None) => variables,
                }
            })
        };
        let (most, all) = Sampler::full(schema).variables(&operation);
        let kinds_of_all = ids::kinds(&world.visitor(), &operation, &most, &all).await;
        let mut most = fill(most, &all, &kinds_of_all);
        let counts_revisions = most["input"].as_object_mut().unwrap().remove("expectedRevision").is_some();
        deeds.push(Deed {
            prefix: kinds[&place.pointer].clone(),
            text: leaves.iter().find(|leaf| leaf.type_name == "String").cloned(),
            least: fill(least, &leaves, &kinds),
            action,
            operation,
            most,
            place,
            counts_revisions,
        });
    }
    deeds
}

impl Deed {
    async fn by(&self, player: &Player, variables: &Value, procedure: &Procedure) -> Answer {
        player.client.query(&self.operation.document, with(variables, &self.place, json!(procedure.id))).await
    }

    /// Done in a way that comes to nothing once the person has been let in: for a revision there never was, or with a
    /// text that is none. Nothing where there is no such way.
    async fn tried_by(&self, player: &Player, procedure: &Procedure) -> Option<Answer> {
        let mut variables = self.least.clone();
        if self.counts_revisions {
            variables["input"]["expectedRevision"] = json!(0);
        } else {
            variables = with(&variables, self.text.as_ref()?, json!("a\0b"));
        }
        Some(self.by(player, &variables, procedure).await)
    }

    /// Whether the answer says that it is not this person's to do, or not now.
    fn is_denied(&self, answer: &Answer) -> bool {
        let refusals = answer.data(&format!("/{}/userErrors", self.operation.name)).as_array().cloned();
        let place: Vec<&str> = self.place.pointer.split('/').skip(1).collect();
        let denies = |refusal: &Value| {
            let code = refusal["code"].as_str().unwrap_or_default();
            NOT_YOURS.contains(&code) || (code == "NOT_FOUND" && refusal["path"] == json!(place))
        };
        refusals.unwrap_or_default().iter().any(denies) || answer.codes() == ["UNAUTHENTICATED"]
    }

    fn is_done(&self, answer: &Answer) -> bool {
        answer.codes().is_empty() && answer.user_error_codes(&self.operation.name).is_empty()
    }
}

/// What the demonstration has not: a first edition that is being drafted, with its people.
async fn beginnings(world: &World, players: &mut Vec<Player>) {
    let jiangsu = world.province("320000").await;
    let seat = jiangsu.county("320102").await;
    jiangsu.establishment_office("320100").await;
    let township = seat.township("320102002").await;
    for role in [Role::TownshipListAdmin, Role::TownshipHead] {
        players.push(Player { name: format!("{role} of 320102002"), client: township.person(role).await });
    }
    for role in [Role::EoCounty, Role::DecisionClerk] {
        players.push(Player { name: format!("{role} of 320102"), client: seat.person(role).await });
    }
    township
        .person(Role::TownshipListAdmin)
        .await
        .act("draftFirstEdition", json!({}), "listVersion { id }")
        .await
        .done();
}

on_both_demonstration! {
    async fn what_is_offered_is_what_is_allowed(world: World) {
        let mut players = Vec::new();
        for (name, client) in CAST.iter().zip(world.demo_cast().await) {
            players.push(Player { name: (*name).to_owned(), client });
        }
        beginnings(&world, &mut players).await;
        let province = world.province("320000").await.id;
        let schema = Schema::current();
        let deeds = deeds(&world, &schema, &world.one_of_each(province).await).await;
        let all_procedures = world.procedures(province).await;
        let mut procedures: Vec<&Procedure> = all_procedures.iter().collect();
        let (mut done, mut denied) = (BTreeMap::new(), BTreeSet::new());
        for turn in 0..TURNS {
            let ids: Vec<&str> = procedures.iter().map(|procedure| procedure.id.as_str()).collect();
            let mut offered = Vec::new();
            for player in &players {
                offered.push(player.client.offers(&schema, &ids).await);
            }
            let before = world.heads().await;
            for (number, procedure) in procedures.iter().copied().enumerate() {
                let mine = |index: usize| offered[index].get(&procedure.id);
                for (step, deed) in deeds.iter().filter(|deed| deed.prefix == procedure.prefix).enumerate() {
                    let is_offered = |index: &usize| mine(*index).is_some_and(|acts| acts.contains(&deed.action));
                    for index in (0..players.len()).filter(is_offered) {
                        let Some(answer) = deed.tried_by(&players[index], procedure).await else { continue };
                        let place = || format!("{} offered to {} on {procedure:?}", deed.action, players[index].name);
                        assert!(!deed.is_denied(&answer), "{}: {}", place(), answer.text);
                        assert!(!deed.is_done(&answer), "{}: an attempt was taken for the act", place());
                    }
                    // Of the others: those who are offered something else here, and somebody or other.
                    let near = (0..players.len()).filter(|index| mine(*index).is_some_and(|acts| !acts.is_empty()));
                    let somebody = (turn == 0).then_some((number * 7 + step * 3) % players.len());
                    let others: BTreeSet<usize> =
                        near.take(2).chain(somebody).filter(|index| !is_offered(index)).collect();
                    for index in others {
                        let answer = deed.by(&players[index], &deed.least, procedure).await;
                        let place = format!("{} by {} on {procedure:?}", deed.action, players[index].name);
                        assert!(deed.is_denied(&answer), "{place} was not offered: {}", answer.text);
                        denied.insert(deed.action.clone());
                    }
                }
            }
            assert_eq!(world.heads().await, before, "attempts leave no evidence");

            // Now one act on each, rather one that is new, so that the next turn meets other states.
            let mut moved = BTreeSet::new();
            for procedure in procedures.iter().copied() {
                let mut choices = Vec::new();
                for (player, offers) in players.iter().zip(&offered) {
                    for action in offers.get(&procedure.id).into_iter().flatten() {
                        match deeds.iter().find(|deed| deed.action == *action && deed.prefix == procedure.prefix) {
                            Some(deed) => choices.push((deed, player)),
                            None => assert!(FULFILLED_OTHERWISE.contains(&action.as_str()), "{action} on {procedure:?}"),
                        }
                    }
                }
                choices.sort_by_key(|(deed, _)| {
                    let last = LAST_RESORT.iter().any(|word| deed.action.starts_with(word));
                    let here = done.get(&(deed.action.as_str(), procedure.id.as_str())).copied().unwrap_or(0);
                    let anywhere = done.keys().filter(|(action, _)| *action == deed.action).count();
                    (last, here, anywhere)
                });
                'choice: for (deed, player) in choices {
                    for variables in [&deed.most, &deed.least] {
                        let ledger = world.ledger().await;
                        let answer = deed.by(player, variables, procedure).await;
                        let place = format!("{} by {} on {procedure:?}", deed.action, player.name);
                        assert!(!deed.is_denied(&answer), "{place} was offered: {}", answer.text);
                        let since = ledger.since(&world).await;
                        since.is_told_once(&place);
                        if deed.is_done(&answer) {
                            let here = ids::row(&procedure.id);
                            assert_eq!(since.acts().get(&here), Some(&vec![deed.action.as_str()]), "{place}");
                            let revises = !REVISES_NOTHING.contains(&deed.action.as_str());
                            assert_eq!(since.revised.contains(&here), revises, "{place}");
                            *done.entry((deed.action.as_str(), procedure.id.as_str())).or_insert(0) += 1;
                            moved.insert(procedure.id.as_str());
                            break 'choice;
                        }
                        assert!(since.events.is_empty(), "{place}: refused, and in the evidence: {:?}", since.events);
                    }
                }
            }
            procedures.retain(|procedure| moved.contains(procedure.id.as_str()));
            let ledger = world.ledger().await;
            world.wait_and_tick(TimeDelta::days(4)).await;
            ledger.since(&world).await.but_for_breaches().is_told_once("as time passes");
        }
        let never: Vec<&String> =
            deeds.iter().map(|deed| &deed.action).filter(|action| !denied.contains(*action)).collect();
        assert!(never.is_empty(), "never asked of somebody who may not: {never:?}");
        let done: BTreeSet<&str> = done.keys().map(|(action, _)| *action).collect();
        assert!(done.len() > 25, "only {done:?} was done");
    }
}
