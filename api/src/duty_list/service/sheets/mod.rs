//! Lists as spreadsheets: in ([`importing`] for a township, [`county`] for all townships of a county at the machine) and
//! out ([`exporting`]).

pub mod county;
pub mod examining;
pub mod exporting;
pub mod importing;

use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use crate::{
    duty_list::{
        rules::sheet::{
            Finding,
            across::repeated,
            layout::{Layout, layout},
            names::Names,
            title::{Around, Said},
        },
        store,
    },
    kernel::{
        fault::{Failure, Outcome},
        ids::ProvinceId,
        platform::Platform,
        sheet::{Limits, on_the_side, read},
    },
    territory::{self, rules::Division},
};

/// A file that was read, before anybody is asked what its names mean.
#[derive(Debug)]
pub struct Parsed {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal digits: evidence of what was imported.
    pub digest: String,
    /// What stands in it.
    pub layout: Layout,
    /// What it repeats.
    pub repeated: Vec<Finding>,
}

/// Reads a file on the side. `similar` is the likeness in per cent from which items are told apart by people only, `path`
/// where the file stands in the input.
pub async fn parse(
    platform: &Arc<Platform>,
    name: String,
    bytes: Arc<[u8]>,
    similar: u8,
    path: &'static str,
) -> Outcome<Parsed> {
    let parsed = on_the_side(platform, move || parse_now(name, &bytes, similar)).await?;
    parsed.map_err(|unreadable| Failure::from(unreadable.refusal(path)))
}

/// The same on the present thread, for the command line.
pub fn parse_now(name: String, bytes: &[u8], similar: u8) -> Result<Parsed, crate::kernel::sheet::Unreadable> {
    let workbook = read(&name, bytes, &Limits::default())?;
    let layout = layout(&name, &workbook);
    let repeated = repeated(&layout.items, similar);
    Ok(Parsed { digest: hex::encode(Sha256::digest(bytes)), name, layout, repeated })
}

/// The names that may stand in a township's list: departments of its county and above, classes of its province.
pub async fn names(db: &impl ConnectionTrait, province: ProvinceId, path: &str) -> Outcome<Names> {
    let orgs = territory::store::responsible_in(db, province, path).await?;
    let domains = store::lists::catalogue(db, province, false).await?;
    Ok(Names::new(orgs.iter(), domains.into_iter().map(|domain| (domain.id, domain.name))))
}

/// The townships among which that of a file is looked for, and what they belong to.
#[derive(Debug, Default)]
pub struct Places {
    /// The townships.
    pub townships: Vec<Division>,
    /// Names of county, city and province.
    above: Vec<String>,
    /// Names of others like them.
    elsewhere: Vec<String>,
}

impl Places {
    /// These townships with what they belong to.
    pub async fn of(db: &impl ConnectionTrait, townships: Vec<Division>, day: NaiveDate) -> Outcome<Self> {
        let ids: Vec<_> = townships.iter().map(|township| township.id).collect();
        let lineages = territory::store::lineages(db, &ids).await?;
        let above = lineages.into_values().flatten().filter(|division| !ids.contains(&division.id));
        let mut above: Vec<String> = above.map(|division| division.name).collect();
        above.sort_unstable();
        above.dedup();
        let mut elsewhere = territory::store::names_above_townships(db, day).await?;
        elsewhere.retain(|name| !above.contains(name));
        Ok(Self { townships, above, elsewhere: elsewhere.into_iter().collect() })
    }

    /// Whose list a file says it is.
    #[must_use]
    pub fn said(&self, parsed: &Parsed) -> Said {
        let townships: Vec<&str> = self.townships.iter().map(|township| township.name.as_str()).collect();
        let above: Vec<&str> = self.above.iter().map(String::as_str).collect();
        let titles = parsed.layout.titles.iter().map(String::as_str);
        let elsewhere: Vec<&str> = self.elsewhere.iter().map(String::as_str).collect();
        Said::of(titles, &parsed.name, Around { townships: &townships, above: &above, elsewhere: &elsewhere })
    }
}
