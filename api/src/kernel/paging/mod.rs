//! Keyset paging, once for all connections.
//!
//! A list names its sort keys, the last of them an id that breaks ties; a cursor holds the values of those keys in the
//! row it points at. Pages stay right while rows come and go before them, and page 1,000 costs what page 1 costs.

mod cursor;

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbErr, FromQueryResult, QueryResult, Value,
    sea_query::{Alias, Cond, Expr, ExprTrait, Func, Order, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::cursor::{bad_cursor, decode, encode};
use super::{
    fault::{Outcome, refuse},
    refusal::{InputProblem, Refusal},
};

/// Page size when the caller names none.
pub const DEFAULT_PAGE: usize = 20;
/// Largest page.
pub const MAX_PAGE: usize = 100;

/// Which page is asked for, in Relay's words.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// The first so many …
    pub first: Option<i32>,
    /// … after this cursor.
    pub after: Option<String>,
    /// The last so many …
    pub last: Option<i32>,
    /// … before this cursor.
    pub before: Option<String>,
}

/// A value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyValue {
    /// An integer.
    Int(i64),
    /// An id.
    Id(Uuid),
    /// A moment.
    Time(DateTime<Utc>),
    /// A text.
    Text(String),
}

impl From<KeyValue> for Value {
    fn from(value: KeyValue) -> Self {
        match value {
            KeyValue::Int(value) => value.into(),
            KeyValue::Id(value) => value.into(),
            KeyValue::Time(value) => value.into(),
            KeyValue::Text(value) => value.into(),
        }
    }
}

/// Type of a sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Integers.
    Int,
    /// Ids.
    Id,
    /// Moments.
    Time,
    /// Texts.
    Text,
}

/// A sort key; its expression is never null.
#[derive(Clone, Debug)]
pub struct Key {
    expr: Expr,
    kind: KeyKind,
    descending: bool,
}

impl Key {
    /// Smallest first.
    pub fn asc(expr: impl Into<Expr>, kind: KeyKind) -> Self {
        Self { expr: expr.into(), kind, descending: false }
    }

    /// Largest first.
    pub fn desc(expr: impl Into<Expr>, kind: KeyKind) -> Self {
        Self { expr: expr.into(), kind, descending: true }
    }
}

/// The keys of one order of one list. The name keeps a cursor of one order from being used with another.
#[derive(Clone, Debug)]
pub struct Keyset {
    name: &'static str,
    keys: Vec<Key>,
}

impl Keyset {
    /// An order called `name`; the last key has to be unique.
    #[must_use]
    pub fn new(name: &'static str, keys: Vec<Key>) -> Self {
        Self { name, keys }
    }

    /// The same order the other way round.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        for key in &mut self.keys {
            key.descending = !key.descending;
        }
        self
    }
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Each row with its cursor.
    pub rows: Vec<(String, T)>,
    /// Whether there are rows after the page.
    pub has_next: bool,
    /// Whether there are rows before the page.
    pub has_previous: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false }
    }
}

impl<T> Page<T> {
    /// The same page of other things.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(|(cursor, row)| (cursor, f(row))).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
}

struct Window {
    limit: usize,
    after: Option<Vec<KeyValue>>,
    before: Option<Vec<KeyValue>>,
    backward: bool,
}

impl PageArgs {
    /// How many rows the page may have at most; for the cost of a query.
    pub fn limit(&self) -> Result<usize, Refusal> {
        let bound = |path: &'static str, value: i32| match usize::try_from(value) {
            Ok(value) if value <= MAX_PAGE => Ok(value),
            _ => Err(Refusal::invalid(path, InputProblem::OutOfRange { min: 0, max: 100 })),
        };
        match (self.first, self.last) {
            (Some(_), Some(_)) => {
                Err(Refusal::conflict("last", "不能与 first 同时使用。", "cannot be used together with first."))
            }
            (Some(first), None) => bound("first", first),
            (None, Some(last)) => bound("last", last),
            (None, None) => Ok(DEFAULT_PAGE),
        }
    }

    fn window(&self, order: &Keyset) -> Result<Window, Refusal> {
        let decode = |path: &'static str, cursor: &Option<String>| {
            cursor.as_deref().map(|cursor| decode(cursor, order).ok_or_else(|| bad_cursor(path))).transpose()
        };
        Ok(Window {
            limit: self.limit()?,
            after: decode("after", &self.after)?,
            before: decode("before", &self.before)?,
            backward: self.last.is_some(),
        })
    }
}

/// Rows strictly after `values` in the order of `keys` (or before, when `flip`).
fn beyond(keys: &[Key], values: &[KeyValue], flip: bool) -> Cond {
    let same_direction = keys.windows(2).all(|pair| pair[0].descending == pair[1].descending);
    if same_direction && let Some(first) = keys.first() {
        // One comparison of row values, which an index on the keys can answer.
        let left = Expr::tuple(keys.iter().map(|key| key.expr.clone()));
        let right = Expr::tuple(values.iter().map(|value| Expr::value(value.clone())));
        let condition = if first.descending == flip { left.gt(right) } else { left.lt(right) };
        return Cond::all().add(condition);
    }
    let mut any = Cond::any();
    for (index, key) in keys.iter().enumerate() {
        let mut all = Cond::all();
        for (earlier, value) in std::iter::zip(&keys[..index], values) {
            all = all.add(earlier.expr.clone().eq(Expr::value(value.clone())));
        }
        let value = Expr::value(values[index].clone());
        let condition = if key.descending == flip { key.expr.clone().gt(value) } else { key.expr.clone().lt(value) };
        any = any.add(all.add(condition));
    }
    any
}

/// Fetches one page of `select`, which must not be ordered or limited yet.
pub async fn fetch<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    order: &Keyset,
    page: &PageArgs,
) -> Outcome<Page<T>> {
    fetch_as(db, select, order, page, None::<fn(SelectStatement) -> SelectStatement>).await
}

/// The same for wide rows: `select` has what chooses and orders the rows, `around` joins it, under the name `page`, to
/// the rest, which is read for the rows of the page only.
pub async fn fetch_around<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    order: &Keyset,
    page: &PageArgs,
    around: impl FnOnce(SelectStatement) -> SelectStatement,
) -> Outcome<Page<T>> {
    fetch_as(db, select, order, page, Some(around)).await
}

async fn fetch_as<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    mut select: SelectStatement,
    order: &Keyset,
    page: &PageArgs,
    around: Option<impl FnOnce(SelectStatement) -> SelectStatement>,
) -> Outcome<Page<T>> {
    let window = match page.window(order) {
        Ok(window) => window,
        Err(refusal) => return refuse(refusal),
    };
    if let Some(values) = &window.after {
        select.cond_where(beyond(&order.keys, values, false));
    }
    if let Some(values) = &window.before {
        select.cond_where(beyond(&order.keys, values, true));
    }
    let directions =
        order.keys.iter().map(|key| if key.descending == window.backward { Order::Asc } else { Order::Desc });
    for (index, (key, direction)) in std::iter::zip(&order.keys, directions.clone()).enumerate() {
        select.expr_as(key.expr.clone(), Alias::new(alias(index)));
        select.order_by_expr(key.expr.clone(), direction);
    }
    select.limit(window.limit as u64 + 1);
    if let Some(around) = around {
        select = around(select);
        for (index, direction) in directions.enumerate() {
            select.column(("page", alias(index)));
            select.order_by(("page", alias(index)), direction);
        }
    }
    let mut found = db.query_all(&select).await?;
    let more = found.len() > window.limit;
    found.truncate(window.limit);
    if window.backward {
        found.reverse();
    }
    let rows = found
        .iter()
        .map(|row| Ok((encode(order, &key_values(row, &order.keys)?), T::from_query_result(row, "")?)))
        .collect::<Result<Vec<_>, DbErr>>()?;
    let (has_next, has_previous) =
        if window.backward { (window.before.is_some(), more) } else { (more, window.after.is_some()) };
    Ok(Page { rows, has_next, has_previous })
}

fn alias(index: usize) -> &'static str {
    ["page_key_0", "page_key_1", "page_key_2", "page_key_3", "page_key_4", "page_key_5"][index.min(5)]
}

fn key_values(row: &QueryResult, keys: &[Key]) -> Result<Vec<KeyValue>, DbErr> {
    keys.iter()
        .enumerate()
        .map(|(index, key)| match key.kind {
            KeyKind::Int => int(row, alias(index)).map(KeyValue::Int),
            KeyKind::Id => row.try_get("", alias(index)).map(KeyValue::Id),
            KeyKind::Time => row.try_get("", alias(index)).map(KeyValue::Time),
            KeyKind::Text => row.try_get("", alias(index)).map(KeyValue::Text),
        })
        .collect()
}

/// PostgreSQL insists on the width of the column.
fn int(row: &QueryResult, column: &str) -> Result<i64, DbErr> {
    row.try_get::<i64>("", column)
        .or_else(|_| row.try_get::<i32>("", column).map(i64::from))
        .or_else(|_| row.try_get::<i16>("", column).map(i64::from))
}

/// How many rows `select` has in all.
pub async fn count(db: &impl ConnectionTrait, mut select: SelectStatement) -> Outcome<i64> {
    select.clear_order_by();
    let counting = Query::select()
        .expr_as(Func::count(Expr::val(1)), Alias::new("total"))
        .from_subquery(select, Alias::new("counted"))
        .to_owned();
    let row = db.query_one(&counting).await?;
    Ok(row.map(|row| row.try_get("", "total")).transpose()?.unwrap_or(0))
}

/// A first page of rows that were fetched together with those of other lists: `rows` has one more than `first` if there
/// are more.
pub fn first_page<T>(order: &Keyset, mut rows: Vec<T>, first: usize, key: impl Fn(&T) -> Vec<KeyValue>) -> Page<T> {
    let has_next = rows.len() > first;
    rows.truncate(first);
    let rows = rows.into_iter().map(|row| (encode(order, &key(&row)), row)).collect();
    Page { rows, has_next, has_previous: false }
}

/// Pages through rows that are already in memory and in order, such as an item's revisions.
pub fn slice<T>(rows: Vec<T>, page: &PageArgs, key: impl Fn(&T) -> Uuid) -> Outcome<Page<T>> {
    let order = Keyset::new("slice", vec![Key::asc(Expr::val(0), KeyKind::Id)]);
    let window = page.window(&order)?;
    let position = |values: &Option<Vec<KeyValue>>| {
        values.as_ref().and_then(|values| match values.as_slice() {
            [KeyValue::Id(id)] => rows.iter().position(|row| key(row) == *id),
            _ => None,
        })
    };
    let start = position(&window.after).map_or(0, |index| index + 1);
    let end = position(&window.before).unwrap_or(rows.len()).max(start);
    let (from, to) = if window.backward {
        (end.saturating_sub(window.limit).max(start), end)
    } else {
        (start, (start + window.limit).min(end))
    };
    let total = rows.len();
    let rows = rows
        .into_iter()
        .skip(from)
        .take(to - from)
        .map(|row| (encode(&order, &[KeyValue::Id(key(&row))]), row))
        .collect();
    Ok(Page { rows, has_next: to < total, has_previous: from > 0 })
}

#[cfg(test)]
mod tests;
