//! Who may do what: the whole policy as a text that a review can read, and the proof that nothing else is granted.

use std::{collections::BTreeSet, fmt::Write, sync::Arc};

use uuid::Uuid;
use yidan::kernel::{
    ctx::Actor,
    ids::{AccountId, OrgUnitId, PostId, ProvinceId, SessionId},
    place::{DivisionLevel, OrgKind},
    policy::{self, Action, Relation, Target, grants},
    refusal::Refusal,
    role::Role,
    settings::ProvinceSettings,
};
use yidan_tests::{sdl::Schema, snapshot, source::sources};

const RELATIONS: [Relation; 5] =
    [Relation::Own, Relation::Responsible, Relation::Named, Relation::Above, Relation::Oneself];

fn word(relation: Relation) -> &'static str {
    relation.into()
}

#[test]
fn the_policy_is_the_one_that_was_reviewed() {
    let mut text = String::from(
        "# Who may do what, by which relation to the target. What is not listed is denied.\n\
         # Own: the actor's organisation owns or proposed it. Responsible: the present step lies there. Named: it is asked\n\
         # for its word. Above: the target lies in its territory. Oneself: the actor's own account or session.\n\n",
    );
    for action in Action::ALL {
        let decides =
            if policy::is_decision(*action) { ", never on what one's own organisation put forward" } else { "" };
        let _ = writeln!(text, "{action}{decides}");
        for (relation, roles) in grants(*action) {
            let roles: Vec<&str> = roles.iter().map(|role| role.code()).collect();
            let all = roles.len() == Role::ALL.len();
            let _ =
                writeln!(text, "    {:<12} {}", word(*relation), if all { "everyone".into() } else { roles.join(" ") });
        }
        if grants(*action).is_empty() {
            text += "    nobody\n";
        }
    }
    text += "\n# The same by role.\n";
    for role in Role::ALL {
        let _ = writeln!(text, "\n{role}");
        for relation in RELATIONS {
            let mine =
                |action: &&Action| grants(**action).iter().any(|(by, roles)| *by == relation && roles.contains(role));
            let actions: Vec<&str> = Action::ALL.iter().filter(mine).map(|action| action.code()).collect();
            if !actions.is_empty() {
                let _ = writeln!(text, "    {:<12} {}", word(relation), actions.join(" "));
            }
        }
    }
    snapshot::check("tests/snapshots/policy.txt", &text, "UPDATE_SNAPSHOTS");
}

fn actor(role: Role) -> Actor {
    Actor {
        account: AccountId::new(),
        session: SessionId::new(),
        post: PostId::new(),
        role,
        org: OrgUnitId::new(),
        org_kind: OrgKind::Department,
        level: DivisionLevel::County,
        path: Arc::from("320000.320100.320102"),
        province: ProvinceId::new(),
        name: Arc::from("某人"),
        org_name: Arc::from("某局"),
        must_change_password: false,
        settings: Arc::new(ProvinceSettings::default()),
    }
}

/// Checks an act on a target to which the actor stands in exactly these relations.
fn asked(action: Action, actor: &Actor, relations: &[Relation]) -> Result<(), Refusal> {
    let has = |relation| relations.contains(&relation);
    let (here, elsewhere) = (actor.org, OrgUnitId::new());
    let (responsible, named) = (
        if has(Relation::Responsible) { vec![here] } else { vec![elsewhere] },
        if has(Relation::Named) { vec![here] } else { vec![] },
    );
    let target = Target {
        id: if has(Relation::Oneself) { actor.account.0 } else { Uuid::now_v7() },
        province: actor.province,
        path: if has(Relation::Above) { "320000.320100.320102.320102001" } else { "320000.320100.320104" },
        owner: Some(if has(Relation::Own) { here } else { elsewhere }),
        responsible: &responsible,
        named: &named,
    };
    policy::check(action, actor, &target)
}

#[test]
fn exactly_what_is_granted_is_allowed() {
    for action in Action::ALL {
        for role in Role::ALL {
            let actor = actor(*role);
            for mask in 0..32u8 {
                let relations: Vec<Relation> = RELATIONS
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| mask & (1 << bit) != 0)
                    .map(|(_, one)| *one)
                    .collect();
                let granted = grants(*action).iter().any(|(by, roles)| roles.contains(role) && relations.contains(by));
                let own_judge = policy::is_decision(*action) && relations.contains(&Relation::Own);
                let answer = asked(*action, &actor, &relations);
                match (granted, own_judge) {
                    (true, false) => assert_eq!(answer, Ok(()), "{action} {role} {mask:05b}"),
                    (true, true) => assert!(matches!(answer, Err(Refusal::SelfApproval { .. })), "{action} {role}"),
                    (false, _) => {
                        assert!(matches!(answer, Err(Refusal::Forbidden { .. })), "{action} {role} {mask:05b}");
                    }
                }
            }
            let foreign = Target {
                id: actor.account.0,
                province: ProvinceId::new(),
                path: &actor.path,
                owner: Some(actor.org),
                responsible: &[actor.org],
                named: &[actor.org],
            };
            let answer = policy::check(*action, &actor, &foreign);
            assert!(matches!(answer, Err(Refusal::NotFound { .. })), "{action} {role} in another province");
        }
    }
}

#[test]
fn a_technical_administrator_has_no_business_powers() {
    const TECHNICAL: &[&str] = &[
        "ACCOUNT",
        "IDENTITY",
        "PASSWORD",
        "POST",
        "ORG_UNIT",
        "INTERNAL_OFFICE",
        "POSITION",
        "ZONE",
        "REVIEW_CHAIN",
        "DIVISION_CHANGE",
        "PROVINCE_ACCESS",
        "WEBHOOK",
        "LOGOUT",
        "SESSION",
    ];
    for action in Action::ALL {
        let powers = grants(*action).iter().any(|(_, roles)| roles.contains(&Role::TechnicalAdmin));
        let technical = TECHNICAL.iter().any(|word| action.code().contains(word));
        assert!(!powers || technical, "{action} is no technical act");
    }
}

/// Acts that nobody calls by name, each with its reason.
const NEVER_OFFERED: &[(Action, &str)] = &[
    (Action::RefuseLogin, "what became of a log-in"),
    (Action::DetectTokenReplay, "what a refresh turned out to be"),
    (Action::BreachDeadline, "what time does"),
    (Action::MarkLateAdjustment, "what time does"),
    (Action::LapseAdmission, "what time does"),
    (Action::CloseEvaluation, "what time does, and nobody earlier"),
    (Action::DisableWebhookEndpoint, "what became of an endpoint"),
    (Action::AnswerLawChange, "a task, done by an adjustment request"),
    (Action::ReadEvidence, "a question"),
    (Action::LoadCalendar, "done at the machine"),
    (Action::Bootstrap, "done at the machine"),
];

/// Wings that are not built yet, with what their acts are called.
const WINGS_TO_COME: &[(&str, &[&str])] =
    &[("adjustment", &["ADJUSTMENT", "LAW"]), ("admission", &["ADMISSION"]), ("evaluation", &["EVALUATION", "BALLOT"])];

fn screaming(camel: &str) -> String {
    let mut word = String::new();
    for character in camel.chars() {
        if character.is_ascii_uppercase() {
            word.push('_');
        }
        word.push(character.to_ascii_uppercase());
    }
    word
}

#[test]
fn every_mutation_is_an_act_and_every_act_a_mutation() {
    let schema = Schema::current();
    let mutations: BTreeSet<String> =
        schema.fields("Mutation").iter().map(|field| screaming(&field.name.node)).collect();
    let acts: BTreeSet<String> = Action::ALL.iter().map(|action| action.code().to_owned()).collect();
    let nameless: Vec<_> = mutations.difference(&acts).collect();
    assert!(nameless.is_empty(), "mutations without an act of their name: {nameless:?}");

    let built: BTreeSet<String> = sources("api/src").iter().map(|source| source.wing().to_owned()).collect();
    let to_come = |act: &str| {
        let mut wings = WINGS_TO_COME.iter().filter(|(wing, _)| !built.contains(*wing));
        wings.any(|(_, words)| words.iter().any(|word| act.contains(word)))
    };
    let never = |act: &str| NEVER_OFFERED.iter().any(|(action, _)| action.code() == act);
    let idle: Vec<_> = acts.difference(&mutations).filter(|act| !never(act) && !to_come(act)).collect();
    assert!(idle.is_empty(), "acts that no mutation does: {idle:?}");
    let offered: Vec<_> = NEVER_OFFERED.iter().filter(|(action, _)| mutations.contains(action.code())).collect();
    assert!(offered.is_empty(), "on the list of acts that are never offered, and offered: {offered:?}");
}
