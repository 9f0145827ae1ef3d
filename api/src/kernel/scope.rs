//! What an actor can see. Every select starts here: the province first, then the territory or the organisation. What
//! is outside does not exist for the caller.

use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, IntoColumnRef, Query};
use uuid::Uuid;

use super::{
    ctx::{Actor, Ctx, Who},
    fault::Outcome,
    ids::{OrgUnitId, ProvinceId},
    place,
};

/// How far an actor sees.
#[derive(Clone, Debug)]
pub enum Scope {
    /// The public: published lists and the directory of divisions.
    Public,
    /// What names the organisation, and its own territory if `territory`.
    Member {
        /// The province.
        province: ProvinceId,
        /// The organisation.
        org: OrgUnitId,
        /// Its territory.
        path: String,
        /// Whether the role sees the whole territory.
        territory: bool,
        /// Whether what other provinces have published is inside, too.
        reading: bool,
    },
    /// The system itself.
    Everything,
}

impl Scope {
    /// The scope of whoever makes the request.
    #[must_use]
    pub fn of(ctx: &Ctx) -> Self {
        match ctx.who() {
            Who::System(_) => Self::Everything,
            Who::Anonymous => Self::Public,
            Who::Member(_) => ctx.member().map_or(Self::Public, |actor| Self::of_actor(actor)),
        }
    }

    /// The scope of whoever reads lists. What is published is public: who logs in does not see less of other provinces
    /// than a passer-by. For questions only, a command acts on what its own province has.
    #[must_use]
    pub fn reading(ctx: &Ctx) -> Self {
        match Self::of(ctx) {
            Self::Member { province, org, path, territory, .. } => {
                Self::Member { province, org, path, territory, reading: true }
            }
            other => other,
        }
    }

    /// The scope of an actor.
    #[must_use]
    pub fn of_actor(actor: &Actor) -> Self {
        Self::Member {
            province: actor.province,
            org: actor.org,
            path: actor.path.to_string(),
            territory: actor.role.sees_territory(),
            reading: false,
        }
    }

    /// Rows of the caller's province; for the public and the system, of all.
    pub fn province(&self, column: impl IntoColumnRef) -> Cond {
        match self {
            Self::Member { province, .. } => Cond::all().add(Expr::col(column).eq(province.0)),
            Self::Public | Self::Everything => Cond::all(),
        }
    }

    /// The same for a select that lets through only what is published, what something published names, or what the
    /// caller sees of a procedure: who reads is not kept to a province there.
    pub fn published(&self, column: impl IntoColumnRef) -> Cond {
        match self {
            Self::Member { reading: true, .. } => Cond::all(),
            _ => self.province(column),
        }
    }

    /// Whether a row of this province is inside.
    #[must_use]
    pub fn includes_province(&self, row: Uuid) -> bool {
        match self {
            Self::Member { province, .. } => province.0 == row,
            Self::Public | Self::Everything => true,
        }
    }

    /// Proceedings inside the scope; `proceeding` is the name under which the table stands in the query. A draft is seen
    /// by its proposer and by parties it names already, not by everybody above.
    #[must_use]
    pub fn proceedings(&self, proceeding: &'static str) -> Cond {
        let column = |name: &'static str| Expr::col((proceeding, name));
        match self {
            Self::Everything => Cond::all(),
            Self::Public => Cond::all().add(Expr::val(1).eq(0)),
            Self::Member { province, org, path, territory, .. } => {
                let party = Query::select()
                    .expr(Expr::val(1))
                    .from("proceeding_party")
                    .and_where(Expr::col(("proceeding_party", "proceeding_id")).equals((proceeding, "id")))
                    .and_where(Expr::col(("proceeding_party", "org_unit_id")).eq(org.0))
                    .to_owned();
                let mut visible = Cond::any().add(Expr::exists(party));
                if *territory {
                    // One that was withdrawn before it was submitted has never been anything but a draft.
                    let left =
                        Cond::any().add(column("state").ne("WITHDRAWN")).add(column("submitted_at").is_not_null());
                    let begun = column("state").ne("DRAFT");
                    visible = visible.add(Cond::all().add(begun).add(left).add(inside(proceeding, path)));
                }
                let own = column("proposer_org_id").eq(org.0);
                Cond::all().add(column("province_id").eq(province.0)).add(visible.add(own))
            }
        }
    }

    /// Rows whose column `path` lies in the actor's territory, in the actor's province.
    #[must_use]
    pub fn territory(&self, table: &'static str) -> Cond {
        match self {
            Self::Member { province, path, .. } => {
                Cond::all().add(Expr::col((table, "province_id")).eq(province.0)).add(inside(table, path))
            }
            Self::Everything => Cond::all(),
            Self::Public => Cond::all().add(Expr::val(1).eq(0)),
        }
    }
}

/// Rows of `table` whose column `path` is `root` or below.
#[must_use]
pub fn inside(table: &'static str, root: &str) -> Cond {
    let (from, to) = place::below(root);
    let path = || Expr::col((Alias::new(table), Alias::new("path")));
    Cond::any().add(path().eq(root)).add(Cond::all().add(path().gte(from)).add(path().lt(to)))
}

/// Rows of `table` in any of several territories; none if there is no territory.
#[must_use]
pub fn inside_any(table: &'static str, roots: &[String]) -> Cond {
    if roots.is_empty() {
        return Cond::all().add(Expr::val(1).eq(0));
    }
    roots.iter().fold(Cond::any(), |any, root| any.add(inside(table, root)))
}

/// The scope of a person in a post; others have none.
pub fn of_actor(ctx: &Ctx) -> Outcome<Scope> {
    Ok(Scope::of_actor(ctx.actor()?))
}
