//! Lists as spreadsheets in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    ListVersion, as_of,
    lists::CategoryCounts,
    loaders::VersionById,
    obligations::{ObligationFilterInput, ObligationOrder},
};
use crate::{
    duty_list::{
        rules::sheet::{Finding, SheetFindingKind, SheetSeverity, page::ListColumns},
        service::{
            reading,
            sheets::{
                examining::{ImportMode, Report},
                exporting,
                importing::{self, ImportItems, MayImport},
                parse,
            },
        },
        store::{obligations, versions::Version},
    },
    kernel::{
        clock::china_date,
        ctx::{Ctx, Lang},
        fault::{Outcome, refuse},
        graphql::{Reply, Upload, UserError, ctx, loader, payload::answer},
        ids::{OrgUnitId, VersionId},
        place::DivisionLevel,
        refusal::Refusal,
        runner::rehearse,
        sheet::{SheetFormat, SpreadsheetFile},
    },
    proceeding::{self, graphql::CaseById},
    territory::{
        self,
        graphql::{
            mutation::read_back,
            query::{code_argument, org_argument},
        },
    },
};

crate::api_input! {
    /// Imports the items of a draft from a spreadsheet (从表格导入清单).
    command ImportDutyList {
        /// The draft of a first edition (首版清单草案).
        version_id: VersionId,
        /// An .xlsx file with the three sheets, or a .csv file of one of them or with a column 清单 (文件).
        file: Upload,
        /// Whether nothing is to be changed: the report says what would be (是否试运行).
        dry_run: bool,
        /// What becomes of the items that the draft has already; `APPEND` if left out (导入方式).
        mode: Option<ImportMode>,
        /// The revision of the version that the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

/// Something odd about a spreadsheet, with its place (表格问题).
pub struct SheetFinding {
    finding: Finding,
    lang: Lang,
}

/// Something odd about a spreadsheet, with its place (表格问题).
#[Object]
impl SheetFinding {
    /// How serious it is (等级).
    async fn severity(&self) -> SheetSeverity {
        self.finding.severity
    }

    /// Kind (类型).
    async fn kind(&self) -> SheetFindingKind {
        self.finding.kind
    }

    /// Name of the sheet (工作表); empty for a .csv file and for the file as a whole.
    async fn sheet(&self) -> &str {
        &self.finding.place.sheet
    }

    /// Row as a spreadsheet program numbers it, from 1 (行号); null if it is about more than a row.
    async fn row(&self) -> Option<i32> {
        self.finding.place.row.and_then(|row| i32::try_from(row).ok())
    }

    /// Column as a spreadsheet program calls it, such as `D` (列标); null if it is about more than a cell.
    async fn column(&self) -> Option<String> {
        self.finding.place.letters()
    }

    /// What is written above the column (栏目); empty if it is about more than a cell.
    async fn heading(&self) -> &str {
        &self.finding.place.heading
    }

    /// What stands there, shortened (内容).
    async fn value(&self) -> &str {
        &self.finding.value
    }

    /// What is wrong and what becomes of it, in the language asked for (说明).
    async fn message(&self) -> &str {
        self.finding.message.in_lang(self.lang)
    }

    /// What may have been meant: names that are known, places of the same item (建议).
    async fn suggestions(&self) -> &[String] {
        &self.finding.suggestions
    }
}

/// What was found when a spreadsheet was held against its township (导入报告).
#[derive(SimpleObject)]
pub struct DutyListImportReport {
    /// Items in the file (文件中的事项).
    counts: CategoryCounts,
    /// Items of the draft that are not in the file and go, with `REPLACE` (将移除的事项数).
    removed: i32,
    /// How many errors there are (错误数); nothing is imported unless there are none.
    error_count: i32,
    /// How many warnings there are (提示数).
    warning_count: i32,
    /// Findings in the order of the file, errors first where not all can be told (问题).
    findings: Vec<SheetFinding>,
    /// How many findings are counted and not told (未列出的问题数).
    untold: i32,
}

impl DutyListImportReport {
    fn of(report: Report, lang: Lang) -> Self {
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            counts: report.counts.into(),
            removed: number(report.removed),
            error_count: number(report.errors),
            warning_count: number(report.warnings),
            untold: number(report.untold()),
            findings: report.findings.into_iter().map(|finding| SheetFinding { finding, lang }).collect(),
        }
    }
}

/// Result of an import (导入结果).
#[derive(SimpleObject)]
pub struct ImportDutyListPayload {
    /// The version as it is now (清单版本); null if the import was refused.
    list_version: Option<ListVersion>,
    /// What was found (导入报告); null if the file was not read, or the answer of an earlier call was given again.
    report: Option<DutyListImportReport>,
    /// Why nothing was done (拒绝原因); empty when it was, and after a dry run.
    user_errors: Vec<UserError>,
}

/// Imports a list, or looks whether it could be.
pub(super) async fn import(context: &Context<'_>, input: ImportDutyList) -> Reply<ImportDutyListPayload> {
    let ctx = ctx(context);
    let dry_run = input.dry_run;
    let (outcome, report) = match ready(context, ctx, input).await {
        Ok(items) => {
            let outcome = importing::import(ctx, &items, dry_run).await;
            (outcome, items.report())
        }
        Err(failure) => (Err(failure), None),
    };
    let outcome = read_back::<VersionById>(context, outcome).await.map(ListVersion::of);
    let (list_version, user_errors) = answer(ctx, outcome)?;
    let report = report.map(|report| DutyListImportReport::of(report, ctx.lang()));
    Ok(ImportDutyListPayload { list_version, report, user_errors })
}

async fn ready(context: &Context<'_>, ctx: &Ctx, input: ImportDutyList) -> Outcome<ImportItems> {
    let similar = u8::try_from(ctx.actor()?.settings.thresholds.similar_percent).unwrap_or(100);
    let question = MayImport { version_id: input.version_id, expected_revision: input.expected_revision };
    let may = rehearse(ctx, &question).await;
    if input.idempotency_key.is_none() {
        may.clone()?;
    }
    // Under a key it may be a repetition of what was possible then: the command itself finds out.
    let file = input.file.file(context, "input.file");
    let parsed = match file {
        Ok(file) => {
            let (name, bytes) = (file.name.clone(), Arc::clone(&file.bytes));
            parse(ctx.platform(), name, bytes, similar, "input.file").await
        }
        Err(failure) => Err(failure),
    };
    let parsed = parsed.map_err(|failure| may.err().unwrap_or(failure))?;
    Ok(ImportItems {
        version_id: input.version_id,
        mode: input.mode.unwrap_or(ImportMode::Append),
        expected_revision: input.expected_revision,
        digest: parsed.digest.clone(),
        parsed: Arc::new(parsed),
        idempotency_key: input.idempotency_key,
        report: std::sync::Mutex::default(),
    })
}

/// Lists as files.
#[derive(Default)]
pub struct SheetQuery;

#[Object]
impl SheetQuery {
    /// An empty list of a township to fill in and import, with the classes and departments that may stand in it
    /// (清单模板下载). For members of the township's province.
    async fn list_template_file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the township, nine digits (乡镇代码)")] township_code: String,
    ) -> Reply<SpreadsheetFile> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        let db = ctx.db().read();
        let code = code_argument("townshipCode", &township_code)?;
        let place = territory::store::division_by_code(db, &code, china_date(ctx.moment())).await?;
        let province = territory::store::province(db, actor.province).await?.map(|province| province.code);
        let mine = place.filter(|place| {
            let at_home = province.as_deref().is_some_and(|code| crate::kernel::place::within(&place.path, code));
            place.level == DivisionLevel::Township && at_home
        });
        let Some(place) = mine else { return refuse(Refusal::not_found("townshipCode")) };
        let document = exporting::list_template(db, &place, actor.province, ctx.moment()).await?;
        Ok(SpreadsheetFile::of(ctx.platform(), document, SheetFormat::Xlsx).await?)
    }

    /// A version of a list as a file, for whoever sees the version (清单版本下载). As `XLSX` or `CSV` with all columns it can be
    /// imported again without a difference.
    async fn list_version_file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version (清单版本)")] id: VersionId,
        #[graphql(desc = "Format (文件格式)")] format: SheetFormat,
        #[graphql(desc = "Which columns; `PUBLISHED` for `HTML` and `ALL` for the others if left out (栏目范围)")]
        columns: Option<ListColumns>,
    ) -> Reply<SpreadsheetFile> {
        let ctx = ctx(context);
        let version = version(context, "id", id).await?;
        // Decisions are told to who sees the procedure; what it led to is public.
        let db = ctx.db().read();
        let decisions = match loader::one::<CaseById>(context, id.into()).await? {
            Some(_) => proceeding::store::decisions(db, &[id.into()]).await?.remove(&id.into()).unwrap_or_default(),
            None => Vec::new(),
        };
        let document = exporting::list_version(db, &version, &decisions, format, columns, ctx.moment()).await?;
        Ok(SpreadsheetFile::of(ctx.platform(), document, format).await?)
    }

    /// What changed from one version of a list to another, as a file (版本比对下载).
    async fn list_comparison_file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version to start from (起始版本)")] left_id: VersionId,
        #[graphql(desc = "The version to arrive at (目标版本)")] right_id: VersionId,
        #[graphql(desc = "Format (文件格式)")] format: SheetFormat,
    ) -> Reply<SpreadsheetFile> {
        let ctx = ctx(context);
        let (left, right) = (version(context, "leftId", left_id).await?, version(context, "rightId", right_id).await?);
        if left.list != right.list {
            return refuse(Refusal::conflict(
                "rightId",
                "须为同一清单的版本；不同乡镇请用 compareTownships。",
                "must be of the same list; for two townships use compareTownships.",
            ));
        }
        let db = ctx.db().read();
        let found = reading::compare_versions(db, Some(&left), &right).await?;
        let document = exporting::comparison(db, &left, &right, &found, ctx.moment()).await?;
        Ok(SpreadsheetFile::of(ctx.platform(), document, format).await?)
    }

    /// What an organisation owes, as a file of 10,000 rows at most; see `obligations` (部门责任事项下载).
    async fn obligations_file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Format (文件格式)")] format: SheetFormat,
        #[graphql(desc = "The organisation; mine if left out (责任单位)")] org_unit_id: Option<OrgUnitId>,
        #[graphql(desc = "Which to show (筛选条件)")] filter: Option<ObligationFilterInput>,
        #[graphql(desc = "In which order; by township if left out (排序方式)")] order_by: Option<ObligationOrder>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
    ) -> Reply<SpreadsheetFile> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        let org = org_argument(context, "orgUnitId", org_unit_id.unwrap_or(actor.org)).await?;
        let at = self::as_of(context, as_of, known_at);
        let filter = filter.unwrap_or_default().read(ctx, at).await?;
        let (db, scope) = (ctx.db().read(), crate::kernel::scope::Scope::of(ctx));
        let by = order_by.unwrap_or(ObligationOrder::Township).into();
        let select = obligations::select(db, &scope, org.id, at, &filter);
        let document = exporting::obligation_table(db, &org.name, select, by, at, ctx.moment()).await?;
        Ok(SpreadsheetFile::of(ctx.platform(), document, format).await?)
    }
}

async fn version(context: &Context<'_>, path: &'static str, id: VersionId) -> Outcome<Arc<Version>> {
    match loader::one::<VersionById>(context, id).await? {
        Some(version) => Ok(version),
        None => refuse(Refusal::not_found(path)),
    }
}
