//! Proceedings in the schema: queues, clocks, opinions, decisions, timeline, evidence.

pub mod evidence;
pub mod fields;
pub mod live;
pub mod objects;
pub mod queue;

pub use evidence::{AuditEvent, AuditEventConnection, EvidenceQuery, timeline};
pub use fields::ProceedingFields;
pub use live::LiveSubscription;
pub use objects::{CaseById, Deadline, DecisionRecord, Opinion, decisions, entries, hearing, opinions, parties};
pub use queue::{QueueEntry, QueueQuery};
