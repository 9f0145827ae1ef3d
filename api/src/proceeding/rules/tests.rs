//! The rules every procedure shares, on cases of their own.

use chrono::NaiveDate;

use super::*;
use crate::kernel::refusal::Refusal;

#[test]
fn a_decision_without_its_document_says_what_is_missing() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (began, today) = (day("2026-03-01"), day("2026-03-10"));
    let facts = |document: &str, meeting: Option<&str>, on: Option<&str>| DecisionFacts {
        body: Some("县委常委会".into()),
        document_no: Some(document.into()),
        meeting: meeting.map(Into::into),
        decided_on: on.map(day),
    };
    assert_eq!(facts("澜委〔2026〕3号", Some("第5次常委会"), Some("2026-03-05")).complete(true, began, today), Ok(()));
    assert_eq!(
        facts(" ", None, None).complete(true, began, today),
        Err(Refusal::DecisionRecordMissing { missing: vec!["documentNo", "meeting", "decidedOn"] })
    );
    assert_eq!(facts("x", None, Some("2026-03-05")).complete(false, began, today), Ok(()));
    assert!(facts("x", Some("m"), Some("2026-03-11")).complete(true, began, today).is_err());
    assert!(facts("x", Some("m"), Some("2026-02-28")).complete(true, began, today).is_err());
}
