//! Webhooks (推送): other systems of an organisation, or of a whole province, are told what happens as it happens, signed
//! the way of Standard Webhooks.
//!
//! The evidence is the outbox. Each endpoint remembers the last event that was looked at for it; what it may hear of is
//! handed out as a delivery, in the transaction that moves this mark, so that nothing is missed and nothing handed out
//! twice whatever node does it. A [`courier`] takes deliveries in hand for a while, sends them without holding anything of
//! the database, and notes what came of it. A delivery that nobody finishes is taken up again: it comes at least once, with
//! the same id each time.
//!
//! What is told is little: that an act was done on something, with ids. Whoever wants to know more asks the API with a
//! log-in of their own. Of whom an endpoint belongs to follows what it hears ([`rules::Reader`]); log-ins, accounts and
//! ballots are told to nobody.

pub mod courier;
pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
