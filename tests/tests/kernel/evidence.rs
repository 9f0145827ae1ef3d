//! Evidence: one event per act in an unbroken chain, and whoever touches it is named.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Statement};
use yidan::kernel::audit::{
    self,
    verify::{Broken, Damage, Report, verify},
};
use yidan_tests::prelude::*;

async fn verified(world: &World, anchors: &[(String, i64, String)]) -> Report {
    let platform = world.platform();
    let mut reports = verify(platform.db.read(), &platform.keyring, anchors).await.unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// Runs SQL as somebody who has the database itself.
async fn tamper(world: &World, sql: &str) {
    world.platform().db.write_pool().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Takes away what keeps the table append-only, as somebody who has the database can.
async fn disarm(world: &World) {
    let triggers: &[&str] = match world.backend() {
        Backend::Sqlite => &[
            "DROP TRIGGER audit_event_no_update",
            "DROP TRIGGER audit_event_no_delete",
            "DROP TRIGGER audit_seal_no_update",
            "DROP TRIGGER audit_seal_no_delete",
        ],
        Backend::Postgres => &[
            "DROP TRIGGER audit_event_append_only ON audit_event",
            "DROP TRIGGER audit_seal_append_only ON audit_seal",
        ],
    };
    for trigger in triggers {
        tamper(world, trigger).await;
    }
}

/// A province in which something has happened.
async fn busy(world: &World) -> Province {
    let jiangsu = world.province("320000").await;
    let county = jiangsu.county("320102").await;
    let admin = jiangsu.admin().await;
    let bureau = county.department("应急管理局").await;
    let rename = json!({ "id": bureau.id, "name": "应急局" });
    admin.act("renameOrgUnit", rename, "orgUnit { id }").await.done();
    jiangsu
}

/// Rewrites event `seq` and computes every hash from there on anew: what an owner of the database could do.
async fn rewrite(world: &World, seq: i64) {
    use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
    use yidan_entity::{audit_chain, audit_event};
    let db = world.platform().db.write_pool();
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::Seq.gte(seq))
        .order_by_asc(audit_event::Column::Seq)
        .all(db)
        .await
        .unwrap();
    let mut prev = events[0].prev_hash.clone();
    for mut event in events {
        if event.seq == seq {
            event.actor_name = "某某".into();
        }
        event.prev_hash.clone_from(&prev);
        event.hash = audit::hash_of(&event);
        prev.clone_from(&event.hash);
        event.into_active_model().reset_all().update(db).await.unwrap();
    }
    let head = audit_chain::Entity::find().one(db).await.unwrap().unwrap();
    let mut head = head.into_active_model();
    head.hash = sea_orm::ActiveValue::Set(prev);
    head.update(db).await.unwrap();
}

on_both! {
    async fn every_act_leaves_exactly_one_event_that_says_who_did_what(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let inspector = county.person(Role::EoCounty).await;
        let before = verified(&world, &[]).await.events;
        let bureau = county.department("应急管理局").await;
        let acts = [
            ("renameOrgUnit", json!({ "id": bureau.id, "name": "应急局" }), "orgUnit { id }"),
            ("createInternalOffice", json!({ "orgUnitId": bureau.id, "name": "办公室" }), "internalOffice { id }"),
            ("abolishOrgUnit", json!({ "id": bureau.id, "reason": "机构改革" }), "orgUnit { id }"),
        ];
        for (field, input, selection) in acts.clone() {
            admin.act(field, input, selection).await.done();
        }
        let after = verified(&world, &[]).await;
        assert_eq!((after.events, after.broken), (before + 4, None));
        let document = "query($id: ID!) { auditEvents(subjectId: $id) { nodes { act actorName role reason sequence \
                        requestId hash organisation { name } before after } } }";
        let seen = inspector.query(document, json!({ "id": bureau.id })).await.good();
        assert_eq!(seen.texts("/auditEvents/nodes", "act"), ["ABOLISH_ORG_UNIT", "RENAME_ORG_UNIT", "CREATE_ORG_UNIT"]);
        assert_eq!(seen.data("/auditEvents/nodes/0/reason"), "机构改革");
        assert_eq!(seen.data("/auditEvents/nodes/0/role"), "TECHNICAL_ADMIN");
        assert_eq!(seen.data("/auditEvents/nodes/0/organisation/name"), &json!(jiangsu.operator.name));
        let who = seen.text_at("/auditEvents/nodes/1/actorName");
        assert!(who.starts_with(&jiangsu.operator.name), "{who}");
        assert_eq!(seen.data("/auditEvents/nodes/1/before/name"), &json!(bureau.name));
        assert_eq!(seen.data("/auditEvents/nodes/1/after/name"), "应急局");
        assert_eq!(seen.data("/auditEvents/nodes/2/actorName"), "系统：测试");
    }

    async fn a_refused_act_leaves_none(world: World) {
        let jiangsu = busy(&world).await;
        let admin = jiangsu.admin().await;
        let before = verified(&world, &[]).await;
        let input = json!({ "id": jiangsu.operator.id, "name": "" });
        admin.act("renameOrgUnit", input, "orgUnit { id }").await.refused();
        assert_eq!(verified(&world, &[]).await, before);
    }

    async fn a_request_carries_its_own_id_into_the_evidence(world: World) {
        let jiangsu = busy(&world).await;
        let inspector = jiangsu.establishment_office("320000").await.person(Role::EoProvince).await;
        let admin = jiangsu.admin().await.with_header("x-request-id", "my-request-0001");
        let input = json!({ "divisionId": world.division("320104").await.id, "kind": "DEPARTMENT", "name": "民政局" });
        let act = admin.act("createOrgUnit", input, "orgUnit { id }").await;
        assert_eq!(act.answer.header("x-request-id"), Some("my-request-0001"));
        act.done();
        let last = inspector.query("{ auditEvents(first: 1) { nodes { act requestId } } }", json!({})).await.good();
        assert_eq!(last.data("/auditEvents/nodes/0/requestId"), "my-request-0001");
    }

    async fn the_database_itself_refuses_to_rewrite(world: World) {
        busy(&world).await;
        audit::seal_all(world.platform()).await.unwrap();
        let db = world.platform().db.write_pool();
        for sql in [
            "UPDATE audit_event SET reason = 'x' WHERE seq = 1",
            "DELETE FROM audit_event WHERE seq = 1",
            "UPDATE audit_seal SET hash = 'x'",
            "DELETE FROM audit_seal",
        ] {
            let refused = db.execute_unprepared(sql).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
    }

    async fn an_altered_event_is_named(world: World) {
        busy(&world).await;
        disarm(&world).await;
        let columns = BTreeMap::from([
            ("actor_name", "'某某'"),
            ("act", "'LOGIN'"),
            ("reason", "'x'"),
            ("path", "'330000'"),
            ("request_id", "''"),
            ("target_kind", "'Post'"),
            ("role", "'LEGAL'"),
            ("after", "'{\"name\":\"x\"}'"),
            ("before", "'{}'"),
            ("at", "'2026-03-02T01:00:00.123+00:00'"),
            ("account_id", "target_id"),
            ("org_unit_id", "target_id"),
            ("post_id", "target_id"),
            ("proceeding_id", "target_id"),
            ("scope_org_id", "id"),
            ("target_id", "id"),
            ("id", "target_id"),
        ]);
        for (column, value) in columns {
            let save = "CREATE TABLE saved AS SELECT * FROM audit_event WHERE seq = 3";
            tamper(&world, save).await;
            tamper(&world, &format!("UPDATE audit_event SET {column} = {value} WHERE seq = 3")).await;
            let report = verified(&world, &[]).await;
            assert_eq!(report.broken, Some(Broken { seq: 3, what: Damage::Altered }), "{column}");
            assert_eq!(report.events, 2, "good up to there");
            tamper(&world, "DELETE FROM audit_event WHERE seq = 3").await;
            tamper(&world, "INSERT INTO audit_event SELECT * FROM saved").await;
            tamper(&world, "DROP TABLE saved").await;
            assert_eq!(verified(&world, &[]).await.broken, None);
        }
    }

    async fn a_deleted_event_a_deleted_tail_and_a_bent_link_are_named(world: World) {
        busy(&world).await;
        disarm(&world).await;
        let whole = verified(&world, &[]).await;
        let last = whole.events;
        tamper(&world, "CREATE TABLE saved AS SELECT * FROM audit_event").await;
        let damages = [
            ("DELETE FROM audit_event WHERE seq = 4".to_owned(), 4, Damage::Missing),
            ("DELETE FROM audit_event WHERE seq <= 2".to_owned(), 1, Damage::Missing),
            (format!("DELETE FROM audit_event WHERE seq = {last}"), last, Damage::Missing),
            (format!("DELETE FROM audit_event WHERE seq > {}", last - 3), last - 2, Damage::Missing),
            ("DELETE FROM audit_event".to_owned(), 1, Damage::Missing),
            ("UPDATE audit_event SET prev_hash = 'x' WHERE seq = 5".to_owned(), 5, Damage::Unlinked),
            ("UPDATE audit_event SET hash = 'x' WHERE seq = 5".to_owned(), 5, Damage::Altered),
        ];
        for (sql, seq, what) in damages {
            tamper(&world, &sql).await;
            assert_eq!(verified(&world, &[]).await.broken, Some(Broken { seq, what }), "{sql}");
            tamper(&world, "DELETE FROM audit_event").await;
            tamper(&world, "INSERT INTO audit_event SELECT * FROM saved").await;
        }
        assert_eq!(verified(&world, &[]).await, whole);
        tamper(&world, "UPDATE audit_chain SET hash = 'x'").await;
        assert_eq!(verified(&world, &[]).await.broken, Some(Broken { seq: last, what: Damage::Head }));
        tamper(&world, &format!("UPDATE audit_chain SET hash = '{}', seq = {}", whole.head, last + 1)).await;
        assert_eq!(verified(&world, &[]).await.broken, Some(Broken { seq: last + 1, what: Damage::Missing }));
    }

    async fn a_chain_rewritten_with_all_its_hashes_is_caught_by_a_seal(world: World) {
        let jiangsu = busy(&world).await;
        assert_eq!(audit::seal_all(world.platform()).await.unwrap(), 1);
        assert_eq!(audit::seal_all(world.platform()).await.unwrap(), 0, "nothing new to seal");
        let sealed = verified(&world, &[]).await;
        assert_eq!((sealed.seals, &sealed.broken), (1, &None));
        jiangsu.county("320104").await;
        disarm(&world).await;
        rewrite(&world, 4).await;
        assert_eq!(verified(&world, &[]).await.broken, Some(Broken { seq: sealed.events, what: Damage::Seal }));
        // With the seal bent to fit, its signature no longer is the deployment's.
        let db = world.platform().db.read();
        let sql = format!("SELECT hash FROM audit_event WHERE seq = {}", sealed.events);
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
        let hash: String = row.try_get("", "hash").unwrap();
        tamper(&world, &format!("UPDATE audit_seal SET hash = '{hash}'")).await;
        let bent = verified(&world, &[]).await;
        assert_eq!((bent.seals, bent.broken), (0, Some(Broken { seq: sealed.events, what: Damage::Seal })));
    }

    async fn a_rewriting_after_the_last_seal_is_caught_by_an_anchor(world: World) {
        busy(&world).await;
        let noted = verified(&world, &[]).await;
        let anchor = |seq: i64, hash: &str| vec![("320000".to_owned(), seq, hash.to_owned())];
        assert_eq!(verified(&world, &anchor(noted.events, &noted.head)).await.broken, None);
        let wrong = verified(&world, &anchor(noted.events - 1, &noted.head)).await.broken;
        assert_eq!(wrong, Some(Broken { seq: noted.events - 1, what: Damage::Anchor }));
        let ahead = verified(&world, &anchor(noted.events + 7, &noted.head)).await.broken;
        assert_eq!(ahead, Some(Broken { seq: noted.events + 1, what: Damage::Missing }));
        disarm(&world).await;
        rewrite(&world, 4).await;
        assert_eq!(verified(&world, &[]).await.broken, None, "whoever rewrites all of it leaves nothing to see");
        let caught = verified(&world, &anchor(noted.events, &noted.head)).await.broken;
        assert_eq!(caught, Some(Broken { seq: noted.events, what: Damage::Anchor }));
    }

    async fn an_anchor_of_a_province_that_is_gone_is_missed(world: World) {
        busy(&world).await;
        let platform = world.platform();
        let anchors = [("330000".to_owned(), 12, "x".to_owned())];
        let reports = verify(platform.db.read(), &platform.keyring, &anchors).await.unwrap();
        let gone =
            reports.iter().find(|report| report.province == "330000").expect("a report on the anchored province");
        assert_eq!(gone.broken, Some(Broken { seq: 1, what: Damage::Missing }));
    }

    async fn seals_survive_a_rotation_of_keys(world: World) {
        let jiangsu = busy(&world).await;
        audit::seal_all(world.platform()).await.unwrap();
        let platform = world.platform();
        platform.keyring.rotate(platform.db.write_pool(), world.now()).await.unwrap();
        jiangsu.county("320104").await;
        audit::seal_all(world.platform()).await.unwrap();
        let report = verified(&world, &[]).await;
        assert_eq!((report.seals, report.broken), (2, None));
    }

    async fn provinces_have_chains_of_their_own(world: World) {
        busy(&world).await;
        let before = verified(&world, &[]).await;
        let zhejiang = world.province("330000").await;
        zhejiang.county("330102").await;
        let platform = world.platform();
        let reports = verify(platform.db.read(), &platform.keyring, &[]).await.unwrap();
        assert_eq!(reports.len(), 2);
        assert_eq!(reports[0], before);
        assert!(reports[1].events > 5 && reports[1].broken.is_none());
        let inspector = zhejiang.establishment_office("330000").await.person(Role::EoProvince).await;
        let seen = inspector.query("{ auditEvents(first: 100) { totalCount nodes { sequence } } }", json!({})).await;
        let count = seen.good().data("/auditEvents/totalCount").as_i64().unwrap();
        assert_eq!(count, reports[1].events + 3, "its own office, its people and their log-in, nothing of the others");
    }

    async fn an_inspector_sees_the_evidence_of_the_territory_only(world: World) {
        let jiangsu = world.province("320000").await;
        let (county, next) = (jiangsu.county("320102").await, jiangsu.county("320104").await);
        let admin = jiangsu.admin().await;
        let (here, beside) = (county.department("民政局").await, next.department("民政局").await);
        for org in [&here, &beside] {
            admin.act("renameOrgUnit", json!({ "id": org.id, "name": "新民政局" }), "orgUnit { id }").await.done();
        }
        let document = "query($id: ID) { auditEvents(subjectId: $id, act: RENAME_ORG_UNIT) { totalCount } }";
        for role in [Role::Inspector, Role::Discipline, Role::BurdenOfficer, Role::EoCounty] {
            let inspector = county.person(role).await;
            let all = inspector.query(document, json!({})).await.good();
            assert_eq!(all.data("/auditEvents/totalCount"), 1, "{role}");
            let foreign = inspector.query(document, json!({ "id": beside.id })).await.good();
            assert_eq!(foreign.data("/auditEvents/totalCount"), 0, "{role}");
        }
        for role in [Role::Legal, Role::Finance, Role::DecisionClerk, Role::Assessment] {
            assert_eq!(county.person(role).await.query(document, json!({})).await.codes(), ["FORBIDDEN"], "{role}");
        }
        assert_eq!(world.visitor().query(document, json!({})).await.codes(), ["UNAUTHENTICATED"]);
    }
}
