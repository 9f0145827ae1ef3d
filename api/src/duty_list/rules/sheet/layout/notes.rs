//! Rows that are no items: notes, signatures and sums.

use crate::{duty_list::rules::sheet::texts::clean, kernel::sheet::Row};

/// Words before a colon that nobody begins an item with: who signed a printed list, and when.
const SIGNED: &[&str] = &[
    "注",
    "备注",
    "附注",
    "说明",
    "审核人",
    "审核",
    "复核人",
    "填报人",
    "填报单位",
    "填表人",
    "填表单位",
    "填表日期",
    "制表",
    "制表人",
    "制表单位",
    "负责人",
    "主要负责人",
    "联系人",
    "联系电话",
    "电话",
    "日期",
    "单位（盖章）",
];
const SUMS: &[&str] = &["合计", "总计", "小计", "共计"];

/// Whether a row is a note below or between the items: whatever stands in it is signed or noted.
pub(super) fn is_note(row: &Row) -> bool {
    let mut own = row.cells.iter().filter(|cell| !cell.from_above).map(|cell| clean(&cell.text)).peekable();
    let Some(first) = own.peek() else { return false };
    if ["注", "备注", "附注", "说明"].contains(&first.as_str()) {
        return true;
    }
    own.all(|text| is_day(&text) || text.split_once(['：', ':']).is_some_and(|(label, _)| SIGNED.contains(&label.trim())))
}

/// Whether a text is a day and nothing else: 2025年12月1日, as stands below a signature.
fn is_day(text: &str) -> bool {
    let parts: Option<Vec<&str>> = ["年", "月", "日"].iter().try_fold((text, Vec::new()), |(rest, mut parts), end| {
        let (part, rest) = rest.split_once(end)?;
        parts.push(part.trim());
        Some((rest, parts))
    }).filter(|(rest, _)| rest.is_empty()).map(|(_, parts)| parts);
    parts.is_some_and(|parts| {
        parts.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || "〇零一二三四五六七八九十".contains(c)))
    })
}

/// Whether a row counts others, in a column up to `last`: 合计, 合计：3项, 合计（基本履职事项）, 共3项. An item's name may well
/// begin so.
pub(super) fn is_sum(row: &Row, last: u16) -> bool {
    let counted = |text: &str| {
        let digits = |rest: &str| {
            let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            number.len() < rest.len() && ["项", "项。", ""].contains(&number)
        };
        let behind = SUMS.iter().find_map(|sum| text.strip_prefix(sum));
        behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['：', ':', '（', '(']) || digits(rest))
            || text.strip_prefix('共').is_some_and(digits)
    };
    let own = row.cells.iter().filter(|cell| !cell.from_above && cell.column <= last);
    own.take(3).any(|cell| counted(&clean(&cell.text).replace([' ', '\u{3000}'], "")))
}
