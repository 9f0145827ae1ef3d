//! A served province and its settings in the schema.

use async_graphql::{Object, SimpleObject};

use crate::{
    kernel::{ctx::Lang, ids::ProvinceId, settings::Dimension},
    territory::{service::provinces::Language, store::ProvinceRow},
};

/// A served province (省份).
#[derive(Clone)]
pub struct Province(pub(super) ProvinceRow);

/// A figure a province has set (数值设置).
#[derive(SimpleObject)]
pub struct NumberSettingValue {
    /// Name of the figure, such as `adjustmentCheck` (名称).
    name: String,
    /// Its value: working days for deadlines, per cent or counts for thresholds (数值).
    value: i32,
}

/// A dimension of two-way evaluation (评价维度).
#[derive(Clone, SimpleObject)]
pub struct EvaluationDimension {
    /// Stable code (代码).
    pub code: String,
    /// Chinese name (名称).
    pub name: String,
    /// Weight relative to the other dimensions (权重).
    pub weight: i32,
}

impl From<&Dimension> for EvaluationDimension {
    fn from(dimension: &Dimension) -> Self {
        Self {
            code: dimension.code.clone(),
            name: dimension.name.clone(),
            weight: i32::try_from(dimension.weight).unwrap_or(i32::MAX),
        }
    }
}

/// The figures of a group of settings, by their names in the schema.
fn numbers(group: &impl serde::Serialize) -> Vec<NumberSettingValue> {
    let Ok(serde_json::Value::Object(map)) = serde_json::to_value(group) else { return Vec::new() };
    map.into_iter()
        .map(|(name, value)| NumberSettingValue {
            name: camel(&name),
            value: value.as_i64().and_then(|value| i32::try_from(value).ok()).unwrap_or_default(),
        })
        .collect()
}

fn camel(snake: &str) -> String {
    let mut upper = false;
    let mut name = String::with_capacity(snake.len());
    for c in snake.chars() {
        if c == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            name.extend(c.to_uppercase());
        } else {
            name.push(c);
        }
    }
    name
}

fn narrow(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// A served province with its settings (省份); readable by its members.
#[Object]
impl Province {
    /// Id (标识).
    pub async fn id(&self) -> ProvinceId {
        self.0.id
    }

    /// Code of its division, six digits (代码).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name (名称).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Deadlines in working days (期限).
    async fn deadlines(&self) -> Vec<NumberSettingValue> {
        numbers(&self.0.settings.deadlines)
    }

    /// Thresholds in per cent or counts (阈值).
    async fn thresholds(&self) -> Vec<NumberSettingValue> {
        numbers(&self.0.settings.thresholds)
    }

    /// What townships score departments on (乡镇评部门维度).
    async fn township_to_department(&self) -> Vec<EvaluationDimension> {
        self.0.settings.evaluation.township_to_department.iter().map(Into::into).collect()
    }

    /// What departments score townships on (部门评乡镇维度).
    async fn department_to_township(&self) -> Vec<EvaluationDimension> {
        self.0.settings.evaluation.department_to_township.iter().map(Into::into).collect()
    }

    /// Weight of the objective part of a department's result, in per cent (客观部分权重).
    async fn objective_percent(&self) -> i32 {
        narrow(self.0.settings.evaluation.objective_percent)
    }

    /// Least number of ballots for a result (最少票数).
    async fn min_ballots(&self) -> i32 {
        narrow(self.0.settings.evaluation.min_ballots)
    }

    /// Least number of organisations the ballots come from (最少来源单位数).
    async fn min_organisations(&self) -> i32 {
        narrow(self.0.settings.evaluation.min_organisations)
    }

    /// Web origins that may call the API from a browser (允许的网页来源).
    async fn origins(&self) -> &[String] {
        &self.0.settings.access.origins
    }

    /// Language of messages when the caller does not ask for one (默认语言).
    async fn language(&self) -> Language {
        match self.0.settings.access.language {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        }
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.revision
    }
}
