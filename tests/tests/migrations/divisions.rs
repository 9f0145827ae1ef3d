//! Loading the national table, and a newer one over it.

use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use yidan::{
    kernel::db::Db,
    setup,
    territory::loading::{VENDORED, is_loaded, load, rows},
};
use yidan_entity::division::{Column, Entity};
use yidan_tests::on_both_empty;

const NEWER: &str = r#"{
    "metadata": { "data_as_of": "2026-12-31" },
    "divisions": [
        [1, "320000", "", "江苏省"], [2, "320100", "320000", "南京市"], [3, "320102", "320100", "玄武新区"],
        [4, "320102002", "320102", "梅园新村街道"], [4, "320102099", "320102", "新玄街道"],
        [3, "320199", "320100", "江北新区"], [4, "320199001", "320199", "大厂街道"]
    ]
}"#;

on_both_empty! {
    async fn nodes_that_load_at_once_load_once(database: &Fresh) {
        let db = Db::connect(&database.config()).await.unwrap();
        setup::migrate(&db).await.unwrap();
        assert!(!is_loaded(db.read()).await.unwrap());
        let loads = join_all((0..2).map(async |_| {
            let node = Db::connect(&database.config()).await.unwrap();
            load(node.write_pool(), rows(VENDORED).unwrap(), |_| {}).await
        }));
        for outcome in loads.await {
            outcome.unwrap();
        }
        assert_eq!(Entity::find().count(db.read()).await.unwrap(), 41_934);
        assert!(is_loaded(db.read()).await.unwrap());
    }

    async fn a_newer_table_adds_what_is_new_and_doubles_nothing(database: &Fresh) {
        let db = Db::connect(&database.config()).await.unwrap();
        setup::migrate(&db).await.unwrap();
        let jiangsu: Vec<_> = rows(VENDORED).unwrap().into_iter().filter(|row| row.code.starts_with("32")).collect();
        load(db.write_pool(), jiangsu.clone(), |_| {}).await.unwrap();
        for _ in 0..2 {
            load(db.write_pool(), rows(NEWER).unwrap(), |_| {}).await.unwrap();
        }
        assert_eq!(Entity::find().count(db.read()).await.unwrap(), jiangsu.len() as u64 + 3);
        let by_code = async |code: &str| {
            let found = Entity::find().filter(Column::Code.eq(code)).all(db.read()).await.unwrap();
            assert_eq!(found.len(), 1, "{code}");
            found.into_iter().next().unwrap()
        };
        let county = by_code("320102").await;
        assert_eq!(county.name, "玄武区", "a new name comes with its document, as a change of divisions");
        assert_eq!(
            by_code("320102099").await.parent_id,
            Some(county.id),
            "a new township below the county that is there"
        );
        let new = by_code("320199").await;
        assert_eq!(new.parent_id, Some(by_code("320100").await.id));
        assert_eq!(by_code("320199001").await.parent_id, Some(new.id));
        assert_eq!(new.path, "320000.320100.320199");
    }
}
