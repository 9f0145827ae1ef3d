//! Which items in force look like what is proposed.

use crate::{
    admission::store,
    duty_list::{rules::AsOf, store::change},
    kernel::{ctx::Ctx, fault::Outcome, ids::RevisionId, similarity::Profile},
    proceeding::rules::Case,
    territory::service::authority::stored_authority,
};

/// From this likeness of names in per cent on, an item is shown.
const SHOWN: u8 = 50;

/// Items in force under the request's authority that look like what it proposes, most alike first, at most ten.
pub async fn similar_items(ctx: &Ctx, case: &Case, at: AsOf) -> Outcome<Vec<(RevisionId, u8)>> {
    let db = ctx.db().read();
    let changes = change::changes(db, &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
    let proposed: Vec<Profile> =
        changes.iter().filter_map(|change| change.content.as_ref()).map(|content| content.wording.profile()).collect();
    let authority = stored_authority(db, case.head.authority).await?;
    let names = store::names_in_force(db, case.head.province, &authority.path, at).await?;
    let mut found: Vec<(RevisionId, u8)> = names
        .into_iter()
        .filter_map(|(name, id)| {
            let profile = Profile::of(&name);
            let percent = proposed.iter().map(|proposed| proposed.percent(&profile)).max()?;
            (percent >= SHOWN).then_some((id, percent))
        })
        .collect();
    found.sort_by_key(|(id, percent)| (std::cmp::Reverse(*percent), *id));
    found.truncate(10);
    Ok(found)
}
