//! Tables for people at the machine, with characters of two widths in one column.

use unicode_width::UnicodeWidthStr;

/// Longest text of a cell, in columns of the terminal.
const WIDEST: usize = 48;

/// The rows below one another, each column as wide as its widest cell.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let cells = rows.iter().map(|row| row.iter().map(|cell| shortened(cell)).collect::<Vec<_>>()).collect::<Vec<_>>();
    let columns = cells.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(width + 2 - cell.width().min(*width));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// One line, cut off where it is too long for a column; the last column of a table is read in full elsewhere.
fn shortened(cell: &str) -> String {
    let line = cell.replace(['\n', '\r', '\t'], " ");
    if line.width() <= WIDEST {
        return line;
    }
    let (mut short, mut width) = (String::new(), 0);
    for character in line.chars() {
        width += unicode_width::UnicodeWidthChar::width(character).unwrap_or_default();
        if width > WIDEST - 1 {
            break;
        }
        short.push(character);
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_one_another() {
        let rows = [vec!["文件".into(), "行".into()], vec!["a.xlsx".into(), "12".into()]];
        assert_eq!(table(&rows), "文件    行\na.xlsx  12\n");
        assert!(table(&[vec!["长".repeat(40)]]).trim_end().width() <= WIDEST);
    }
}
