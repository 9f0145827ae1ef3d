//! Lists of townships as files: a county's in, and out again.

use std::{
    collections::HashSet,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use clap::Args;
use serde_json::{Value, json};

use super::{Done, bar, table::table, told};
use crate::{
    duty_list::{
        rules::sheet::{Finding, SheetSeverity, page::ListColumns},
        service::sheets::{
            Parsed, Places,
            county::{ImportLists, TownshipFile, townships},
            examining::{ImportMode, Report},
            exporting,
            importing::in_report,
            parse_now,
        },
        store,
    },
    kernel::{
        clock::china_date,
        ctx::{Ctx, Lang},
        fault::Failure,
        platform::Platform,
        runner::{rehearse, run},
        scope::Scope,
        sheet::{Limits, SheetFormat, write},
    },
    proceeding,
    territory::{self, rules::Division},
};

/// What is imported, and how.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command")]
pub struct ImportOptions {
    /// Files, or folders of them.
    #[arg(required_unless_present = "township")]
    pub files: Vec<PathBuf>,
    /// Code of the county, such as 329921: each file is the list of the township named in its title or its name.
    #[arg(long)]
    pub county: Option<String>,
    /// The township of a file; may be given several times.
    #[arg(long, value_name = "CODE=FILE")]
    pub township: Vec<String>,
    /// Write the lists into drafts. Without it nothing is changed.
    #[arg(long)]
    pub apply: bool,
    /// Only look; as without --apply.
    #[arg(long, conflicts_with = "apply")]
    pub dry_run: bool,
    /// Let the files decide what drafts say; without it their items are added.
    #[arg(long)]
    pub replace: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What is exported, and whereto.
#[derive(Args, Clone, Debug)]
pub struct ExportOptions {
    /// Codes of townships or counties.
    #[arg(required = true)]
    pub codes: Vec<String>,
    /// Folder for the files; made if it is not there.
    #[arg(long, default_value = ".")]
    pub to: PathBuf,
    /// xlsx, csv or html.
    #[arg(long, default_value = "xlsx", value_parser = word::<SheetFormat>)]
    pub format: SheetFormat,
    /// published or all; all columns for xlsx and csv, those of published lists for html if left out.
    #[arg(long, value_parser = word::<ListColumns>)]
    pub columns: Option<ListColumns>,
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.to_uppercase().parse().map_err(|_| "is none of the values".to_owned())
}

/// A file with what became of it.
struct Source {
    path: PathBuf,
    /// Code of the township, where it is given.
    given: Option<String>,
    township: Option<Division>,
    parsed: Option<Arc<Parsed>>,
    /// Why it is not imported at all.
    trouble: Option<String>,
    report: Option<Report>,
}

/// Imports lists, or looks whether they could be.
pub async fn import(platform: &Arc<Platform>, options: &ImportOptions, out: &mut impl Write) -> Done<()> {
    let mut sources = sources(options)?;
    if sources.is_empty() {
        return Err("there are no spreadsheets".into());
    }
    let ctx = Ctx::system(Arc::clone(platform), "命令行导入清单");
    let today = china_date(ctx.now());
    let known = match &options.county {
        Some(county) => townships(ctx.db().read(), county, today).await.map_err(told)?,
        None => Vec::new(),
    };
    let known = Places::of(ctx.db().read(), known, today).await.map_err(told)?;
    let progress = bar(sources.len(), "reading 读取");
    for source in &mut sources {
        let similar = similar(ctx.db().read(), source.given.as_ref().or(options.county.as_ref())).await?;
        read(source, &known, similar, ctx.db().read(), today).await?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    twice(&mut sources);
    let whole = sources.iter().all(|source| source.trouble.is_none());
    let command = ImportLists {
        files: sources.iter().filter_map(file).collect(),
        mode: if options.replace { ImportMode::Replace } else { ImportMode::Append },
        reports: Mutex::default(),
    };
    // What cannot be read or placed keeps the others from being written, not from being looked at.
    let apply = options.apply && whole;
    let outcome = if apply { run(&ctx, &command).await } else { rehearse(&ctx, &command).await };
    let good = sources.iter_mut().filter(|source| source.trouble.is_none());
    for (source, report) in good.zip(command.reports()) {
        source.report = Some(report);
    }
    let errors: usize = sources.iter().map(|source| source.report.as_ref().map_or(1, |report| report.errors)).sum();
    let applied = outcome.is_ok() && apply;
    let missing = missing(&known.townships, &sources);
    if options.json {
        let files: Vec<Value> = sources.iter().map(as_json).collect();
        let missing: Vec<Value> =
            missing.iter().map(|township| json!({ "code": township.code, "name": township.name })).collect();
        let report = json!({ "applied": applied, "errors": errors, "files": files, "missing": missing });
        writeln!(out, "{report:#}")?;
    } else {
        write!(out, "{}", as_table(&sources))?;
        let names: Vec<&str> = missing.iter().map(|township| township.name.as_str()).collect();
        if !names.is_empty() {
            writeln!(out, "没有文件的乡镇（街道）：{}", names.join("、"))?;
        }
    }
    match outcome {
        Err(Failure::Refused(refusals)) if !in_report(&refusals) => Err(told(Failure::Refused(refusals))),
        Err(failure @ (Failure::Fault(_) | Failure::Unauthenticated)) => Err(told(failure)),
        Ok(_) | Err(Failure::Refused(_)) if errors > 0 => {
            let plural = if errors == 1 { "" } else { "s" };
            Err(format!("共 {errors} 处错误，未导入任何内容。{errors} error{plural}; nothing was imported").into())
        }
        Ok(_) | Err(Failure::Refused(_)) if applied => {
            let lists = sources.len();
            say(options, out, &format!("已导入 {lists} 份清单草案，待各乡镇（街道）主要负责人确认。"))?;
            say(
                options,
                out,
                &format!("lists imported into drafts, which each township's head has yet to confirm: {lists}"),
            )
        }
        Ok(_) | Err(Failure::Refused(_)) => {
            say(options, out, "未作任何更改；加 --apply 后正式导入。")?;
            say(options, out, "nothing was changed; with --apply the lists are imported")
        }
    }
}

/// From which likeness on two items of a file are taken for the same, as the province of this place has set it.
async fn similar(db: &impl sea_orm::ConnectionTrait, code: Option<&String>) -> Done<u8> {
    let provinces = territory::store::provinces(db).await.map_err(told)?;
    let start = code.and_then(|code| code.get(..2));
    let mine = provinces.into_iter().find(|province| province.code.get(..2) == start);
    let thresholds = mine.map(|province| province.settings.thresholds).unwrap_or_default();
    Ok(u8::try_from(thresholds.similar_percent).unwrap_or(100))
}

fn say(options: &ImportOptions, out: &mut impl Write, what: &str) -> Done<()> {
    if !options.json {
        writeln!(out, "{what}")?;
    }
    Ok(())
}

/// The files, those of folders by name, each with its township where that is given.
fn sources(options: &ImportOptions) -> Done<Vec<Source>> {
    let new = |path: PathBuf| Source { path, given: None, township: None, parsed: None, trouble: None, report: None };
    let mut found = Vec::new();
    for path in &options.files {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
            paths.retain(|path| is_sheet(path));
            paths.sort();
            found.extend(paths.into_iter().map(new));
        } else {
            found.push(new(path.clone()));
        }
    }
    for given in &options.township {
        let (_, file) = split(given)?;
        let known = found.iter().any(|source| source.path == file || source.path.ends_with(&file));
        if !known {
            found.push(new(file));
        }
    }
    for source in &mut found {
        for given in &options.township {
            let (code, file) = split(given)?;
            if source.path == file || source.path.ends_with(&file) {
                source.given = Some(code);
            }
        }
    }
    Ok(found)
}

fn split(given: &str) -> Done<(String, PathBuf)> {
    let (code, file) = given.split_once('=').ok_or_else(|| format!("--township {given:?}: expected CODE=FILE"))?;
    Ok((code.trim().to_owned(), PathBuf::from(file.trim())))
}

/// What spreadsheet programs write. Not all of it is read, and what is not is refused with its reason: a list that is
/// passed over in silence is missed by nobody.
const SPREADSHEETS: [&str; 10] = ["xlsx", "csv", "xls", "xlsm", "xlsb", "xltx", "xltm", "ods", "et", "numbers"];

/// A spreadsheet; not what a program leaves beside one that is open.
fn is_sheet(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    path.is_file() && !name.starts_with(['~', '.']) && SPREADSHEETS.contains(&extension.as_str())
}

/// The bytes of a file, no more of them than are needed to see that it is too large: others never end.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(Limits::default().bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn read(
    source: &mut Source,
    known: &Places,
    similar: u8,
    db: &impl sea_orm::ConnectionTrait,
    today: chrono::NaiveDate,
) -> Done<()> {
    let name = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = match bytes(&source.path) {
        Ok(bytes) => bytes,
        Err(error) => {
            source.trouble = Some(format!("无法读取：{error}"));
            return Ok(());
        }
    };
    let parsed = match parse_now(name, &bytes, similar) {
        Ok(parsed) => Arc::new(parsed),
        Err(unreadable) => {
            source.trouble = Some(unreadable.refusal("").message(Lang::Zh));
            return Ok(());
        }
    };
    let said = known.said(&parsed);
    source.township = match &source.given {
        Some(code) => territory::store::division_by_code(db, code, today).await.map_err(told)?,
        None => said.township().and_then(|index| known.townships.get(index)).cloned(),
    };
    if source.township.is_none() {
        let trouble = if source.given.is_some() || said.is_silent() {
            "无法判断是哪个乡镇（街道）的清单：请在标题或文件名中写明，或用 --township 代码=文件 指定。".to_owned()
        } else {
            format!("{}，请改正或用 --township 代码=文件 指定。", said.told())
        };
        source.trouble = Some(trouble);
    }
    source.parsed = Some(parsed);
    Ok(())
}

/// Two lists of one township are one too many.
fn twice(sources: &mut [Source]) {
    let mut seen = HashSet::new();
    for source in sources {
        if let Some(township) = source.township.as_ref().filter(|_| source.trouble.is_none())
            && !seen.insert(township.code.clone())
        {
            source.trouble = Some(format!(
                "{}已有另一个文件：一个乡镇（街道）的三类清单须放在同一个 .xlsx 文件中，或放在一个带“清单”列的 .csv 文件中。",
                township.name
            ));
        }
    }
}

/// The townships of which there is no file.
fn missing<'a>(townships: &'a [Division], sources: &[Source]) -> Vec<&'a Division> {
    let found: HashSet<&str> =
        sources.iter().filter_map(|source| source.township.as_ref()).map(|township| township.code.as_str()).collect();
    townships.iter().filter(|township| !found.contains(township.code.as_str())).collect()
}

fn file(source: &Source) -> Option<TownshipFile> {
    if source.trouble.is_some() {
        return None;
    }
    let (township, parsed) = source.township.as_ref().zip(source.parsed.as_ref())?;
    let digest = parsed.digest.clone();
    Some(TownshipFile { township: township.code.clone(), parsed: Arc::clone(parsed), digest })
}

fn name(source: &Source) -> String {
    source.path.file_name().unwrap_or(source.path.as_os_str()).to_string_lossy().into_owned()
}

fn as_table(sources: &[Source]) -> String {
    let text = |text: &str| text.to_owned();
    let head = ["文件", "乡镇", "等级", "工作表", "行", "列", "说明"].map(text).to_vec();
    let mut rows = vec![head];
    for source in sources {
        let township = source.township.as_ref().map(|township| township.name.clone()).unwrap_or_default();
        let line = |severity: &str, sheet: &str, row: String, column: String, message: &str| {
            let parts = [severity, sheet, &row, &column, message].map(text);
            [name(source), township.clone()].into_iter().chain(parts).collect::<Vec<_>>()
        };
        let none = String::new;
        if let Some(trouble) = &source.trouble {
            rows.push(line("错误", "", none(), none(), trouble));
        }
        let Some(report) = &source.report else { continue };
        for finding in &report.findings {
            let severity = if finding.severity == SheetSeverity::Error { "错误" } else { "提示" };
            let place = &finding.place;
            let row = place.row.map(|row| row.to_string()).unwrap_or_default();
            let column = place.letters().unwrap_or_default();
            let mut message = finding.message.zh.clone();
            if !finding.suggestions.is_empty() {
                message += &format!("建议：{}", finding.suggestions.join("、"));
            }
            rows.push(line(severity, &place.sheet, row, column, &message));
        }
        let counts = report.counts;
        let mut sum = format!(
            "基本 {} 项，配合 {} 项，收回 {} 项；错误 {} 处，提示 {} 处",
            counts.basic, counts.cooperative, counts.reclaimed, report.errors, report.warnings
        );
        if report.removed > 0 {
            sum += &format!("；移出草案原有事项 {} 项", report.removed);
        }
        rows.push(line("合计", "", none(), none(), &sum));
    }
    table(&rows)
}

fn as_json(source: &Source) -> Value {
    let township = source.township.as_ref().map(|township| json!({ "code": township.code, "name": township.name }));
    let finding = |finding: &Finding| {
        json!({
            "severity": finding.severity, "kind": finding.kind, "sheet": finding.place.sheet, "row": finding.place.row,
            "column": finding.place.letters(), "heading": finding.place.heading, "value": finding.value,
            "message": { "zh": finding.message.zh, "en": finding.message.en }, "suggestions": finding.suggestions,
        })
    };
    let report = source.report.as_ref().map(|report| {
        json!({
            "basic": report.counts.basic, "cooperative": report.counts.cooperative,
            "reclaimed": report.counts.reclaimed, "removed": report.removed, "errors": report.errors,
            "warnings": report.warnings, "untold": report.untold(),
            "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    });
    json!({ "file": source.path.display().to_string(), "township": township, "trouble": source.trouble, "report": report })
}

/// Writes lists in force to files.
pub async fn export(platform: &Arc<Platform>, options: &ExportOptions, out: &mut impl Write) -> Done<()> {
    let ctx = Ctx::system(Arc::clone(platform), "命令行导出清单");
    let (db, now) = (ctx.db().read(), ctx.now());
    let mut places = Vec::new();
    for code in &options.codes {
        places.extend(townships(db, code, china_date(now)).await.map_err(told)?);
    }
    let ids: Vec<_> = places.iter().map(|place| place.id).collect();
    let mut lists: Vec<_> =
        store::lists::lists_of(db, &Scope::Everything, &ids).await.map_err(told)?.into_values().collect();
    lists.sort_by(|left, right| left.path.cmp(&right.path));
    let list_ids: Vec<_> = lists.iter().map(|list| list.id).collect();
    let at = crate::duty_list::service::now(now);
    let mut holding = store::versions::current(db, &list_ids, at).await.map_err(told)?;
    std::fs::create_dir_all(&options.to).map_err(|error| format!("{}: {error}", options.to.display()))?;
    let progress = bar(holding.len(), "writing 写出");
    let mut written = 0;
    for list in &lists {
        let Some(version) = holding.remove(&list.id) else { continue };
        let id = version.id.into();
        let decisions = proceeding::store::decisions(db, &[id]).await.map_err(told)?.remove(&id).unwrap_or_default();
        let document = exporting::list_version(db, &version, &decisions, options.format, options.columns, now).await;
        let document = document.map_err(told)?;
        let bytes = write(&document, options.format).map_err(|fault| told(fault.into()))?;
        let path = options.to.join(options.format.file_name(&document));
        std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        written += 1;
        progress.inc(1);
    }
    progress.finish_and_clear();
    if written == 0 {
        return Err("none of these townships has a list in force".into());
    }
    writeln!(out, "{written} lists written to {}", options.to.display())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_without_end_is_read_as_far_as_it_may_be() {
        assert_eq!(bytes(Path::new("/dev/zero")).map(|bytes| bytes.len()).ok(), Some(Limits::default().bytes + 1));
    }

    #[test]
    fn whatever_a_spreadsheet_program_writes_is_a_spreadsheet() {
        let folder = std::env::temp_dir().join(format!("yidan-sheets-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        for (name, is) in [("a.XLS", true), ("b.numbers", true), ("c.ods", true), ("d.txt", false), ("~$e.xlsx", false)]
        {
            std::fs::write(folder.join(name), "x").unwrap();
            assert_eq!(is_sheet(&folder.join(name)), is, "{name}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
