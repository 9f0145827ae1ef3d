//! Results of a round as a document: nothing that the results themselves do not show.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    evaluation::{
        rules::{EvaluationDirection, EvaluationStanding, Round},
        store::results::SubjectResult,
    },
    kernel::{
        ids::OrgUnitId,
        sheet::{Column, Document, Table, Value, Width},
    },
};

fn points(hundredths: Option<i32>) -> Value {
    hundredths.map_or_else(Value::empty, |hundredths| Value::Decimal(f64::from(hundredths) / 100.0))
}

/// Results that the caller sees, a table per direction.
pub(in crate::evaluation) fn result_table(
    round: &Round,
    results: &[SubjectResult],
    names: &HashMap<OrgUnitId, String>,
    now: DateTime<Utc>,
) -> Document {
    let title = format!("{}结果", round.head.title);
    let tables = EvaluationDirection::ALL.iter().filter_map(|direction| {
        let mine: Vec<&SubjectResult> = results.iter().filter(|result| result.direction == *direction).collect();
        (!mine.is_empty()).then(|| table(round, *direction, &mine, names, &title))
    });
    let mut tables: Vec<Table> = tables.collect();
    if tables.is_empty() {
        tables.push(Table {
            name: "评价结果".into(),
            title: title.clone(),
            notes: vec!["没有可供查看的结果：尚未公布，或不在可见范围内。".into()],
            columns: vec![Column::new("被评单位", Width::Wide)],
            ..Table::default()
        });
    }
    Document { name: title.clone(), author: round.head.title.clone(), created: now, tables, title }
}

fn table(
    round: &Round,
    direction: EvaluationDirection,
    results: &[&SubjectResult],
    names: &HashMap<OrgUnitId, String>,
    title: &str,
) -> Table {
    let dimensions = direction.dimensions(&round.rules);
    let fixed = [("被评单位", Width::Wide), ("结果有效性", Width::Medium), ("总分", Width::Narrow)];
    let parts = [("评价票得分", Width::Narrow), ("客观得分", Width::Narrow), ("票数", Width::Narrow)];
    let columns = fixed.into_iter().chain(parts).map(|(heading, width)| Column::new(heading, width));
    let dimension_columns = dimensions.iter().map(|dimension| Column::new(&*dimension.name, Width::Narrow));
    let rows = results.iter().map(|result| {
        let tally = &result.tally;
        let short = tally.standing == EvaluationStanding::Insufficient;
        let mut cells: Vec<Value> = vec![
            names.get(&result.subject).map(String::as_str).unwrap_or_default().into(),
            tally.standing.term().into(),
            points(tally.total_score),
            points(tally.ballot_score),
            points(tally.objective_score),
            tally.ballot_count.map_or_else(Value::empty, |count| Value::Number(count.into())),
        ];
        cells.extend(dimensions.iter().map(|dimension| {
            let cell = tally.cells.iter().find(|cell| cell.dimension == dimension.code && !short);
            points(cell.map(|cell| cell.score))
        }));
        cells.into()
    });
    Table {
        name: direction.term().into(),
        title: format!("{title}（{}）", direction.term()),
        notes: vec!["分值为0至100分；空白为未公布。".into()],
        columns: columns.chain(dimension_columns).collect(),
        rows: rows.collect(),
        printed: None,
        goes_on: None,
    }
}
