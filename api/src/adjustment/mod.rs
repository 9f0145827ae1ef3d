//! Dynamic adjustment (动态调整): what townships should, want and can take on — 应调快调.
//!
//! Law, central deployment, provincial requirement or the township's own application asks for a change; the county
//! decides it by itself. A request is drafted, checked by the establishment office, discussed with the departments it
//! names (silence is recorded, never taken for consent), reviewed for legality, decided by the county, incorporated
//! into the next version of each list, and filed above. A change that only follows a department's new name takes the
//! short path. The watch on laws ([`service::law`]) opens a task wherever a registered change of law touches a list.
//!
//! Source: the provincial rule on adjusting lists; steps and deadlines are settings of the province.

pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
