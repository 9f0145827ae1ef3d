//! The items of the demonstration, from `api/data/demo/items.json`, in the words of each kind of township.

use serde::Deserialize;

/// An item of the county's model list.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelItem {
    /// Code.
    pub code: String,
    /// Name of its domain class.
    pub domain: String,
    /// Name.
    pub name: String,
    /// Legal bases.
    pub bases: Vec<ModelBasis>,
    /// Departments: lead first, or those that took over.
    pub departments: Vec<String>,
    /// Duties of departments.
    #[serde(default)]
    pub superior: Vec<String>,
    /// Duties of the township.
    #[serde(default)]
    pub township: Vec<String>,
    /// How a reclaimed item is done now.
    pub method: Option<String>,
    /// Words under which it is also found.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether a penalty power was taken back with it.
    #[serde(default)]
    pub penalty: bool,
    /// Whether it was cancelled.
    #[serde(default)]
    pub cancelled: bool,
}

/// A legal basis.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelBasis {
    /// Title.
    pub instrument: String,
    /// Article.
    pub article: Option<String>,
}

/// The county's model list.
pub fn items() -> Result<Vec<ModelItem>, serde_json::Error> {
    serde_json::from_str(include_str!("../../../data/demo/items.json"))
}

/// A text in the words of a sub-district or a township, which are written for a town.
#[must_use]
pub fn localised(text: &str, township: &str) -> String {
    let pairs: &[(&str, &str)] = if township.ends_with("街道") {
        &[
            ("镇党委", "街道党工委"),
            ("镇域", "辖区"),
            ("镇级", "街道级"),
            ("镇人民", "街道人民"),
            ("镇村", "街道社区"),
            ("本镇", "本街道"),
            ("村（社区）", "社区"),
        ]
    } else if township.ends_with('乡') {
        &[
            ("镇党委", "乡党委"),
            ("镇域", "乡域"),
            ("镇级", "乡级"),
            ("镇人民", "乡人民"),
            ("镇村", "乡村"),
            ("本镇", "本乡"),
        ]
    } else {
        &[]
    };
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
