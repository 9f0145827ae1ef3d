//! Importing a list into a draft of its first edition: all of it or nothing, and whatever is odd told with its place.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Parsed,
    examining::{Draft, Examined, ImportMode, Report, examine},
};
use crate::{
    duty_list::{
        rules::content::DutyCategory,
        service::drafting::{event, writable},
        store::{
            self,
            items::{Item, NewRevision},
            versions::Version,
        },
    },
    kernel::{
        ctx::Ctx,
        fault::{Failure, Outcome, refuse, unique},
        ids::{DutyItemId, VersionId},
        policy::{Act, Action, Permit, act},
        refusal::Refusal,
        runner::{Keyed, Tx, UseCase, command, rehearse},
    },
};

/// Writes what was examined into a draft; answers what goes into the evidence.
pub(super) async fn write<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    version: &Version,
    draft: &Draft<'_>,
    examined: &Examined,
    parsed: &Parsed,
    mode: ImportMode,
) -> Outcome<Value> {
    let list = draft.list;
    for (revision, with_item) in &examined.gone {
        store::items::remove_draft(tx, permit, revision.id, with_item.then_some(revision.item)).await?;
    }
    let mut codes: HashSet<String> = store::items::codes(tx.db(), list.id).await?;
    codes.extend(examined.items.iter().filter_map(|item| item.code.clone()));
    let mut free = Free { codes, next: HashMap::new() };
    let mut names = Vec::new();
    for (index, ready) in examined.items.iter().enumerate() {
        let item = if let Some(item) = ready.known {
            item
        } else {
            let code = ready.code.clone().unwrap_or_else(|| free.code(ready.content.category));
            let new = Item { id: DutyItemId::new(), province: list.province, list: list.id, code, template: None };
            let written = store::items::insert_item(tx, permit, &new, &[]).await;
            unique(written, &format!("items.{index}.code"))?;
            new.id
        };
        let revision = NewRevision {
            item,
            list: list.id,
            ordinal: ready.ordinal.unwrap_or_default(),
            content: &ready.content,
            version: version.id,
            version_no: version.no,
        };
        store::items::insert_revision(tx, permit, list.province, revision).await?;
        names.push(&ready.content.wording.name);
    }
    Ok(json!({
        "file": parsed.name, "sha256": parsed.digest, "mode": mode, "imported": names, "removed": examined.report.removed,
    }))
}

/// Codes for items that bring none.
struct Free {
    codes: HashSet<String>,
    next: HashMap<DutyCategory, u32>,
}

impl Free {
    fn code(&mut self, category: DutyCategory) -> String {
        let next = self.next.entry(category).or_insert(1);
        loop {
            let code = format!("{}-{next:03}", category.code_prefix());
            *next += 1;
            if self.codes.insert(code.clone()) {
                return code;
            }
        }
    }
}

/// Whether the caller may import into a draft now: rehearsed before a file is looked at, which costs more.
#[derive(Debug, Serialize)]
pub struct MayImport {
    /// The draft.
    pub version_id: VersionId,
    /// The revision of the version that the caller has seen.
    pub expected_revision: Option<i32>,
}

impl UseCase for MayImport {
    const NAME: &'static str = "mayImportDutyList";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        writable::<act::ImportDutyList>(tx, self.version_id, self.expected_revision).await.map(drop)
    }
}

/// Imports a list into a draft of its first edition.
#[derive(Debug, Serialize)]
pub struct ImportItems {
    /// The draft.
    pub version_id: VersionId,
    /// What becomes of the items that are there.
    pub mode: ImportMode,
    /// The revision of the version that the caller has seen.
    pub expected_revision: Option<i32>,
    /// Of the file, so that another file under the same key is another command.
    pub digest: String,
    /// The file.
    #[serde(skip)]
    pub parsed: Arc<Parsed>,
    /// Key under which a repetition gets the first answer.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
    /// What was found; left here, because a refusal takes back everything but this.
    #[serde(skip)]
    pub report: Mutex<Option<Report>>,
}

impl ImportItems {
    /// What was found; none where an earlier answer was given again.
    pub fn report(&self) -> Option<Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Keyed for ImportItems {
    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }
}

/// Imports, or only looks whether that could be done: errors in the file are then what was asked for, no refusal.
pub async fn import(ctx: &Ctx, items: &ImportItems, dry_run: bool) -> Outcome<VersionId> {
    if !dry_run {
        return command(ctx, items).await;
    }
    match rehearse(ctx, items).await {
        Err(Failure::Refused(refusals)) if in_report(&refusals) => Ok(items.version_id),
        done => done,
    }
}

/// Whether a refusal says no more than a report does.
#[must_use]
pub fn in_report(refusals: &[Refusal]) -> bool {
    refusals.iter().all(|refusal| matches!(refusal, Refusal::SpreadsheetErrors { .. }))
}

impl UseCase for ImportItems {
    const NAME: &'static str = "importDutyList";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (permit, case, version, list) =
            writable::<act::ImportDutyList>(tx, self.version_id, self.expected_revision).await?;
        let draft = Draft::of(tx, &list, &version).await?;
        let examined = examine(tx, &self.parsed, &draft, self.mode).await?;
        let errors = examined.report.errors;
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = Some(examined.report.clone());
        if errors > 0 {
            return refuse(Refusal::SpreadsheetErrors { errors });
        }
        crate::proceeding::store::touch(tx, &permit).await?;
        let facts = write(tx, &permit, &version, &draft, &examined, &self.parsed, self.mode).await?;
        tx.record(event(Action::ImportDutyList, &case, facts));
        Ok(version.id)
    }
}
