//! A queue as a document.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        clock::{CHINA, last_day},
        ids::ProceedingId,
        sheet::{Column, Document, Table, Value, Width},
    },
    proceeding::rules::{Entry, Proceeding},
};

fn moment(at: DateTime<Utc>) -> String {
    at.with_timezone(&CHINA).format("%Y-%m-%d %H:%M").to_string()
}

/// The entries of an organisation's queue, in their order, with the proceedings they belong to.
pub(in crate::proceeding) fn queue_table(
    org: &str,
    entries: &[Entry],
    heads: &HashMap<ProceedingId, Proceeding>,
    now: DateTime<Utc>,
) -> Document {
    let columns = [
        ("编号", Width::Medium),
        ("标题", Width::Text),
        ("类别", Width::Medium),
        ("待办事项", Width::Wide),
        ("开始时间", Width::Medium),
        ("最后办理日", Width::Medium),
        ("是否超期", Width::Narrow),
    ];
    let rows = entries.iter().map(|entry| {
        let head = heads.get(&entry.proceeding);
        let text = |text: Option<&str>| Value::from(text.unwrap_or_default());
        vec![
            text(head.map(|head| head.number.as_str())),
            text(head.map(|head| head.title.as_str())),
            text(head.map(|head| head.kind.term())),
            entry.task.term().into(),
            moment(entry.opened_at).into(),
            entry.due_at.map(|due| last_day(due).to_string()).unwrap_or_default().into(),
            if entry.is_overdue(now) { "是" } else { "否" }.into(),
        ]
        .into()
    });
    let title = format!("{org}待办事项");
    Document {
        name: title.clone(),
        author: org.to_owned(),
        created: now,
        tables: vec![Table {
            name: "待办事项".into(),
            title: title.clone(),
            notes: vec![format!("截至{}，共 {} 件", moment(now), entries.len())],
            columns: columns.into_iter().map(|(heading, width)| Column::new(heading, width)).collect(),
            rows: rows.collect(),
            printed: None,
            goes_on: None,
        }],
        title,
    }
}
