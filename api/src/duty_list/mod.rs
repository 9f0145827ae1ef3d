//! Duty lists (履职事项清单): one list per township, three categories, versions in force one after the other.
//!
//! An *item* is an identity that lives as long as the matter does; a *revision* is how it reads from one version to
//! another; a *wording* is the texts themselves, kept once however many townships share them. A *version* follows the
//! common procedure ([`crate::proceeding`]): drafted, confirmed by the township, reviewed, decided, published. The
//! first edition is written freely and reviewed jointly; every later version only incorporates approved requests
//! ([`rules::change`]), so no duty can enter a list by itself.
//!
//! Every question about lists takes two times: `asOf` — in force when — and `knownAt` — as recorded when. Published
//! lists belong to the public.

pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
