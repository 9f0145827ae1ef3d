//! The same rows read the same, whichever database keeps them.

use std::sync::{Mutex, PoisonError};

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use yidan_entity::{idempotency_key, login_throttle, signing_key};
use yidan_tests::{prelude::*, runner, start_of_story};

/// What a story saw on each database.
fn seen_on_both(story: impl AsyncFn(World) -> Value) -> Option<(Value, Value)> {
    let seen = Mutex::new(Vec::new());
    for backend in [Backend::Sqlite, Backend::Postgres] {
        runner::run(backend, async |world: World| {
            let value = story(world).await;
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(value);
        });
    }
    let mut seen = seen.into_inner().unwrap();
    // Without PostgreSQL there is nothing to compare, which the harness has said.
    let right = seen.pop()?;
    Some((seen.pop()?, right))
}

fn alike(story: impl AsyncFn(World) -> Value) {
    if let Some((sqlite, postgres)) = seen_on_both(story) {
        assert_eq!(sqlite, postgres);
    }
}

/// Names whose order is told differently by bytes, by UTF-16, by pinyin and by anybody's locale.
const NAMES: &[&str] = &[
    "a局",
    "B局",
    "b局",
    "Z局",
    "_局",
    "10局",
    "9局",
    "1局",
    "é局",
    "e局",
    "局",
    "安监局",
    "应急局",
    "啊局",
    "中局",
    "㐀局",
    "𠮷局",
    "龥局",
    "ﾀ局",
    "a-局",
    "a 局",
    "a.局",
];

#[test]
fn texts_sort_by_bytes_and_page_in_that_order() {
    alike(async |world: World| {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let county = jiangsu.county("320102").await;
        let mut names: Vec<String> = Vec::new();
        for name in NAMES {
            let input = json!({ "divisionId": county.division_id(), "kind": "HOTLINE_CENTRE", "name": name });
            let act = admin.act("createOrgUnit", input, "orgUnit { name }").await;
            if act.answer.user_error_codes("createOrgUnit").is_empty() {
                names.push((*name).to_owned());
            }
        }
        assert!(names.len() > 15, "{names:?}");
        names.push("玄武区12345政务服务便民热线中心".to_owned());
        names.sort_unstable();
        let page = "query($after: String) { orgUnits(within: \"320102\", kind: HOTLINE_CENTRE, first: 3, after: $after) { \
                    nodes { name } pageInfo { endCursor hasNextPage } } }";
        let mut listed = Vec::new();
        let mut after = Value::Null;
        loop {
            let answer = admin.query(page, json!({ "after": after })).await.good();
            listed.extend(answer.texts("/orgUnits/nodes", "name"));
            after = answer.data("/orgUnits/pageInfo/endCursor").clone();
            if answer.data("/orgUnits/pageInfo/hasNextPage") == false {
                break;
            }
        }
        assert_eq!(listed, names);
        // Searching minds no Latin case, on either.
        let found = "{ orgUnits(name: \"B\", kind: HOTLINE_CENTRE) { nodes { name } } }";
        let found = admin.query(found, json!({})).await.good().texts("/orgUnits/nodes", "name");
        assert_eq!(found, ["B局", "b局"]);
        json!([listed, found])
    });
}

#[test]
fn moments_are_kept_and_compared_to_the_millisecond() {
    alike(async |world: World| {
        let db = world.platform().db.write_pool();
        let base = start_of_story();
        let offsets = [0, 1, 10, 100, 999, 1_000, 1_001, 59_999, 3_600_000, -1, -1_000, 86_400_000];
        let mut moments: Vec<DateTime<Utc>> = offsets.iter().map(|ms| base + TimeDelta::milliseconds(*ms)).collect();
        moments.extend(
            ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2099-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
                .map(|text| text.parse::<DateTime<Utc>>().unwrap()),
        );
        for (number, moment) in moments.iter().enumerate() {
            let row = login_throttle::ActiveModel {
                address_hash: Set(format!("{number:02}")),
                failures: Set(i32::try_from(number).unwrap()),
                blocked_until: Set((number % 2 == 0).then_some(*moment)),
                last_failure_at: Set(*moment),
            };
            row.insert(db).await.unwrap();
        }
        let read =
            login_throttle::Entity::find().order_by_asc(login_throttle::Column::AddressHash).all(db).await.unwrap();
        let back: Vec<_> = read.iter().map(|row| row.last_failure_at).collect();
        assert_eq!(back, moments, "what is read is what was written");
        let ordered =
            login_throttle::Entity::find().order_by_asc(login_throttle::Column::LastFailureAt).all(db).await.unwrap();
        let ordered: Vec<_> = ordered.into_iter().map(|row| row.last_failure_at).collect();
        let mut sorted = moments.clone();
        sorted.sort_unstable();
        assert_eq!(ordered, sorted);
        for moment in &moments {
            let later = login_throttle::Entity::find()
                .filter(login_throttle::Column::LastFailureAt.gt(*moment))
                .all(db)
                .await
                .unwrap()
                .len();
            assert_eq!(later, moments.iter().filter(|other| *other > moment).count(), "{moment}");
            let same = login_throttle::Entity::find()
                .filter(login_throttle::Column::LastFailureAt.eq(*moment))
                .all(db)
                .await
                .unwrap()
                .len();
            assert_eq!(same, 1, "{moment}");
        }
        json!(ordered)
    });
}

#[test]
fn documents_bytes_and_numbers_come_back_as_they_were() {
    alike(async |world: World| {
        let db = world.platform().db.write_pool();
        let document = json!({
            "b": [1, 2.5, -0.0, i64::MAX, i64::MIN, 1e20, null, true], "a": { "中": "文", "empty": {}, "quote": "\"\\\u{7f}" }
        });
        let account = world.province("320000").await.admin().await.credentials().account;
        let row = idempotency_key::ActiveModel {
            account_id: Set(account.0),
            key: Set("k".into()),
            province_id: Set(account.0),
            command: Set("x".into()),
            digest: Set("x".into()),
            answer: Set(document.clone()),
            created_at: Set(start_of_story()),
        };
        row.insert(db).await.unwrap();
        let read = idempotency_key::Entity::find_by_id((account.0, "k".to_owned())).one(db).await.unwrap().unwrap();
        let canonical = yidan::kernel::audit::canonical(&read.answer);
        assert_eq!(canonical["a"], yidan::kernel::audit::canonical(&document)["a"]);
        let bytes: Vec<u8> = (0..=255).collect();
        let row = signing_key::ActiveModel {
            kid: Set("z".into()),
            public_key: Set(bytes.clone()),
            sealed_private_key: Set(Vec::new()),
            created_at: Set(start_of_story()),
            retired_at: Set(Some(start_of_story())),
        };
        row.insert(db).await.unwrap();
        let read = signing_key::Entity::find_by_id("z".to_owned()).one(db).await.unwrap().unwrap();
        assert_eq!((read.public_key, read.sealed_private_key), (bytes, Vec::new()));
        json!(canonical["b"][3])
    });
}

#[test]
fn a_whole_story_leaves_the_same_evidence() {
    alike(async |world: World| {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let bureau = county.department("应急管理局").await;
        admin.act("renameOrgUnit", json!({ "id": bureau.id, "name": "应急局" }), "orgUnit { id }").await.done();
        admin.act("abolishOrgUnit", json!({ "id": bureau.id, "reason": "机构改革" }), "orgUnit { id }").await.done();
        let inspector = county.person(Role::Inspector).await;
        let document =
            "{ auditEvents(first: 100) { totalCount nodes { sequence act targetKind reason role before } } }";
        inspector.query(document, json!({})).await.good().data("/auditEvents").clone()
    });
}
