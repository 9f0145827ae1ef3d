//! Journey (ii): a township applies to take a matter on; the county decides; the list has a new version.

use super::*;

on_both! {
    async fn a_township_applies_and_the_county_decides_and_the_next_version_has_the_item(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let admin = county.list_admin().await;
        let id = county.applied().await;
        let draft = "state burden origin proposer { id } authority { id } viewerActions signatures { role }";
        let seen = admin.see("Adjustment", &id, draft).await;
        assert_eq!((&seen["state"], &seen["burden"]), (&json!("DRAFT"), &json!("HEAVIER")));
        assert_eq!(seen["authority"]["id"], json!(ground.seat.authority.id));
        assert_eq!(seen["viewerActions"], json!(["UPDATE_ADJUSTMENT", "WITHDRAW_ADJUSTMENT"]), "not to be submitted unsigned");
        assert_eq!(county.seen(&id, "id").await, Value::Null, "a draft is its township's own");

        // What weighs heavier and is called voluntary needs both heads under the very text that is submitted.
        let submit = async || adjustment_act(&admin, "submitAdjustment", &id, json!({})).await;
        assert_eq!(submit().await.refusal()["missingRoles"], json!(["TOWNSHIP_PARTY_SECRETARY", "TOWNSHIP_HEAD"]));
        adjustment_act(&county.secretary().await, "signAdjustment", &id, json!({})).await.done();
        assert_eq!(submit().await.refusal()["missingRoles"], json!(["TOWNSHIP_HEAD"]));
        adjustment_act(&county.head().await, "signAdjustment", &id, json!({})).await.done();
        // Who has signed this text is not asked again, and only now it can be submitted.
        let offered = async |client: &Client| client.see("Adjustment", &id, "viewerActions").await["viewerActions"].clone();
        assert_eq!(offered(&admin).await, json!(["UPDATE_ADJUSTMENT", "SUBMIT_ADJUSTMENT", "WITHDRAW_ADJUSTMENT"]));
        assert_eq!(adjustment_act(&county.head().await, "signAdjustment", &id, json!({})).await.refused(), "FORBIDDEN");
        assert!(!offered(&county.head().await).await.to_string().contains("SIGN_ADJUSTMENT"));
        let other = with(&ground.application("改了标题", &[county.gas()]), &json!({ "id": id }));
        admin.act("updateAdjustment", other, "adjustment { id }").await.done();
        assert_eq!(submit().await.refused(), "SIGNATURE_MISSING", "signatures under another text do not count");
        assert!(offered(&county.head().await).await.to_string().contains("SIGN_ADJUSTMENT"), "under the new text");

        ground.adjustment_until(township, &id, "COUNTY_DECISION").await;
        assert_eq!(ground.item(&county.list, GAS).await, Value::Null, "nothing holds before it is incorporated");
        ground.adjustment_until(township, &id, "APPROVED").await;
        assert_eq!(ground.item(&county.list, GAS).await, Value::Null);
        let decisions = county.seen(&id, "decisions { outcome documentNo meeting stage organisation { id } }").await;
        assert_eq!(decisions["decisions"].as_array().unwrap().len(), 1);
        assert_eq!(decisions["decisions"][0]["documentNo"], "委〔2026〕20号");
        assert_eq!(decisions["decisions"][0]["stage"], "DECIDE_ADJUSTMENT");

        // The township that has something against what the county drafts does not confirm it; it takes nothing back.
        let drafted = ground.incorporation(&county.list).await.done();
        let drafted = json!({ "id": drafted["listVersion"]["id"], "reason": "有不同意见" });
        let head = county.head().await;
        let seen = head.see("ListVersion", drafted["id"].as_str().unwrap(), "viewerActions").await;
        assert_eq!(seen["viewerActions"], json!(["ANSWER_SIMILARITY", "CONFIRM_LIST_VERSION"]));
        assert_eq!(head.act("withdrawListVersion", drafted.clone(), "listVersion { id }").await.refused(), "FORBIDDEN");
        ground.establishment().await.act("withdrawListVersion", drafted, "listVersion { id }").await.done();

        // The next version: the item in it, the diff beside it, the request that allows it named.
        let version = ground.incorporate(township, &county.list, None).await;
        let seen = "versionNo edition changes { request { id } old { id } new { name } } base { versionNo } \
                    comparison { burden differences { kind burden right { name } left { name } } }";
        let seen = world.visitor().see("ListVersion", &version, seen).await;
        assert_eq!((&seen["versionNo"], &seen["edition"], &seen["base"]["versionNo"]), (&json!(3), &json!("INCORPORATION"), &json!(1)));
        assert_eq!(seen["comparison"]["burden"], "HEAVIER");
        let added = json!([{ "kind": "ADDED", "burden": "HEAVIER", "right": { "name": GAS }, "left": null }]);
        assert_eq!(seen["comparison"]["differences"], added);
        assert_eq!(seen["changes"], json!([{ "request": null, "old": null, "new": { "name": GAS } }]), "the request is internal");
        let inside = county.ground.establishment().await.see("ListVersion", &version, "changes { request { id } }").await;
        assert_eq!(inside["changes"][0]["request"]["id"], json!(id));
        assert_eq!(ground.item(&county.list, GAS).await["introducedIn"]["versionNo"], 3);
        // Whoever would take back what is published is told its state.
        let late = json!({ "id": version, "reason": "有误" });
        let refusal = ground.establishment().await.act("returnListVersion", late, "listVersion { id }").await.refusal();
        assert_eq!((&refusal["code"], &refusal["state"]), (&json!("WRONG_STATE"), &json!("IN_FORCE")));
        assert!(refusal["message"].as_str().unwrap().contains("生效中"), "{refusal}");
        assert_eq!(ground.item(&county.list, AID).await["introducedIn"]["versionNo"], 1, "what did not change stays");

        // Filed with city and province, and then it is over.
        assert_eq!(county.state(&id).await, "INCORPORATED");
        let office = ground.establishment().await;
        assert_eq!(office.tasks().await, ["FILE_ADJUSTMENT"]);
        let filing = json!({ "documentNo": "编办发〔2026〕12号" });
        assert_eq!(adjustment_act(&ground.clerk().await, "fileAdjustment", &id, filing.clone()).await.refused(), "FORBIDDEN");
        adjustment_act(&office, "fileAdjustment", &id, filing).await.done();
        assert!(office.tasks().await.is_empty());
        let seen = county.seen(&id, "state closedAt viewerActions timeline(first: 50) { nodes { act after } }").await;
        assert_eq!((&seen["state"], &seen["viewerActions"]), (&json!("FILED"), &json!([])));
        assert!(seen["closedAt"].is_string());
        let acts = texts(&seen["timeline"]["nodes"], "act");
        let expected = [
            "CREATE_ADJUSTMENT", "SIGN_ADJUSTMENT", "SIGN_ADJUSTMENT", "UPDATE_ADJUSTMENT", "SIGN_ADJUSTMENT",
            "SIGN_ADJUSTMENT", "SUBMIT_ADJUSTMENT", "RECEIVE_ADJUSTMENT", "CHECK_ADJUSTMENT", "GIVE_ADJUSTMENT_OPINION",
            "CLOSE_ADJUSTMENT_CONSULTATION", "REVIEW_ADJUSTMENT_LEGALITY", "DECIDE_ADJUSTMENT", "PUBLISH_LIST_VERSION",
            "FILE_ADJUSTMENT",
        ];
        assert_eq!(acts, expected);
        let filed_with = seen["timeline"]["nodes"][14]["after"]["filedWith"].as_array().unwrap().len();
        assert_eq!(filed_with, 2, "city and province are informed");
        for index in 0..2 {
            let informed = ground.reviewer(index).await.see("Adjustment", &id, "state").await;
            assert_eq!(informed["state"], "FILED");
        }
    }

    async fn offices_of_the_township_share_its_items_out_and_a_reclaimed_one_is_nobodys(world: World) {
        let county = county(&world).await;
        let (ground, admin) = (&county.ground, county.list_admin().await);
        let office = async |name: &str| {
            let input = json!({ "orgUnitId": county.township.org.id, "name": name });
            let made = admin.act("createInternalOffice", input, "internalOffice { id }").await.done();
            made["internalOffice"]["id"].as_str().unwrap().to_owned()
        };
        let (safety, building) = (office("平安法治办公室").await, office("村镇建设办公室").await);
        let allocate = async |client: &Client, item: &str, lead: &str, assisting: &[&str]| {
            let input = json!({ "itemId": item, "leadOfficeId": lead, "assistingOfficeIds": assisting });
            let wanted = "dutyItem { leadOffice { id } assistingOffices { id } }";
            client.act("allocateDutyItem", input, wanted).await
        };
        let shops = ground.item_id(&county.list, SHOPS).await;
        let done = allocate(&admin, &shops, &safety, &[&building]).await.done();
        assert_eq!(done["dutyItem"], json!({ "leadOffice": { "id": safety }, "assistingOffices": [{ "id": building }] }));
        assert_eq!(allocate(&admin, &shops, &safety, &[&safety]).await.refused(), "INVALID_INPUT", "one office, one part");
        let walls = ground.item_id(&county.list, WALLS).await;
        let refusal = allocate(&admin, &walls, &building, &[]).await.refusal();
        assert_eq!(refusal["code"], "ITEM_RECLAIMED");
        assert_eq!(refusal["takingOverDepartments"], json!([{ "name": county.housing.name }]));
        assert!(refusal["method"].as_str().unwrap().contains("部门自行检查"));
        assert_eq!(allocate(&ground.establishment().await, &shops, &building, &[]).await.refused(), "FORBIDDEN");
        let neighbour = ground.township("320102003").await.person(Role::TownshipListAdmin).await;
        assert_eq!(allocate(&neighbour, &shops, &building, &[]).await.refused(), "FORBIDDEN");

        // The township's own view: by office, and what nobody leads yet. A reclaimed item is not left open.
        let of = async |filter: &str| {
            let seen = admin.see("DutyList", &county.list, &format!("items({filter}) {{ nodes {{ name }} }}")).await;
            texts(&seen["items"]["nodes"], "name")
        };
        assert_eq!(of(&format!("officeId: \"{safety}\"")).await, [SHOPS]);
        assert_eq!(of("unallocated: true").await, [AID]);
        // An item that came later is shared out like the others.
        ground.approved_application(&county.township, "承接燃气安全提醒", &[county.gas()]).await;
        ground.incorporate(&county.township, &county.list, None).await;
        assert_eq!(of("unallocated: true").await, [AID, GAS]);
        allocate(&admin, &ground.item_id(&county.list, GAS).await, &building, &[]).await.done();
        assert_eq!(of("unallocated: true").await, [AID]);
        assert_eq!(of(&format!("officeId: \"{building}\"")).await, [SHOPS, GAS], "leading and assisting alike");
    }

    async fn every_kind_of_change_says_in_which_direction_the_burden_moves(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let (shops, walls) = (ground.item_id(&county.list, SHOPS).await, ground.item_id(&county.list, WALLS).await);
        let cooperative = ground.cooperative(SHOPS, &county.fire);
        let lighter = with(&cooperative, &json!({ "townshipClauses": ["组织日常巡查"] }));
        let heavier = with(&cooperative, &json!({ "townshipClauses": ["组织日常巡查", "发现隐患上报", "参与夜间值守"] }));
        let moved = with(&cooperative, &json!({ "departments": [{ "orgUnitId": county.housing.id, "role": "LEAD" }] }));
        let basic = ground.basic(SHOPS);
        let back = ground.cooperative(WALLS, &county.housing);
        let taken = ground.reclaimed(SHOPS, &county.fire);
        for (expected, change) in [
            ("LIGHTER", change("REWORD", &shops, Some(&lighter))),
            ("HEAVIER", change("REWORD", &shops, Some(&heavier))),
            ("NEUTRAL", change("RENAME_DEPT", &shops, Some(&moved))),
            ("HEAVIER", change("RECLASSIFY", &shops, Some(&basic))),
            ("LIGHTER", change("RECLASSIFY", &shops, Some(&taken))),
            ("HEAVIER", change("RECLASSIFY", &walls, Some(&back))),
            ("LIGHTER", change("REMOVE", &shops, None)),
            ("HEAVIER", change("REMOVE", &walls, None)),
        ] {
            let id = ground.apply(township, "调整", std::slice::from_ref(&change)).await;
            let seen = county.list_admin().await.see("Adjustment", &id, "burden changes { burden }").await;
            assert_eq!((&seen["burden"], &seen["changes"][0]["burden"]), (&json!(expected), &json!(expected)), "{change}");
        }
        // Nothing that is called a change may be none, and each is called by its name.
        let wrong = [
            change("REWORD", &shops, Some(&cooperative)), change("RECLASSIFY", &shops, Some(&lighter)),
            change("REWORD", &shops, Some(&basic)), change("RENAME_DEPT", &shops, Some(&heavier)),
            change("REMOVE", &shops, Some(&cooperative)), change("REWORD", &shops, None),
        ];
        for change in wrong {
            let input = ground.application("调整", std::slice::from_ref(&change));
            let act = county.list_admin().await.act("createAdjustment", input, "adjustment { id }").await;
            assert_eq!(act.refused(), "INVALID_INPUT", "{change}");
        }
    }

    async fn a_lighter_change_needs_no_signature_and_the_version_shows_it(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let shops = ground.item_id(&county.list, SHOPS).await;
        let text = with(&ground.cooperative(SHOPS, &county.fire), &json!({ "townshipClauses": ["组织日常巡查"] }));
        let id = ground.apply(&county.township, "减少条款", &[change("REWORD", &shops, Some(&text))]).await;
        adjustment_act(&county.list_admin().await, "submitAdjustment", &id, json!({})).await.done();
        ground.adjustment_until(&county.township, &id, "APPROVED").await;
        let version = ground.incorporate(&county.township, &county.list, None).await;
        let seen = "comparison { burden differences { kind burden side from to } }";
        let seen = world.visitor().see("ListVersion", &version, seen).await;
        let row = json!({ "kind": "CLAUSE_REMOVED", "burden": "LIGHTER", "side": "TOWNSHIP", "from": "发现隐患上报", "to": null });
        assert_eq!(seen["comparison"], json!({ "burden": "LIGHTER", "differences": [row] }));
        assert_eq!(ground.item_id(&county.list, SHOPS).await, shops, "the item is the same, only its wording is new");
    }
}
