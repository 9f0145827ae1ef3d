//! Pages against a list that is cut by hand.

use sea_orm::{ConnectOptions, Database, JoinType};

use super::*;

#[derive(Debug, FromQueryResult, PartialEq, Eq, Clone)]
struct Row {
    id: Uuid,
    name: String,
    n: i64,
}

async fn table(count: u32) -> sea_orm::DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    db.execute_unprepared("CREATE TABLE t (id uuid_text PRIMARY KEY, name text NOT NULL, n bigint NOT NULL)")
        .await
        .unwrap();
    for index in 0..count {
        let insert = Query::insert()
            .into_table("t")
            .columns(["id", "name", "n"])
            // Few distinct names and numbers: ties everywhere.
            .values_panic([
                Uuid::from_u128(u128::from(index.wrapping_mul(2_654_435_761)) << 90 | u128::from(index)).into(),
                ["12", "甲", "乙"][index as usize % 3].into(),
                i64::from(index % 4).into(),
            ])
            .to_owned();
        db.execute(&insert).await.unwrap();
    }
    db
}

fn select() -> SelectStatement {
    Query::select().columns(["id", "name", "n"]).from("t").to_owned()
}

fn orders() -> Vec<Keyset> {
    let name = || Key::asc(Expr::col("name"), KeyKind::Text);
    let n = || Key::desc(Expr::col("n"), KeyKind::Int);
    let id = || Key::asc(Expr::col("id"), KeyKind::Id);
    let mixed = Keyset::new("mixed", vec![name(), n(), id()]);
    let same = Keyset::new("same", vec![name(), id()]);
    vec![mixed.clone(), mixed.reversed(), same.clone(), same.reversed()]
}

#[tokio::test]
async fn forward_and_backward_pages_visit_every_row_once_in_one_order_despite_ties() {
    let db = table(47).await;
    for order in orders() {
        for size in [1, 5, 46, 47, 100] {
            let mut forward = Vec::new();
            let mut after = None;
            loop {
                let page = fetch::<Row>(
                    &db,
                    select(),
                    &order,
                    &PageArgs { first: Some(size), after: after.clone(), ..PageArgs::default() },
                )
                .await
                .unwrap();
                assert_eq!(page.has_previous, after.is_some());
                after = page.rows.last().map(|(cursor, _)| cursor.clone());
                forward.extend(page.rows.into_iter().map(|(_, row)| row));
                if !page.has_next {
                    break;
                }
            }
            let mut backward = Vec::new();
            let mut before = None;
            loop {
                let page = fetch::<Row>(
                    &db,
                    select(),
                    &order,
                    &PageArgs { last: Some(size), before: before.clone(), ..PageArgs::default() },
                )
                .await
                .unwrap();
                before = page.rows.first().map(|(cursor, _)| cursor.clone());
                backward.splice(0..0, page.rows.into_iter().map(|(_, row)| row));
                if !page.has_previous {
                    break;
                }
            }
            assert_eq!(forward.len(), 47);
            assert_eq!(forward, backward);
            let distinct: std::collections::HashSet<_> = forward.iter().map(|row| row.id).collect();
            assert_eq!(distinct.len(), 47);
        }
    }
    assert_eq!(count(&db, select()).await.unwrap(), 47);
}

#[tokio::test]
async fn bad_windows_are_refused_by_name() {
    let db = table(3).await;
    let order = &orders()[0];
    let other = encode(&orders()[2], &[KeyValue::Text("甲".into()), KeyValue::Id(Uuid::nil())]);
    for (args, path) in [
        (PageArgs { first: Some(-1), ..PageArgs::default() }, "first"),
        (PageArgs { first: Some(101), ..PageArgs::default() }, "first"),
        (PageArgs { first: Some(1), last: Some(1), ..PageArgs::default() }, "last"),
        (PageArgs { after: Some("nonsense".into()), ..PageArgs::default() }, "after"),
        (PageArgs { before: Some(other), ..PageArgs::default() }, "before"),
    ] {
        let failure = fetch::<Row>(&db, select(), order, &args).await.unwrap_err();
        let crate::kernel::fault::Failure::Refused(refusals) = failure else { panic!("{failure:?}") };
        assert_eq!(refusals[0].path(), [path.to_owned()]);
    }
}

#[test]
fn slices_page_like_tables() {
    let rows: Vec<Uuid> = (0..10).map(Uuid::from_u128).collect();
    let first = slice(rows.clone(), &PageArgs { first: Some(4), ..PageArgs::default() }, |id| *id).unwrap();
    let cursor = first.rows[3].0.clone();
    let second =
        slice(rows.clone(), &PageArgs { first: Some(4), after: Some(cursor.clone()), ..PageArgs::default() }, |id| *id)
            .unwrap();
    assert_eq!(second.rows[0].1, rows[4]);
    assert!(second.has_next && second.has_previous);
    let back = slice(rows.clone(), &PageArgs { last: Some(2), before: Some(cursor), ..PageArgs::default() }, |id| *id)
        .unwrap();
    assert_eq!(back.rows.iter().map(|(_, id)| *id).collect::<Vec<_>>(), rows[1..3]);
}

#[tokio::test]
async fn a_page_joined_to_its_rows_reads_like_the_rows_themselves() {
    let db = table(47).await;
    let around = |chosen| {
        Query::select()
            .columns([("t", "id"), ("t", "name"), ("t", "n")])
            .from("t")
            .join_subquery(JoinType::InnerJoin, chosen, "page", Expr::col(("page", "id")).equals(("t", "id")))
            .to_owned()
    };
    for order in orders() {
        for args in
            [PageArgs { first: Some(7), ..PageArgs::default() }, PageArgs { last: Some(7), ..PageArgs::default() }]
        {
            let plain = fetch::<Row>(&db, select(), &order, &args).await.unwrap();
            let narrow = Query::select().column("id").from("t").to_owned();
            let joined = fetch_around::<Row>(&db, narrow, &order, &args, around).await.unwrap();
            assert_eq!(plain.rows, joined.rows);
            assert_eq!((plain.has_next, plain.has_previous), (joined.has_next, joined.has_previous));
        }
    }
}
