//! Proving and sealing the chains of evidence.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{AuditCommand, Done, connect, database_file, told};
use crate::{
    config::Settings,
    kernel::{audit, clock::SystemClock, db::DbConfig, keyring::Keyring, platform::Platform},
};

/// The evidence is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the evidence is broken")]
pub struct EvidenceBroken;

pub(super) async fn evidence(settings: &Settings, command: AuditCommand) -> Done<()> {
    let config = settings.database(database_file(false))?;
    // Evidence is looked at as it is: no schema is changed, no database or secret made.
    let db = connect(&DbConfig { create: false, ..config }).await?;
    let keyring = Keyring::new(settings.secret(false)?);
    let platform = Platform::start(db, Arc::new(SystemClock), keyring, settings.sessions(), settings.password_cost())
        .await
        .map_err(|fault| {
            format!("this is no database of this version of Yidan, or the secret is another: {fault:?}")
        })?;
    match command {
        AuditCommand::Seal => {
            let sealed = audit::seal_all(&platform).await.map_err(|fault| told(fault.into()))?;
            println!("{sealed} chains sealed");
            Ok(())
        }
        AuditCommand::Verify { anchor } => {
            let anchors = anchor.iter().map(|text| parse_anchor(text)).collect::<Result<Vec<_>, _>>()?;
            let reports = audit::verify::verify(platform.db.read(), &platform.keyring, &anchors)
                .await
                .map_err(|fault| told(fault.into()))?;
            let (mut broken, now) = (false, platform.clock.now());
            for report in reports {
                let state = report
                    .broken
                    .as_ref()
                    .map_or_else(|| "unbroken".to_owned(), |broken| format!("BROKEN at {broken}"));
                println!(
                    "{}: {} events, {} seals, {} events after the last seal, {state}; head {}",
                    report.province,
                    report.events,
                    report.seals,
                    report.events.saturating_sub(report.sealed_to).max(0),
                    report.head
                );
                broken |= report.broken.is_some();
                // A server seals every few minutes and when it stops.
                if let Some(since) = report.unsealed_since.filter(|since| now - *since > TimeDelta::days(1)) {
                    println!("  NOT SEALED since {since}: a seal was taken away, or no server has run since then");
                    broken = true;
                }
            }
            if broken { Err(EvidenceBroken.into()) } else { Ok(()) }
        }
    }
}

fn parse_anchor(text: &str) -> Done<(String, i64, String)> {
    let mut parts = text.split(':');
    match (parts.next(), parts.next().and_then(|seq| seq.parse().ok()), parts.next(), parts.next()) {
        (Some(province), Some(seq), Some(hash), None) => Ok((province.to_owned(), seq, hash.to_owned())),
        _ => Err(format!("anchor {text:?}: expected PROVINCE:NUMBER:HASH").into()),
    }
}
