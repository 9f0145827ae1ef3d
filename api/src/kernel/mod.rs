//! What every wing needs, written once so that a wing is small: identity of the caller ([`ctx`]), permission
//! ([`policy`]), visibility ([`scope`]), commands ([`runner`]), evidence ([`audit`]), expected refusals ([`refusal`]),
//! clocks ([`calendar`], [`deadline`]), paging ([`paging`]), procedures ([`crate::proceeding`]) and the schema's common types
//! ([`graphql`]).

pub mod audit;
pub mod calendar;
pub mod clock;
pub mod ctx;
pub mod db;
pub mod deadline;
pub mod fault;
pub mod feed;
pub mod graphql;
pub mod ids;
pub mod issuers;
pub mod jwt;
pub mod keyring;
pub mod outbound;
pub mod paging;
pub mod place;
pub mod platform;
pub mod policy;
pub mod refusal;
pub mod role;
pub mod runner;
pub mod scope;
pub mod settings;
pub mod sheet;
pub mod similarity;
pub mod text;
pub mod value;
