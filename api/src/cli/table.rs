//! Tables for people at the machine, with characters of two widths in one column.

use unicode_width::UnicodeWidthStr;

/// Widest column, in columns of the terminal; what is longer reaches over.
const WIDEST: usize = 48;

/// The rows below one another, each column as wide as its widest cell. Nothing is cut off: what is printed may be all that
/// is kept.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let cells = rows.iter().map(|row| row.iter().map(|cell| line(cell)).collect::<Vec<_>>()).collect::<Vec<_>>();
    let columns = cells.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| {
        let widths = cells.iter().filter_map(|row| row.get(column)).map(|cell: &String| cell.width());
        widths.max().unwrap_or_default().min(WIDEST)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(width.saturating_sub(cell.width()) + 2);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn line(cell: &str) -> String {
    cell.replace(['\n', '\r', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_one_another_and_nothing_is_cut_off() {
        let rows = [vec!["文件".into(), "行".into()], vec!["a.xlsx".into(), "12".into()]];
        assert_eq!(table(&rows), "文件    行\na.xlsx  12\n");
        let long = "长".repeat(40);
        let rows = [vec![long.clone(), "1".into()], vec!["短".into(), "2".into()]];
        let told = table(&rows);
        let (first, second) = told.split_once('\n').unwrap();
        assert_eq!(first, format!("{long}  1"));
        assert_eq!(second.trim_end().width(), WIDEST + 2 + 1);
    }
}
