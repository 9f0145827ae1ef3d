//! Table shapes, nothing else: one module per table, named like it. What a table means and what holds between its
//! columns stands in the migration step that creates it; who may read or write a row is the business of the wings'
//! `store` rooms.

#![expect(missing_docs, reason = "columns are documented where they are created, in the migration's SQL")]

pub mod account;
pub mod audit_chain;
pub mod audit_event;
pub mod audit_seal;
pub mod ballot_box;
pub mod ballot_roll;
pub mod change_request;
pub mod decision_record;
pub mod deployment;
pub mod division;
pub mod division_successor;
pub mod duty_domain;
pub mod duty_item;
pub mod duty_list;
pub mod evaluation_objection;
pub mod evaluation_result;
pub mod evaluation_round;
pub mod external_identity;
pub mod head_signature;
pub mod idempotency_key;
pub mod internal_office;
pub mod item_allocation;
pub mod item_department;
pub mod item_lineage;
pub mod item_revision;
pub mod item_template;
pub mod law_change;
pub mod law_watch;
pub mod list_version;
pub mod login_throttle;
pub mod number_sequence;
pub mod opinion;
pub mod org_unit;
pub mod position;
pub mod post;
pub mod proceeding;
pub mod proceeding_party;
pub mod province;
pub mod queue_entry;
pub mod refresh_token;
pub mod request_change;
pub mod request_target;
pub mod review_chain_step;
pub mod session;
pub mod signing_key;
pub mod similarity_answer;
pub mod spent_token;
pub mod version_change;
pub mod wording;
pub mod wording_instrument;
pub mod work_calendar;
pub mod zone_overlay;
