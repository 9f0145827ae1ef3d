//! Seals: signatures over the heads of the chains.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use yidan_entity::{audit_chain, audit_seal};

use crate::kernel::{fault::Fault, platform::Platform};

/// The text a seal signs.
pub(super) fn statement(province: uuid::Uuid, seq: i64, hash: &str) -> String {
    format!("yidan evidence {province} {seq} {hash}")
}

/// Seals the head of every chain that has grown since its last seal; answers how many were sealed.
pub async fn seal_all(platform: &Platform) -> Result<usize, Fault> {
    let db = platform.db.write_pool();
    let mut sealed = 0;
    for head in audit_chain::Entity::find().all(db).await? {
        let last = audit_seal::Entity::find()
            .filter(audit_seal::Column::ProvinceId.eq(head.province_id))
            .order_by_desc(audit_seal::Column::Seq)
            .one(db)
            .await?;
        if head.seq == 0 || last.is_some_and(|seal| seal.seq >= head.seq) {
            continue;
        }
        let key = platform.keyring.current()?;
        let row = audit_seal::ActiveModel {
            province_id: Set(head.province_id),
            seq: Set(head.seq),
            signature: Set(key.sign(statement(head.province_id, head.seq, &head.hash).as_bytes())?),
            hash: Set(head.hash),
            sealed_at: Set(platform.clock.now()),
            kid: Set(key.kid),
        };
        match row.insert(db).await {
            Ok(_) => sealed += 1,
            // Another node sealed the same head first.
            Err(error) if Fault::from(error.clone()).is_unique_violation() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sealed)
}
