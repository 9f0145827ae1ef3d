//! Territory (区划与机构): divisions, organisations, internal offices, positions, and the two questions every procedure
//! asks — who decides on this township's list, and which offices review above them.
//!
//! `listAuthority` and `reviewChain` ([`rules`], [`service`]) are the only way in which code asks "who is the county
//! here": a district of a municipality, a directly administered county, a prefecture without counties, a configured
//! chain and a functional zone all answer through them.

pub mod graphql;
pub mod loading;
pub mod rules;
pub mod service;
pub mod store;
