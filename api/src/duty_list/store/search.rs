//! Finding items by words.

use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{Cond, Expr, ExprTrait, Func, LikeExpr, SelectStatement},
};

use super::items;
use crate::{
    duty_list::rules::{AsOf, content::DutyCategory},
    kernel::{
        paging::{Key, KeyKind, Keyset},
        scope::{self, Scope},
        similarity::{self, Term},
    },
};

/// The question in the words of the database's index; none if nothing is left to look for.
fn question(backend: DbBackend, text: &str) -> Option<String> {
    let terms = similarity::question(text);
    if terms.is_empty() {
        return None;
    }
    // Terms are letters and digits only, so quoting them is enough.
    let words = terms.iter().map(|term| match (backend, term) {
        (DbBackend::Sqlite, Term::Whole(term)) => format!("\"{term}\""),
        (DbBackend::Sqlite, Term::Prefix(term)) => format!("\"{term}\"*"),
        (_, Term::Whole(term)) => format!("'{term}'"),
        (_, Term::Prefix(term)) => format!("'{term}':*"),
    });
    let and = if backend == DbBackend::Sqlite { " AND " } else { " & " };
    Some(words.collect::<Vec<_>>().join(and))
}

/// Revisions whose wording has all the words; `None` if the text has no word.
pub fn having_words(db: &impl ConnectionTrait, text: &str) -> Option<Cond> {
    let backend = db.get_database_backend();
    let question = question(backend, text)?;
    let found = match backend {
        DbBackend::Sqlite => {
            "r.wording_id IN (SELECT s.wording_id FROM wording_fts JOIN wording_search s ON s.rowid = wording_fts.rowid WHERE wording_fts MATCH ?)"
        }
        _ => "r.wording_id IN (SELECT s.wording_id FROM wording_search s WHERE s.grams @@ CAST(? AS tsquery))",
    };
    let mut cond = Cond::all().add(Expr::cust_with_values(
        if backend == DbBackend::Sqlite { found.to_owned() } else { found.replace('?', "$1") },
        [question],
    ));
    // Pairs of characters may stand apart; the words themselves must stand together, whatever marks are around them.
    for word in similarity::words(text).filter(|word| word.chars().count() > 2) {
        let has = |column: &'static str| has_word(Expr::col(("w", column)).cast_as("text"), word);
        cond = cond.add(
            Cond::any()
                .add(has("name"))
                .add(has("superior_clauses"))
                .add(has("township_clauses"))
                .add(has("bases"))
                .add(has("tags"))
                .add(has("method")),
        );
    }
    Some(cond)
}

/// Whether a text has a word, in capitals or not: of the two databases one tells them apart.
fn has_word(text: Expr, word: &str) -> Expr {
    Expr::expr(Func::lower(text)).like(LikeExpr::new(format!("%{}%", escape(&word.to_lowercase()))).escape('\\'))
}

/// Revisions whose wording has all the words; none if the text has no word.
pub fn words(db: &impl ConnectionTrait, text: &str) -> Cond {
    having_words(db, text).unwrap_or_else(|| Cond::all().add(Expr::val(1).eq(0)))
}

fn escape(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The select of published items in force that have the words.
pub fn select(
    db: &impl ConnectionTrait,
    scope: &Scope,
    text: &str,
    at: AsOf,
    within: Option<&[String]>,
    category: Option<DutyCategory>,
) -> Option<SelectStatement> {
    let words = having_words(db, text)?;
    let mut select = items::select();
    select.cond_where(words).cond_where(items::in_force(at)).cond_where(scope.published(("r", "province_id")));
    if let Some(roots) = within {
        select.cond_where(scope::inside_any("l", roots));
    }
    if let Some(category) = category {
        select.cond_where(Expr::col(("r", "category")).eq(category.code()));
    }
    Some(select)
}

/// Items that have the words in their name come first, then by township and place in the list.
#[must_use]
pub fn order(text: &str) -> Keyset {
    let mut in_name = Cond::all();
    for word in similarity::words(text) {
        in_name = in_name.add(has_word(Expr::col(("w", "name")), word));
    }
    let rank: Expr = Expr::case(in_name, 0).finally(1).into();
    Keyset::new(
        "search",
        vec![
            Key::asc(rank, KeyKind::Int),
            Key::asc(Expr::col(("l", "path")), KeyKind::Text),
            Key::asc(Expr::col(("r", "category")), KeyKind::Text),
            Key::asc(Expr::col(("r", "ordinal")), KeyKind::Int),
            Key::asc(Expr::col(("r", "id")), KeyKind::Id),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_quoted_for_each_database() {
        assert_eq!(question(DbBackend::Sqlite, "燃气 app").as_deref(), Some("\"燃气\" AND \"app\"*"));
        assert_eq!(question(DbBackend::Postgres, "燃气安全").as_deref(), Some("'安全' & '气安' & '燃气'"));
        assert_eq!(question(DbBackend::Postgres, "' OR 1=1 --").as_deref(), Some("'1':* & 'or':*"));
        assert_eq!(question(DbBackend::Postgres, "，。"), None);
    }
}
