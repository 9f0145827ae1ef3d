//! Who may call what: every operation of the schema has its case.

use yidan_tests::{
    ids,
    prelude::*,
    sdl::{Operation, Sampler, Schema},
    snapshot,
};

/// Variables that get past the reading of the input, so that the answer is about the caller.
async fn sensible(world: &World, schema: &Schema, operation: &Operation) -> Value {
    let (variables, leaves) = Sampler::minimal(schema).variables(operation);
    let kinds = ids::kinds(&world.visitor(), operation, &variables, &leaves).await;
    ids::filled(&variables, &leaves, &kinds)
}

/// Operations that `caller` may reach at all, by name.
async fn reached(world: &World, caller: &Client) -> Vec<String> {
    let schema = Schema::current();
    let mut reached = Vec::new();
    for operation in schema.operations() {
        let variables = sensible(world, &schema, &operation).await;
        let answer = caller.query(&operation.document, variables.clone()).await;
        let codes = answer.codes();
        assert!(!codes.iter().any(|code| code == "BAD_USER_INPUT"), "{}: {}", operation.name, answer.text);
        assert!(!codes.iter().any(|code| code == "GRAPHQL_VALIDATION_FAILED"), "{}: {}", operation.name, answer.text);
        if codes != ["UNAUTHENTICATED"] {
            reached.push(format!("{:?} {}", operation.root, operation.name));
        }
    }
    reached
}

on_both! {
    async fn whoever_is_not_logged_in_reaches_the_public_operations_only(world: World) {
        world.province("320000").await;
        let mut text = String::from("# What anybody may call without logging in. This list may only shrink.\n");
        for name in reached(&world, &world.visitor()).await {
            text += &format!("{name}\n");
        }
        snapshot::check("tests/snapshots/public_operations.txt", &text, "UPDATE_SNAPSHOTS");
    }

    async fn whoever_has_to_change_the_password_first_reaches_little_more(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], true).await;
        let client = world.visitor().logged_in(who).await;
        let public = reached(&world, &world.visitor()).await;
        let mut text =
            String::from("# What may be called before the first password is changed, beside what is public.\n");
        for name in reached(&world, &client).await.into_iter().filter(|name| !public.contains(name)) {
            text += &format!("{name}\n");
        }
        snapshot::check("tests/snapshots/before_password_change.txt", &text, "UPDATE_SNAPSHOTS");
    }

    async fn a_member_without_a_part_in_it_is_told_so_and_changes_nothing(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        // A hotline clerk has no business with lists, accounts or rules.
        let client = county.person(Role::Dispatcher).await;
        let schema = Schema::current();
        let own =
            ["login", "refreshSession", "logout", "logoutEverywhere", "revokeSession", "switchPost", "changePassword"];
        for operation in schema.operations() {
            if own.contains(&operation.name.as_str()) || operation.root == yidan_tests::sdl::Root::Query {
                continue;
            }
            let variables = sensible(&world, &schema, &operation).await;
            let answer = client.query(&operation.document, variables).await.good();
            let codes = answer.user_error_codes(&operation.name);
            assert!(!codes.is_empty(), "{} was done: {}", operation.name, answer.text);
        }
        let platform = world.platform();
        let reports = yidan::kernel::audit::verify::verify(platform.db.read(), &platform.keyring, &[]).await.unwrap();
        let last = "{ auditEvents(first: 1) { nodes { act } } }";
        let last = county.person(Role::Inspector).await.query(last, json!({})).await.good();
        assert_eq!(last.data("/auditEvents/nodes/0/act"), "LOGIN", "the inspector's own: {reports:?}");
    }
}
