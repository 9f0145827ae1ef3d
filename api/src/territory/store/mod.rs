//! The SQL of territory.

mod business;
mod chains;
mod divisions;
mod offices;
mod orgs;
mod provinces;

pub use self::business::*;
pub use self::chains::*;
pub use self::divisions::*;
pub use self::offices::*;
pub use self::orgs::*;
pub use self::provinces::*;

use yidan_entity::{division, internal_office, org_unit, position};

use crate::kernel::{
    fault::{Fault, Outcome},
    place::DivisionLevel,
    value::stored,
};
use crate::territory::rules::{Division, Office, OrgUnit, Position};

fn level(number: i16) -> Result<DivisionLevel, Fault> {
    DivisionLevel::from_number(number).ok_or_else(|| Fault::new(format!("level {number} in the database")))
}

impl TryFrom<division::Model> for Division {
    type Error = Fault;

    fn try_from(row: division::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            level: level(row.level)?,
            kind: stored(&row.kind)?,
            parent: row.parent_id.map(Into::into),
            path: row.path,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    }
}

impl TryFrom<org_unit::Model> for OrgUnit {
    type Error = Fault;

    fn try_from(row: org_unit::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            division: row.division_id.into(),
            path: row.path,
            level: level(row.level)?,
            kind: stored(&row.kind)?,
            name: row.name,
            short_name: row.short_name,
            parent: row.parent_id.map(Into::into),
            vertical: row.vertical,
            successor: row.successor_id.map(Into::into),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            revision: row.revision,
        })
    }
}

impl From<internal_office::Model> for Office {
    fn from(row: internal_office::Model) -> Self {
        Self {
            id: row.id.into(),
            org: row.org_unit_id.into(),
            name: row.name,
            ordinal: row.ordinal,
            closed_at: row.closed_at,
            revision: row.revision,
        }
    }
}

impl From<position::Model> for Position {
    fn from(row: position::Model) -> Self {
        Self {
            id: row.id.into(),
            office: row.office_id.into(),
            name: row.name,
            ordinal: row.ordinal,
            closed_at: row.closed_at,
            revision: row.revision,
        }
    }
}

fn all<M, T: TryFrom<M, Error = Fault>>(rows: Vec<M>) -> Outcome<Vec<T>> {
    Ok(rows.into_iter().map(T::try_from).collect::<Result<_, _>>()?)
}
