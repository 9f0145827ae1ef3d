//! Commands: answered once per key, and won by one of those who compete.

use futures_util::future::join_all;
use yidan_tests::prelude::*;

on_both! {
    async fn the_same_key_gets_the_first_answer_and_has_one_effect(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let create = async |name: &str, key: &str| {
            let input = json!({
                "divisionId": county.division_id(), "kind": "DEPARTMENT", "name": name, "idempotencyKey": key
            });
            admin.act("createOrgUnit", input, "orgUnit { id name }").await
        };
        let first = create("应急管理局", "k-1").await;
        let head = world.heads().await;
        let again = create("应急管理局", "k-1").await;
        assert_eq!(again.answer.text, first.answer.text);
        assert_eq!(world.heads().await, head, "nothing happened the second time");
        assert_eq!(create("应急局", "k-1").await.refused(), "IDEMPOTENCY_CONFLICT");
        assert_eq!(create("应急管理局", "k-2").await.refused(), "INVALID_INPUT", "another key is another command");
        assert_eq!(world.heads().await, head);
        // A refused command leaves its key free.
        create("应急局", "k-2").await.done();
        first.done();
    }

    async fn a_key_of_another_command_or_of_bad_form_is_refused(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let bureau = county.department("应急管理局").await;
        let rename = json!({ "id": bureau.id, "name": "应急局", "idempotencyKey": "key" });
        admin.act("renameOrgUnit", rename, "orgUnit { id }").await.done();
        let abolish = json!({ "id": bureau.id, "reason": "x", "idempotencyKey": "key" });
        assert_eq!(admin.act("abolishOrgUnit", abolish, "orgUnit { id }").await.refused(), "IDEMPOTENCY_CONFLICT");
        for key in ["", " ", "a b", "键", "\0", &"k".repeat(101)] {
            let rename = json!({ "id": bureau.id, "name": "应急", "idempotencyKey": key });
            assert_eq!(
                admin.act("renameOrgUnit", rename, "orgUnit { id }").await.refused(),
                "INVALID_INPUT",
                "{key:?}"
            );
        }
    }

    async fn keys_belong_to_their_account(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let bureau = county.department("应急管理局").await;
        for (number, admin) in
            [jiangsu.admin().await, jiangsu.operator.another(Role::TechnicalAdmin).await].iter().enumerate()
        {
            let rename = json!({ "id": bureau.id, "name": format!("应急{number}局"), "idempotencyKey": "key" });
            admin.act("renameOrgUnit", rename, "orgUnit { id }").await.done();
        }
    }

    async fn the_same_key_at_the_same_time_has_one_effect_and_one_answer(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let bureau = county.department("应急管理局").await;
        let admin = jiangsu.admin().await;
        for round in 0..4 {
            let before = world.heads().await[0].0;
            // One that nothing else would keep from happening twice, one that the second would find a duplicate, one
            // whose revision the second would find stale.
            let office = json!({ "orgUnitId": bureau.id, "name": format!("{round}科") });
            let office = admin.act("createInternalOffice", office, "internalOffice { id }").await.done();
            let revision = admin
                .query("query($id: ID!) { node(id: $id) { ... on OrgUnit { revision } } }", json!({ "id": bureau.id }))
                .await
                .good();
            let acts = [
                (
                    "createPosition",
                    json!({ "officeId": office["internalOffice"]["id"], "name": "科员" }),
                    "position { id }",
                ),
                (
                    "createOrgUnit",
                    json!({ "divisionId": county.division_id(), "kind": "DEPARTMENT", "name": format!("{round}局") }),
                    "orgUnit { id }",
                ),
                (
                    "renameOrgUnit",
                    json!({
                        "id": bureau.id, "name": format!("应急{round}局"),
                        "expectedRevision": revision.data("/node/revision")
                    }),
                    "orgUnit { id }",
                ),
            ];
            for (field, mut input, selection) in acts {
                input["idempotencyKey"] = json!(format!("{field}-{round}"));
                let all = join_all((0..4).map(|_| admin.act(field, input.clone(), selection))).await;
                let first = all[0].answer.text.clone();
                for one in all {
                    assert_eq!(one.answer.text, first);
                    one.done();
                }
            }
            assert_eq!(world.heads().await[0].0, before + 4, "one event per command that had an effect");
        }
    }

    async fn of_two_renames_of_one_revision_exactly_one_wins(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let bureau = county.department("应急管理局").await;
        let admins = [jiangsu.admin().await, jiangsu.operator.another(Role::TechnicalAdmin).await];
        for round in 1..=8 {
            let rename = |number: usize| {
                let name = format!("第{round}轮{number}号局");
                let input = json!({ "id": bureau.id, "name": name, "expectedRevision": round });
                admins[number].act("renameOrgUnit", input, "orgUnit { revision }")
            };
            let (left, right) = futures_util::join!(rename(0), rename(1));
            let (winner, loser) =
                if left.answer.user_error_codes("renameOrgUnit").is_empty() { (left, right) } else { (right, left) };
            assert_eq!(winner.done()["orgUnit"]["revision"], round + 1);
            let refusal = loser.refusal();
            assert_eq!(refusal["code"], "STALE_REVISION");
            let told = loser.answer.data("/renameOrgUnit/userErrors/0").clone();
            assert_eq!(told["__typename"], "StaleRevisionError");
        }
        let document = "query($id: ID!) { auditEvents(subjectId: $id, act: RENAME_ORG_UNIT) { totalCount } }";
        let inspector = county.person(Role::EoCounty).await;
        let count = inspector.query(document, json!({ "id": bureau.id })).await.good();
        assert_eq!(count.data("/auditEvents/totalCount"), 8);
    }

    async fn acts_in_one_document_follow_each_other_and_each_answers_what_it_left(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let bureau = county.department("应急管理局").await;
        let document = "mutation($a: RenameOrgUnitInput!, $b: RenameOrgUnitInput!) {
            first: renameOrgUnit(input: $a) { orgUnit { ...seen } userErrors { code } }
            second: renameOrgUnit(input: $b) { orgUnit { ...seen } userErrors { code } }
            third: renameOrgUnit(input: $b) { orgUnit { ...seen } userErrors { code } } }
            fragment seen on OrgUnit { name revision division { id } }";
        let rename = |name: &str, revision: i32| json!({ "id": bureau.id, "name": name, "expectedRevision": revision });
        let variables = json!({ "a": rename("应急局", 1), "b": rename("安监局", 2) });
        let answer = jiangsu.admin().await.query(document, variables).await.good();
        let seen = |field: &str| {
            let unit = answer.data(&format!("/{field}/orgUnit"));
            (unit["name"].clone(), unit["revision"].clone())
        };
        assert_eq!(seen("first"), (json!("应急局"), json!(2)));
        assert_eq!(seen("second"), (json!("安监局"), json!(3)));
        assert_eq!(answer.user_error_codes("third"), ["STALE_REVISION"]);
        assert_eq!(answer.data("/third/orgUnit"), &json!(null), "a refusal leaves what stands");
    }

    async fn many_writers_at_once_all_get_through_in_one_unbroken_chain(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let before = world.heads().await[0].0;
        let create = |number: usize| {
            let input = json!({
                "divisionId": county.division_id(), "kind": "DEPARTMENT", "name": format!("第{number}局")
            });
            admin.act("createOrgUnit", input, "orgUnit { id }")
        };
        for act in join_all((0..24).map(create)).await {
            act.done();
        }
        assert_eq!(world.heads().await[0].0, before + 24);
    }

    async fn a_township_is_under_one_zone_at_a_time_whoever_asks_at_once(world: World) {
        let jiangsu = world.province("320000").await;
        jiangsu.county("320102").await;
        let zone = jiangsu.zone("320102", "高新区管委会", DivisionLevel::County).await;
        let township = world.division("320102002").await;
        let admin = jiangsu.admin().await;
        let assign = || {
            let input = json!({ "divisionId": township.id, "committeeId": zone.authority.id });
            admin.act("assignTownshipToZone", input, "division { id }")
        };
        let all = join_all((0..4).map(|_| assign())).await;
        let done = all.iter().filter(|act| act.answer.user_error_codes("assignTownshipToZone").is_empty()).count();
        assert_eq!(done, 1);
    }
}
