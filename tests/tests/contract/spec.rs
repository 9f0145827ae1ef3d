//! What the GraphQL specification says and frameworks got wrong: probes for the points that were met.

use yidan_tests::prelude::*;

on_both! {
    async fn an_error_in_a_non_null_field_nulls_its_parent_and_leaves_its_sisters(world: World) {
        let visitor = world.visitor();
        let document = "{ division(code: \"320102\") { code children(first: -1) { nodes { code } } } \
                        workCalendar(year: 2026) { year } }";
        let answer = visitor.query(document, json!({})).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.data("/division"), &Value::Null);
        assert_eq!(answer.data("/workCalendar/year"), 2026);
        assert_eq!(answer.codes(), ["INVALID_INPUT"]);
        assert_eq!(answer.body["errors"][0]["path"], json!(["division", "children"]));
        let whole = visitor.query("{ a: workCalendar(year: 2026) { year } accounts { totalCount } }", json!({})).await;
        assert_eq!(whole.body["data"], Value::Null, "a non-null root field takes all with it");
    }

    async fn answers_come_in_the_order_asked_for(world: World) {
        let document = "{ z: workingDay(after: \"2026-03-02\", count: 1) d: division(code: \"320102\") { name code \
                        ancestors { name level code } kind } a: workCalendar(year: 2026) { provisional year } \
                        viewer { post { id } } }";
        let text = world.visitor().query(document, json!({})).await.good().text;
        let places: Vec<_> = [
            "\"z\"",
            "\"d\"",
            "\"name\"",
            "\"code\"",
            "\"ancestors\"",
            "\"kind\"",
            "\"a\"",
            "\"provisional\"",
            "\"viewer\"",
        ]
        .iter()
        .map(|key| text.find(key).unwrap_or_else(|| panic!("{key} in {text}")))
        .collect();
        assert!(places.is_sorted(), "{text}");
    }

    async fn a_selection_that_is_skipped_whole_is_an_empty_object(world: World) {
        let visitor = world.visitor();
        let document = "query($skip: Boolean!) { division(code: \"320102\") { code @skip(if: $skip) } }";
        let answer = visitor.query(document, json!({ "skip": true })).await.good();
        assert_eq!(answer.body["data"], json!({ "division": {} }));
        let answer = visitor.query("{ viewer @include(if: false) { mustChangePassword } }", json!({})).await.good();
        assert_eq!(answer.body["data"], json!({}));
    }

    async fn a_variable_left_out_is_not_null(world: World) {
        let visitor = world.visitor();
        let document = "query($n: Int = 2) { divisions(within: \"320100\", first: $n) { nodes { code } } }";
        let count = async |variables: Value| {
            visitor.query(document, variables).await.good().data("/divisions/nodes").as_array().unwrap().len()
        };
        assert_eq!(count(json!({})).await, 2, "its default");
        assert_eq!(count(json!({ "n": null })).await, 20, "null is no number: the list's own default");
        assert_eq!(count(json!({ "n": 3 })).await, 3);
        let float = visitor.query(document, json!({ "n": 3.0 })).await;
        assert_eq!(float.codes(), ["BAD_USER_INPUT"], "an Int is written as one");
        assert!(float.body.get("data").is_none(), "nothing ran: {}", float.text);
    }

    async fn a_command_whose_answer_is_asked_for_in_two_places_is_carried_out_once(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let office = jiangsu.county("320102").await.township("320102002").await.org;
        for (name, document) in [
            ("党政办", "mutation($i: CreateInternalOfficeInput!) { createInternalOffice(input: $i) { internalOffice { id } } \
              ...f } fragment f on Mutation { createInternalOffice(input: $i) { internalOffice { name } userErrors { code } } }"),
            ("经发办", "mutation($i: CreateInternalOfficeInput!, $yes: Boolean = true) { \
              createInternalOffice(input: $i) { userErrors { code } } \
              ... @include(if: $yes) { createInternalOffice(input: $i) { internalOffice { id name } } } \
              ... @skip(if: $yes) { second: createInternalOffice(input: $i) { userErrors { code } } } }"),
        ] {
            let ledger = world.ledger().await;
            let answer = admin.query(document, json!({ "i": { "orgUnitId": office.id, "name": name } })).await.good();
            let made = answer.data("/createInternalOffice");
            assert_eq!((&made["internalOffice"]["name"], &made["userErrors"]), (&json!(name), &json!([])), "{document}");
            assert!(made["internalOffice"]["id"].is_string() && answer.data("/second").is_null());
            assert_eq!(ledger.since(&world).await.events.len(), 1, "{document}");
        }
    }

    async fn conditions_know_the_defaults_of_their_variables(world: World) {
        let visitor = world.visitor();
        let document = "query($t: Boolean! = true, $u: Boolean = false) { \
            division(code: \"320102\") @include(if: $t) { code name @include(if: $u) ... @skip(if: $u) { level } ...f @skip(if: $t) } \
            ... @skip(if: $t) { viewer { mustChangePassword } } here: __typename @include(if: $t) away: __typename @skip(if: $t) } \
            fragment f on Division { kind }";
        let keys = async |variables: Value| {
            let answer = visitor.query(document, variables).await.good();
            let of = |value: &Value| {
                let mut keys: Vec<&str> = value.as_object()?.keys().map(String::as_str).collect();
                keys.sort_unstable();
                Some(keys.join(" "))
            };
            (of(&answer.body["data"]).unwrap(), of(&answer.body["data"]["division"]).unwrap_or_default())
        };
        assert_eq!(keys(json!({})).await, ("division here".into(), "code level".into()));
        assert_eq!(keys(json!({ "u": true })).await, ("division here".into(), "code name".into()));
        assert_eq!(keys(json!({ "t": false })).await, ("away viewer".into(), String::new()));
        // Null may be said where there is a default, and decides nothing.
        let null = visitor.query(document, json!({ "u": null })).await;
        assert_eq!((null.codes(), null.body.get("data")), (vec!["BAD_USER_INPUT".into()], None));
    }

    async fn what_other_servers_refuse_is_refused(world: World) {
        let visitor = world.visitor();
        for document in [
            "{ divisions(name: \"a\", name: \"b\") { totalCount } }",
            "{ obligations(filter: { text: \"a\", text: \"b\" }) { totalCount } }",
            "{ obligations(orderBy: \"TOWNSHIP\") { totalCount } }",
            "{ obligations(filter: { categories: [\"BASIC\"] }) { totalCount } }",
            "{ division(code: \"320102\") { x: code ...f } } fragment f on Division { x: name }",
            "{ node(id: \"div_0\") { ... on Division { x: code } ... on OrgUnit { x: division { code } } } }",
            "{ division(code: \"320102\") { code } ...f } fragment f on Query { division(code: \"320104\") { code } }",
            "{ __typename { a } }",
            "{ __typename(a: 1) }",
            "{ __typename @nonsense }",
            "{ __typename @include }",
            "{ __typename @include(if: \"true\") viewer { mustChangePassword } }",
            "{ __typename @skip(if: false) @skip(if: false) }",
            "query($v: Boolean!) { __typename }",
            "query($o: ObligationOrder = \"TOWNSHIP\") { obligations(orderBy: $o) { totalCount } }",
            "query($c: [DutyCategory!] = [\"BASIC\"]) { obligations(filter: { categories: $c }) { totalCount } }",
            "query($v: Int @skip(if: true)) { divisions(first: $v) { totalCount } }",
            "query($v: Int @nonsense) { divisions(first: $v) { totalCount } }",
            "{ __schema { __typename(a: 1) } }",
            "{ __schema { queryType { name } queryType { name: description } } }",
            "{ __schema { types { fields { name } } } ...f } fragment f on Query { __schema { types { fields(includeDeprecated: true) { name } } } }",
            "query($v: Int!) { __typename @include(if: $v) }",
        ] {
            let answer = visitor.query(document, json!({ "v": true })).await;
            let expected = ["GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"];
            assert!(!answer.codes().is_empty() && answer.codes().iter().all(|code| expected.contains(&code.as_str())), "{document}: {}", answer.text);
            assert!(answer.body.get("data").is_none(), "{document}: {}", answer.text);
            let told = &answer.messages()[0];
            assert!(!told.contains("There can") && !told.contains("conflict") && !told.contains("neither"), "in Chinese: {told}");
        }
        for document in [
            "query($v: Boolean!) { a: __typename @include(if: $v) z: __typename }",
            "{ divisions(name: \"\\uD842\\uDFB7\") { totalCount } }",
            "{ divisions(name: \"\\u{71c3}\") { totalCount } }",
        ] {
            visitor.query(document, json!({ "v": true })).await.good();
        }
    }

    async fn a_list_of_thousands_is_refused_before_it_reaches_the_database(world: World) {
        let visitor = world.visitor();
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let many: Vec<String> = (0..40_000).map(|number| format!("d{number}")).collect();
        assert_eq!(visitor.query(document, json!({ "ids": many })).await.codes(), ["BAD_USER_INPUT"]);
        let text = format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"\"".repeat(20_000));
        assert_eq!(visitor.query(&text, json!({})).await.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
    }

    async fn a_patch_changes_what_it_names_and_nothing_else(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let act = async |input: Value| {
            let done = admin.act("updateProvinceAccess", input, "province { origins language revision }").await.done();
            done["province"].clone()
        };
        act(json!({ "origins": ["https://a.example"], "language": "EN" })).await;
        let written = act(json!({ "origins": ["https://A.example:443", "http://10.0.0.1:8080"] })).await;
        assert_eq!(written["origins"], json!(["https://a.example", "http://10.0.0.1:8080"]), "as a browser writes it");
        for bad in ["https://a.example:99999", "https://a.example/list", "ftp://a.example", "a.example", "https://x@a.example", "https://*.example", "https://*", "https://a_b.example"] {
            let refused = admin.act("updateProvinceAccess", json!({ "origins": [bad] }), "province { origins }").await;
            assert_eq!(refused.refused(), "INVALID_INPUT", "{bad}");
        }
        // An origin is an address of either kind as well.
        assert_eq!(act(json!({ "origins": ["https://[2001:DB8::1]:8443"] })).await["origins"], json!(["https://[2001:db8::1]:8443"]));
        act(json!({ "origins": ["https://a.example"] })).await;
        let after = act(json!({ "language": "ZH" })).await;
        assert_eq!(after, json!({ "origins": ["https://a.example"], "language": "ZH", "revision": 6 }));
        let document = "mutation($o: [String!], $l: Language) { \
                        updateProvinceAccess(input: { origins: $o, language: $l }) \
                        { province { origins language } userErrors { code } } }";
        let answer = admin.query(document, json!({ "o": [] })).await.good();
        assert_eq!(answer.data("/updateProvinceAccess/province"), &json!({ "origins": [], "language": "ZH" }));
    }

    async fn a_required_variable_must_come(world: World) {
        let visitor = world.visitor();
        let document = "query($c: String!) { division(code: $c) { code } }";
        for variables in
            [json!({}), json!({ "c": null }), json!({ "c": 5 }), json!({ "c": ["320102"] }), json!({ "x": 1 })]
        {
            let answer = visitor.query(document, variables.clone()).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{variables}");
            assert!(answer.body.get("data").is_none(), "nothing ran: {}", answer.text);
        }
        let nested = "mutation($input: LoginInput!) { login(input: $input) { userErrors { code } } }";
        for input in [
            json!({}),
            json!({ "provinceCode": "320000" }),
            json!({ "provinceCode": "320000", "username": "a", "password": "b", "z": 1 }),
        ] {
            assert_eq!(visitor.query(nested, json!({ "input": input })).await.codes(), ["BAD_USER_INPUT"], "{input}");
        }
    }

    async fn the_operation_named_runs(world: World) {
        let visitor = world.visitor();
        let document = "query A { workCalendar(year: 2025) { year } } query B { workCalendar(year: 2026) { year } }";
        let run =
            async |name: Value| visitor.post(json!({ "query": document, "operationName": name }).to_string()).await;
        assert_eq!(run(json!("B")).await.good().data("/workCalendar/year"), 2026);
        for name in [json!("C"), Value::Null, json!("")] {
            assert_eq!(run(name).await.codes(), ["OPERATION_RESOLUTION_FAILURE"]);
        }
    }

    async fn introspection_and_types_by_name(world: World) {
        let visitor = world.visitor();
        let named =
            "{ node(id: \"div_0\") { __typename } __typename __type(name: \"Division\") { name fields { name } } }";
        let answer = visitor.query(named, json!({})).await.good();
        assert_eq!(answer.data("/__typename"), "Query");
        assert_eq!(answer.data("/__type/name"), "Division");
        let typ = format!("{}kind name{}", "kind name ofType { ".repeat(7), " }".repeat(7));
        let document = format!(
            "{{ __schema {{ queryType {{ name }} mutationType {{ name }} types {{ kind name description \
             fields(includeDeprecated: true) {{ \
             name description args {{ name description type {{ {typ} }} defaultValue }} type {{ {typ} }} \
             isDeprecated deprecationReason }} \
             inputFields {{ name type {{ {typ} }} }} interfaces {{ {typ} }} \
             enumValues(includeDeprecated: true) {{ name }} \
             possibleTypes {{ {typ} }} }} directives {{ name locations args {{ name type {{ {typ} }} }} }} }} }}"
        );
        let answer = visitor.query(&document, json!({})).await.good();
        assert_eq!(answer.data("/__schema/queryType/name"), "Query", "the standard introspection passes the limits");
    }

    async fn everything_that_has_an_id_is_found_by_it(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let township = county.township("320102002").await;
        let admin = jiangsu.admin().await;
        let office = json!({ "orgUnitId": township.org.id, "name": "党政办" });
        let office = admin.act("createInternalOffice", office, "internalOffice { id }").await.done();
        let office = office["internalOffice"]["id"].clone();
        let position = json!({ "officeId": office, "name": "科员" });
        let position = admin.act("createPosition", position, "position { id }").await.done()["position"]["id"].clone();
        let me = admin.query("{ viewer { account { id } post { id } } province { id } }", json!({})).await.good();
        let ids = json!([
            township.division.id,
            township.org.id,
            office,
            position,
            me.data("/province/id"),
            me.data("/viewer/account/id"),
            me.data("/viewer/post/id")
        ]);
        let found = admin
            .query("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", json!({ "ids": ids }))
            .await
            .good();
        assert_eq!(
            found.texts("/nodes", "__typename"),
            ["Division", "OrgUnit", "InternalOffice", "Position", "Province", "Account", "Post"]
        );
        assert_eq!(json!(found.texts("/nodes", "id")), ids);
        let public = world
            .visitor()
            .query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids }))
            .await
            .good();
        let seen = public.data("/nodes").as_array().unwrap().iter().filter(|node| !node.is_null()).count();
        assert_eq!(seen, 1, "the public sees the division and nothing of the house");
    }
}
