//! Identity (身份): accounts, posts, log-in, sessions, tokens.
//!
//! A person has one account and one or several posts, each a role in an organisation, and acts for one post at a time.
//! An access token says only who and which session; post, role and organisation are read on each request
//! ([`service::authenticate`]), so what changes there counts at once. Refresh tokens are single-use; one that comes back
//! a second time revokes its session.
//!
//! Passwords are hashed off the request threads, few at a time ([`password`]); tokens are signed with the keyring
//! ([`token`]).

pub mod graphql;
pub mod password;
pub mod rules;
pub mod service;
pub mod store;
pub mod token;
