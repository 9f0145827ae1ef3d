//! Two-way evaluation (双向评价): townships rate the departments they share duties with, departments rate the townships
//! that help them; half-yearly, by secret ballot, published only where nobody can be recognised.
//!
//! A round is a proceeding of a list authority, run by its assessment office: planned, opened (rules frozen, the roll
//! drawn), closed by time alone, tallied, open to objections, published. [`rules`] holds the procedure, the draw of the
//! roll ([`rules::roll`]), the box ([`rules::ballot`]) and the tally with its suppression ([`rules::tally`]).
//!
//! # How a ballot is kept apart from its author
//!
//! 1. *Claiming* is done by a person. It marks the person's lines of the roll as issued, makes one random paper of 256
//!    bits per subject, puts the SHA-256 of each with the rater's organisation into the subject's box and shows the
//!    papers once. Neither the roll nor the evidence nor a kept answer says which papers went to whom.
//! 2. *Casting* is done by a paper. No account is needed and none is looked at: the command runs as nobody. The paper is
//!    taken out of the box; scores and comment go in, without time, author, organisation or number. The evidence says
//!    that a ballot was cast in the round on that day, not on whom, by whom or at which hour.
//! 3. *A box* keeps papers and ballots in the order of their content, so it looks the same in whatever order they came.
//!    It is encrypted as a whole with the deployment's secret, under a fresh nonce, and rewritten whole at each change;
//!    closing rewrites all boxes of the round once more, without the papers that are left.
//! 4. *Results* exist only from `min_ballots` ballots of `min_organisations` organisations on; ballots of a subject that
//!    falls short wait in its box for the next round.
//!
//! # What holds, and what does not
//!
//! Who reads all tables, their row versions (`xmin`, `ctid`, `rowid`, dead rows, free pages), the write-ahead log, every
//! backup and every log of this program, **without the deployment's secret**, learns: who may vote, who took papers and
//! when, in which order papers were taken and ballots cast in a round, which boxes changed then and by how many steps of
//! 4 KiB; never a score, a comment, or how often a subject was rated.
//!
//! Who reads the database at **one** moment **and** has the secret sees for each subject the ballots and which
//! organisations have papers left, and can join none of them to a person — as long as more than one person could have
//! cast them. While only one person of all has voted on a subject, the one ballot in its box is theirs; no scheme without
//! cryptography at the voter's side can change that.
//!
//! Who has the secret **and** the database at several moments (snapshots, write-ahead log, dead rows) can compare a box
//! before and after: a paper's hash came with this claim, it went with that ballot. The secret and the backups should
//! therefore lie in different hands. So can who alters the program, or watches its memory or the network: a proxy sees
//! addresses and times, and a client that sends a ballot right after its owner's log-in says so to whoever listens.
//! The order of events in the evidence remains, too: a claim followed at once by seven ballots tells inspectors who was
//! busy then, not what was said.
//!
//! Comments are texts: who writes “we at …” tells the reader. They are shown only after publication, only if there are
//! enough of them, in an order that has nothing to do with the ballots.

pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
