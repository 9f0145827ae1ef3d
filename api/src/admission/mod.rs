//! Duty admission (职责准入): what departments or city and county leadership want to add to a list — 严入慎入.
//!
//! A proposal climbs: the county's establishment office checks it, every township concerned is heard (silence is never
//! consent), justice and finance review it, the county's committee and government complete their procedure, each office
//! of the review chain reviews it, and **only the province approves**. That last rule, the province's own, is held
//! three times: by the states here, by policy, and by a constraint of the database. An approval that is not incorporated
//! in time lapses; a refused matter is remembered, so that it cannot come back in other words unnoticed.

pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
