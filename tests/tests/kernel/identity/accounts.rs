//! The technical administrator's acts, and how at once they count.

use yidan_tests::{places::NewOrg, prelude::*};

use super::{bearer, is_known, log_in, refresh, try_password};

const FIRST: &str = "First-password-1";

on_both! {
    async fn an_account_is_created_with_posts_and_a_password_that_has_to_be_changed(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let bureau = county.department("应急管理局").await;
        let admin = jiangsu.admin().await;
        let create = async |username: &str, password: &str, role: &str| {
            let input = json!({
                "username": username, "displayName": "张三", "homeOrgUnitId": bureau.id, "temporaryPassword": password,
                "posts": [{ "orgUnitId": bureau.id, "role": role }]
            });
            admin.act("createAccount", input, "account { id username mustChangePassword posts { role } }").await
        };
        assert_eq!(create("zhangsan", "weak", "DEPT_HEAD").await.refused(), "WEAK_PASSWORD");
        assert_eq!(create("zhang san", FIRST, "DEPT_HEAD").await.refused(), "INVALID_INPUT");
        assert_eq!(create("zhangsan", FIRST, "TOWNSHIP_HEAD").await.refused(), "INVALID_INPUT");
        let account = create("ZhangSan", FIRST, "DEPT_HEAD").await.done()["account"].clone();
        assert_eq!(account["username"], "zhangsan");
        assert_eq!(account["mustChangePassword"], true);
        let taken = create("zhangsan", FIRST, "DEPT_OFFICER").await.refusal();
        assert_eq!((&taken["code"], &taken["path"]), (&json!("INVALID_INPUT"), &json!(["input", "username"])));
        let listed = admin.query("{ accounts(name: \"张三\") { nodes { username } } }", json!({})).await.good();
        assert_eq!(listed.texts("/accounts/nodes", "username"), ["zhangsan"]);
    }

    async fn until_the_first_password_is_changed_nothing_else_is_possible(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let other = jiangsu.operator.another(Role::TechnicalAdmin).await.credentials().account;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let before = log_in(&world, &who).await;
        let input = json!({ "id": who.account, "temporaryPassword": FIRST, "reason": "本人遗忘" });
        admin.act("resetPassword", input, "account { mustChangePassword }").await.done();
        assert!(!is_known(&bearer(&world, &before)).await);
        assert_eq!(refresh(&world, &before).await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(try_password(&world, &who, &who.password).await.refused(), "CREDENTIALS_REFUSED");

        let tokens = try_password(&world, &who, FIRST).await.done()["tokens"].clone();
        assert_eq!(tokens["mustChangePassword"], true);
        let client = bearer(&world, &tokens);
        let viewer = "{ viewer { mustChangePassword account { username } post { role } } }";
        assert_eq!(client.query(viewer, json!({})).await.good().data("/viewer/mustChangePassword"), true);
        for document in ["{ accounts { nodes { id } } }", "{ province { name } }", "{ orgUnits { nodes { id } } }"] {
            assert_eq!(client.query(document, json!({})).await.codes(), ["UNAUTHENTICATED"], "{document}");
        }
        let node = "query($id: ID!) { node(id: $id) { ... on Account { username } ... on OrgUnit { name } } }";
        for id in [other.to_string(), jiangsu.operator.id.to_string()] {
            assert_eq!(client.query(node, json!({ "id": id })).await.good().data("/node"), &Value::Null, "{id}");
        }
        let input = json!({ "id": other, "reason": "x" });
        assert_eq!(client.act("disableAccount", input, "account { id }").await.codes(), ["UNAUTHENTICATED"]);

        let input = json!({ "currentPassword": FIRST, "newPassword": "Second-password-2" });
        client.act("changePassword", input, "account { id }").await.done();
        client.query("{ accounts { nodes { id } } }", json!({})).await.good();
    }

    async fn old_tokens_are_useless_as_soon_as_the_post_the_account_or_the_organisation_ends(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let bureau = county.department("应急管理局").await;
        let post_ended = world.enrol(&[(&bureau, Role::DeptHead)], false).await;
        let disabled = world.enrol(&[(&bureau, Role::DeptOfficer)], false).await;
        let stays = world.enrol(&[(&bureau, Role::DeptOfficer)], false).await;
        let [post_ended_tokens, disabled_tokens, stays_tokens] =
            [log_in(&world, &post_ended).await, log_in(&world, &disabled).await, log_in(&world, &stays).await];

        let post = bearer(&world, &post_ended_tokens).query("{ viewer { post { id } } }", json!({})).await.good();
        let input = json!({ "id": post.id("/viewer/post/id"), "reason": "调离" });
        admin.act("endPost", input, "post { endedAt }").await.done();
        let input = json!({ "id": disabled.account, "reason": "停职" });
        admin.act("disableAccount", input, "account { disabledAt }").await.done();
        for tokens in [&post_ended_tokens, &disabled_tokens] {
            assert!(!is_known(&bearer(&world, tokens)).await);
            assert_eq!(refresh(&world, tokens).await.codes(), ["UNAUTHENTICATED"]);
        }
        assert!(is_known(&bearer(&world, &stays_tokens)).await);

        let input = json!({ "id": disabled.account, "reason": "复职" });
        admin.act("enableAccount", input, "account { disabledAt }").await.done();
        assert!(!is_known(&bearer(&world, &disabled_tokens)).await, "a revoked session stays revoked");
        log_in(&world, &disabled).await;

        let abolish = async |on: &str| {
            let input = json!({ "id": bureau.id, "on": on, "reason": "机构改革" });
            admin.act("abolishOrgUnit", input, "orgUnit { validTo }").await
        };
        assert_eq!(abolish("2026-06-01").await.refused(), "INVALID_INPUT", "nobody is abolished in advance");
        assert!(is_known(&bearer(&world, &stays_tokens)).await);
        abolish("2026-03-02").await.done();
        assert!(!is_known(&bearer(&world, &stays_tokens)).await);
        assert_eq!(refresh(&world, &stays_tokens).await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(try_password(&world, &stays, &stays.password).await.refused(), "CREDENTIALS_REFUSED");
    }

    async fn a_post_in_an_organisation_that_is_gone_is_no_post(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let (old, new) = (county.department("安监局").await, county.department("应急管理局").await);
        let who = world.enrol(&[(&old, Role::DeptHead), (&new, Role::DeptHead)], false).await;
        let posts = "{ viewer { post { organisation { name } } posts { id organisation { name } } } }";
        let first = bearer(&world, &log_in(&world, &who).await).query(posts, json!({})).await.good();
        assert_eq!(first.data("/viewer/post/organisation/name"), &json!(old.name));
        let gone = first.id("/viewer/posts/0/id");
        let input = json!({ "id": old.id, "successorId": new.id, "reason": "机构改革" });
        jiangsu.admin().await.act("abolishOrgUnit", input, "orgUnit { successor { id } }").await.done();

        let client = bearer(&world, &log_in(&world, &who).await);
        let mine = client.query(posts, json!({})).await.good();
        assert_eq!(mine.data("/viewer/post/organisation/name"), &json!(new.name));
        assert_eq!(mine.texts("/viewer/posts", "id").len(), 1);
        assert_eq!(client.act("switchPost", json!({ "postId": gone }), "post { id }").await.refused(), "NOT_FOUND");
    }

    async fn an_administrator_reaches_no_further_than_their_territory(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let next = jiangsu.county("320104").await;
        let local = NewOrg::new("320102", OrgKind::Operator, "玄武区依单平台运维中心");
        let local = jiangsu.org(local).await.person(Role::TechnicalAdmin).await;
        let zhejiang = world.province("330000").await;
        let (here, beside) = (county.department("民政局").await, next.department("民政局").await);
        let reset = async |client: &Client, target: &Client| {
            let input = json!({ "id": target.credentials().account, "temporaryPassword": FIRST, "reason": "x" });
            client.act("resetPassword", input, "account { id }").await
        };
        let (mine, theirs) = (here.person(Role::DeptHead).await, beside.person(Role::DeptHead).await);
        reset(&local, &mine).await.done();
        assert_eq!(
            reset(&local, &theirs).await.refused(),
            "FORBIDDEN",
            "visible in the province, not in the territory"
        );
        assert_eq!(reset(&zhejiang.admin().await, &theirs).await.refused(), "NOT_FOUND", "another province");
        let listed = local.query("{ accounts { totalCount nodes { id } } }", json!({})).await.good();
        let ids = listed.texts("/accounts/nodes", "id");
        assert!(ids.contains(&mine.credentials().account.to_string()));
        assert!(!ids.contains(&theirs.credentials().account.to_string()));
        // Nor up: a person of the county gets no post at the province.
        let input = json!({
            "accountId": mine.credentials().account, "orgUnitId": jiangsu.operator.id, "role": "TECHNICAL_ADMIN"
        });
        assert_eq!(local.act("createPost", input, "post { id }").await.refused(), "FORBIDDEN");
    }

    async fn who_manages_accounts_gives_himself_no_business(world: World) {
        let jiangsu = world.province("320000").await;
        let office = jiangsu.establishment_office("320000").await;
        let admin = jiangsu.admin().await;
        let post = |account, org, role: &str| json!({ "accountId": account, "orgUnitId": org, "role": role });
        let own = post(admin.credentials().account, office.id, "EO_PROVINCE");
        assert_eq!(admin.act("createPost", own, "post { id }").await.refused(), "INVALID_INPUT");
        let other = office.person(Role::EoProvince).await;
        let up = post(other.credentials().account, jiangsu.operator.id, "TECHNICAL_ADMIN");
        assert_eq!(admin.act("createPost", up, "post { id }").await.refused(), "INVALID_INPUT");
        let both = json!([
            { "orgUnitId": jiangsu.operator.id, "role": "TECHNICAL_ADMIN" },
            { "orgUnitId": office.id, "role": "EO_PROVINCE" },
        ]);
        let input = json!({
            "username": "liangyong", "displayName": "两用", "temporaryPassword": FIRST, "homeOrgUnitId": office.id,
            "posts": both,
        });
        assert_eq!(admin.act("createAccount", input, "account { id }").await.refused(), "INVALID_INPUT");
    }

    async fn nobody_cuts_off_the_branch_they_sit_on(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let post = admin.query("{ viewer { post { id } } }", json!({})).await.good().id("/viewer/post/id");
        let input = json!({ "id": admin.credentials().account, "reason": "x" });
        assert_eq!(admin.act("disableAccount", input, "account { id }").await.refused(), "FORBIDDEN");
        let input = json!({ "id": post, "reason": "x" });
        assert_eq!(admin.act("endPost", input, "post { id }").await.refused(), "FORBIDDEN");
    }
}
