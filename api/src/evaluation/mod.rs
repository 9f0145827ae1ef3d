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
//!    papers once. Neither the roll nor the evidence nor a kept answer says which papers went to whom. A voter who fears
//!    that the answer is lost brings a secret: the papers are drawn from it instead, and it is kept nowhere here, so only
//!    the voter can draw them again.
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
//! **One copy of the database, without the deployment's secret** — the tables with what each row still tells of its last
//! change (`xmin`, `ctid`, `rowid`) — says who may vote, who took papers and when, and how many ballots were cast in the
//! round on which day. It never says a score, a comment, on whom a ballot was cast or how often a subject was rated; the
//! padded size of a box tells that to within some thirty ballots. While a round is open, the row of a box shares its last
//! change with one event of the evidence; once it is closed, all boxes share theirs with the closing.
//!
//! **Several copies, without the secret** — backups, the write-ahead log, dead rows before a `VACUUM`, free pages of an
//! SQLite file — say in addition which box was changed when. That counts the ballots of a subject, and where somebody
//! took papers and voted at once while nobody else did, it suggests who cast one. Still never a score or a comment.
//!
//! **One copy, with the secret**, shows the ballots of each subject and of which organisations papers are still out. No
//! ballot can be joined to a person, as long as more than one person could have cast it: while only one person of all has
//! voted on a subject, the one ballot in its box is theirs.
//!
//! **Several copies, with the secret**, can be compared: this hash came with that claim and went with that ballot. The
//! secret and the backups therefore belong in different hands. Whoever alters the program or watches its memory can do
//! the same, and so can whoever watches the network: this program's own log has the time of a request and neither person
//! nor address, but a proxy in front of it may have both.
//!
//! **The evidence** keeps the order of events. A claim that seven ballots follow at once tells those who may read the
//! evidence who was busy then, not what was said. Claims and ballots are not in the timeline that everybody sees.
//!
//! Comments are texts: who writes “we at …” tells the reader. They are shown only after publication, only if there are
//! enough of them, in an order that has nothing to do with the ballots.

pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
