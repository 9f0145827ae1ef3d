//! One province's lists on PostgreSQL, through `COPY`. The distribution is that of a real province: 340 items a township
//! on average, of them 117 basic, 99 cooperative and 124 reclaimed, four clauses on either side of a cooperative item,
//! forty departments a county, two versions of each list with one item in twenty-five changed.

mod copy;
mod lists;
mod places;
mod texts;

use std::sync::Arc;

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use yidan::{
    kernel::{ctx::Ctx, platform::Platform},
    setup, territory,
};
use yidan_entity::duty_list;

use crate::progress::Progress;

/// Code of the province that is filled.
const PROVINCE: &str = "320000";

/// Fills the database, unless it has been filled before.
pub async fn fill(platform: &Arc<Platform>, townships: usize) {
    let db = platform.db.write_pool();
    let known = duty_list::Entity::find().count(db).await.unwrap();
    if known > 0 {
        println!("the database has {known} lists already; it is used as it is");
        return;
    }
    setup::operator(&Ctx::system(Arc::clone(platform), "测速"), PROVINCE).await.unwrap();
    let province = territory::store::province_by_code(db, PROVINCE).await.unwrap().unwrap().id;
    let pool = db.get_postgres_connection_pool();
    let counties = places::fill(db, pool, province, PROVINCE, townships).await;
    let count = counties.iter().map(|county| county.townships.len()).sum();
    let mut progress = Progress::new(count, "townships 乡镇");
    let items = lists::fill(pool, province, &counties, |done| progress.at(done)).await;
    progress.end(&format!("{items} items"));
    db.execute_unprepared("VACUUM ANALYZE").await.unwrap();
}
