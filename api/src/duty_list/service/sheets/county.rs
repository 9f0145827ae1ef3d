//! Importing the lists of many townships at once, at the machine: all of them or none, into drafts that the townships
//! have yet to confirm.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::{
    Parsed,
    examining::{Draft, ImportMode, Report, examine},
    importing::write,
};
use crate::{
    duty_list::{
        rules::version::{Edition, VersionState},
        service::{
            drafting::event,
            opening::{new_list, open_unrecorded},
        },
        store::{self, lists::DutyList, versions::Version},
    },
    kernel::{
        clock::china_date,
        fault::{Fault, Outcome, refuse},
        ids::VersionId,
        place::{DivisionLevel, OrgKind},
        policy::{Action, act, by_system},
        refusal::{Named, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
        value::stored,
    },
    proceeding::{self, rules::Case},
    territory::{
        self,
        rules::{Division, OrgUnit},
    },
};

/// The list of one township.
#[derive(Debug, Serialize)]
pub struct TownshipFile {
    /// Code of the township, nine digits.
    pub township: String,
    /// The file.
    #[serde(skip)]
    pub parsed: Arc<Parsed>,
    /// SHA-256 of the file.
    pub digest: String,
}

/// Imports lists into drafts of first editions, made where there are none. Rehearsed, it says whether that could be done.
#[derive(Debug, Serialize)]
pub struct ImportLists {
    /// The files.
    pub files: Vec<TownshipFile>,
    /// What becomes of items that drafts have already.
    pub mode: ImportMode,
    /// What was found, file by file; left here, because a refusal takes back everything but this.
    #[serde(skip)]
    pub reports: Mutex<Vec<Report>>,
}

impl ImportLists {
    /// What was found, in the order of the files.
    pub fn reports(&self) -> Vec<Report> {
        std::mem::take(&mut self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why the operator may write into a township's draft.
const WHY: &str = "lists are loaded at the machine into drafts that the townships have to confirm";

impl UseCase for ImportLists {
    const NAME: &'static str = "importLists";
    type Output = Vec<VersionId>;

    async fn execute(&self, tx: &Tx) -> Outcome<Vec<VersionId>> {
        let (mut versions, mut errors) = (Vec::new(), 0);
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for file in &self.files {
            let (version, report) = self.one(tx, file).await?;
            errors += report.errors;
            versions.push(version);
            self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        }
        if errors > 0 {
            return refuse(Refusal::SpreadsheetErrors { errors });
        }
        Ok(versions)
    }
}

impl ImportLists {
    async fn one(&self, tx: &Tx, file: &TownshipFile) -> Outcome<(VersionId, Report)> {
        let township = township(tx, &file.township).await?;
        let list = match known_list(tx.db(), &township).await? {
            Some(list) => list,
            None => new_list(tx, &by_system::<act::DraftFirstEdition>(VersionId::new(), WHY), &township).await?,
        };
        if store::versions::last_published(tx.db(), list.id).await?.is_some() {
            return Err(published(&list).into());
        }
        let open = store::versions::open(tx.db(), list.id).await?;
        let (case, version) = if let Some(open) = open {
            open_draft(tx, &list, open).await?
        } else {
            let permit = by_system::<act::ImportDutyList>(VersionId::new(), WHY);
            open_unrecorded(tx, &permit, &list, Edition::First, None, None).await?
        };
        let draft = Draft::of(tx, &list, &version).await?;
        let examined = examine(tx, &file.parsed, &draft, self.mode).await?;
        if examined.report.errors > 0 {
            return Ok((version.id, examined.report));
        }
        let permit = by_system::<act::ImportDutyList>(version.id, WHY);
        let facts = write(tx, &permit, &version, &draft, &examined, &file.parsed, self.mode).await?;
        if open.is_none() {
            proceeding::service::record_opening(tx, &permit, &case.head, facts);
        } else {
            proceeding::store::touch(tx, &permit).await?;
            tx.record(event(Action::ImportDutyList, &case, facts));
        }
        Ok((version.id, examined.report))
    }
}

async fn township(tx: &Tx, code: &str) -> Outcome<OrgUnit> {
    let today = china_date(tx.now());
    let place = territory::store::division_by_code(tx.db(), code, today).await?;
    let Some(place) = place.filter(|place| place.level == DivisionLevel::Township) else {
        return refuse(Refusal::not_found(format!("township {code}")));
    };
    let found =
        territory::store::orgs_of_divisions(tx.db(), &Scope::Everything, &[place.id], &[OrgKind::Township]).await?;
    match found.into_iter().next() {
        Some(org) => Ok(org),
        None => refuse(Refusal::OfficeMissing { kind: OrgKind::Township, authority: Named::new(place.id, place.name) }),
    }
}

async fn known_list(db: &impl ConnectionTrait, township: &OrgUnit) -> Outcome<Option<DutyList>> {
    let found = store::lists::lists_of(db, &Scope::Everything, &[township.division]).await?;
    Ok(found.into_values().next())
}

fn published(list: &DutyList) -> Refusal {
    Refusal::WrongState {
        state: ("PUBLISHED", "已有清单版本").into(),
        needed: vec![("NO_VERSION", "尚无清单版本").into()],
        subject: Some(list.named()),
    }
}

/// The draft that a township is writing; what it has handed on is not written in.
async fn open_draft(tx: &Tx, list: &DutyList, id: VersionId) -> Outcome<(Case, Version)> {
    proceeding::store::hold(tx, id.into()).await?;
    let case = proceeding::store::cases(tx.db(), &Scope::Everything, &[id.into()]).await?.remove(&id.into());
    let version = store::versions::versions(tx.db(), &Scope::Everything, &[id]).await?.remove(&id);
    let (case, version) = case.zip(version).ok_or_else(|| Fault::new("an open version without its procedure"))?;
    let state = stored::<VersionState>(&case.head.state)?;
    if matches!(state, VersionState::Draft | VersionState::Returned) {
        return Ok((case, version));
    }
    refuse(Refusal::WrongState {
        state: state.into(),
        needed: vec![VersionState::Draft.into(), VersionState::Returned.into()],
        subject: Some(list.named()),
    })
}

/// The townships of a county, or of a prefecture without counties, by code.
pub async fn townships(db: &impl ConnectionTrait, county: &str, day: chrono::NaiveDate) -> Outcome<Vec<Division>> {
    let Some(place) = territory::store::division_by_code(db, county, day).await? else {
        return refuse(Refusal::not_found(format!("county {county}")));
    };
    territory::store::townships_below(db, &place.path, day).await
}
