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

/// What ends the name of an office that signs below a list.
const OFFICES: &[&str] = &["人民政府", "办事处", "委员会", "党委", "党工委", "办公室", "领导小组"];

/// Whether a row is a note below or between the items: whatever stands in it is signed or noted. `unnumbered` says that the
/// row has no number where the items have: then a day, or an office alone, is a signature as well.
pub(super) fn is_note(row: &Row, unnumbered: bool) -> bool {
    let mut own = row.cells.iter().filter(|cell| !cell.from_above).map(|cell| clean(&cell.text)).peekable();
    let Some(first) = own.peek() else { return false };
    if ["注", "备注", "附注", "说明"].contains(&first.as_str()) {
        return true;
    }
    own.all(|text| {
        is_day(&text)
            || text.split_once(['：', ':']).is_some_and(|(label, _)| SIGNED.contains(&label.trim()))
            || (unnumbered && (is_short_day(&text) || is_office(&text)))
    })
}

/// Whether a text is a day as programs write it: 2025-12-01, 2025.12.1, 2025/12.
fn is_short_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.', '/', '．']).map(str::trim).collect();
    let number =
        |part: &&str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [year, rest @ ..] if (1..=2).contains(&rest.len()) => {
            year.len() == 4 && number(year, 4) && rest.iter().all(|part| number(part, 2))
        }
        _ => false,
    }
}

/// Whether a text is the name of an office and nothing else, with its seal or without.
fn is_office(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let sealed = ["盖章", "公章", "印章", "章"]
        .iter()
        .find_map(|seal| text.strip_suffix(['）', ')'])?.strip_suffix(seal)?.strip_suffix(['（', '(']));
    let name = sealed.unwrap_or(&text);
    let is_name = name.chars().count() <= 30 && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '（' | '）'));
    is_name && (sealed.is_some() || OFFICES.iter().any(|office| name.ends_with(office)))
}

/// Whether a text is a day and nothing else: 2025年12月1日, as stands below a signature.
fn is_day(text: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit() || "〇○零一二三四五六七八九十".contains(c);
    let number = |part: &str| !part.trim().is_empty() && part.trim().chars().all(digit);
    let Some((year, rest)) = text.split_once('年') else { return false };
    let Some((month, rest)) = rest.split_once('月') else { return false };
    rest.strip_suffix('日').is_some_and(|day| number(year) && number(month) && number(day))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::sheet::Cell;

    fn is_note(row: &Row) -> bool {
        super::is_note(row, false)
    }

    #[test]
    fn who_signs_below_numbered_items_is_a_note_there_only() {
        for text in [
            "2025-12-01",
            "2025.12.1",
            "2025/12/1",
            "宿豫区王官集镇人民政府",
            "宿豫区王官集镇人民政府（盖章）",
            "中共王官集镇委员会",
            "王官集镇党政办公室",
            "（盖章）",
        ] {
            let row = row(&["", "", text]);
            assert!(super::is_note(&row, true) && !super::is_note(&row, false), "{text}");
        }
        for text in [
            "2025.12.1前上报",
            "1.2.3",
            "24-36",
            "报送县人民政府，由其办理。人民政府",
            "村务监督",
            "消防检查（含九小场所）",
        ] {
            assert!(!super::is_note(&row(&["", "", text]), true), "{text}");
        }
        assert!(!super::is_note(&row(&["12", "平安法治", "人民调解委员会"]), true));
    }

    fn row(texts: &[&str]) -> Row {
        let cells = (0..).zip(texts).filter(|(_, text)| !text.is_empty());
        let cells = cells.map(|(column, text)| Cell { column, text: (*text).to_owned(), from_above: false });
        Row { number: 5, cells: cells.collect() }
    }

    #[test]
    fn a_bare_day_is_a_note_and_a_day_in_a_sentence_is_none() {
        for day in ["2025年12月1日", "2025 年 12 月 1 日", "二〇二五年十二月一日"] {
            assert!(is_day(day) && is_note(&row(&["", "", day])), "{day}");
        }
        for other in ["2025年12月", "2025年12月1日前上报", "自2025年12月1日起", "年月日"] {
            assert!(!is_day(other), "{other}");
        }
        assert!(is_note(&row(&["填报人：张三", "2025年12月1日"])));
        assert!(!is_note(&row(&["1", "民生服务", "2025年12月1日"])));
    }

    #[test]
    fn sums_are_looked_for_only_where_items_are_named() {
        assert!(is_sum(&row(&["合计", "", "3项"]), 2));
        assert!(!is_sum(&row(&["", "", "", "合计：3项"]), 2));
        assert!(!is_sum(&row(&["1", "民生服务", "合计划生育服务"]), 2));
    }
}
