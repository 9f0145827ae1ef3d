//! Files for download, and where they are made: on the side, few at a time, like everything that keeps a processor busy.

use std::sync::Arc;

use async_graphql::SimpleObject;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    csv,
    document::{Document, SheetFormat},
    html, xlsx,
};
use crate::kernel::{fault::Fault, platform::Platform};

/// A file to download (下载文件).
#[derive(Clone, Debug, SimpleObject)]
pub struct SpreadsheetFile {
    /// Name to save it under, with its ending (文件名).
    pub name: String,
    /// Media type, such as `text/csv` (媒体类型).
    pub media_type: String,
    /// Size in bytes (大小，字节).
    pub size: i32,
    /// The bytes, in base64 (内容，Base64编码).
    pub content: String,
}

/// The bytes of a document in a format.
pub fn write(document: &Document, format: SheetFormat) -> Result<Vec<u8>, Fault> {
    match format {
        SheetFormat::Xlsx => xlsx::write(document).map_err(|error| Fault::new(format!("xlsx: {error}"))),
        SheetFormat::Csv => csv::write(document).map_err(|error| Fault::new(format!("csv: {error}"))),
        SheetFormat::Html => Ok(html::write(document)),
    }
}

impl SheetFormat {
    /// What names of such files end with.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Html => "html",
        }
    }

    /// The name of a document's file, which every file system takes.
    #[must_use]
    pub fn file_name(self, document: &Document) -> String {
        format!("{}.{}", file_name(&document.name), self.ending())
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

impl SpreadsheetFile {
    /// Writes a document on the side.
    pub async fn of(platform: &Arc<Platform>, document: Document, format: SheetFormat) -> Result<Self, Fault> {
        let name = format.file_name(&document);
        let bytes = on_the_side(platform, move || write(&document, format)).await??;
        Ok(Self {
            name,
            media_type: format.media_type().into(),
            size: i32::try_from(bytes.len()).unwrap_or(i32::MAX),
            content: STANDARD.encode(bytes),
        })
    }
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    let good = |c: char| !c.is_control() && !r#"\/:*?"<>|"#.contains(c);
    let name: String = name.chars().map(|c| if good(c) { c } else { '_' }).take(80).collect();
    if name.trim().is_empty() { "依单".into() } else { name.trim().into() }
}

/// Does work on files away from the threads that answer requests.
pub async fn on_the_side<T: Send + 'static>(
    platform: &Arc<Platform>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let permit = platform.files.acquire().await.map_err(|_| Fault::new("work on files has ended"))?;
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Fault::new(format!("work on files: {error}")));
    drop(permit);
    done
}
