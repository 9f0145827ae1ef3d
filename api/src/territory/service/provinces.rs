//! A province's settings: its rules belong to the establishment office of the province, its access to the technical
//! administrator.

use serde_json::json;

use super::organisations::fresh;
use crate::{
    kernel::{
        audit::{self, Event},
        ctx::{Ctx, Lang},
        fault::{Fault, Outcome, refuse},
        ids::ProvinceId,
        policy::{Act, Action, Permit, Target, act, by_system, permit},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        settings::{AccessSettings, Deadlines, Dimension, EvaluationSettings, ProvinceSettings, Thresholds},
        text,
    },
    territory::store::{self, ProvinceRow},
};

crate::api_enum! {
    /// Language of messages (语言).
    pub enum Language {
        /// Chinese (中文).
        Zh,
        /// English (英文).
        En,
    }
}

crate::api_input! {
    /// A dimension of two-way evaluation (评价维度).
    part DimensionSetting {
        /// Stable code, such as `ON_LIST_DISPATCH`: upper-case letters and `_` (代码).
        code: String,
        /// Chinese name (名称).
        name: String,
        /// Weight relative to the other dimensions, 1–100 (权重).
        weight: i32,
    }

    /// A figure to set (数值设置).
    part NumberSetting {
        /// Name of the figure, such as `adjustmentCheck` (名称).
        name: String,
        /// Its value: working days for deadlines, per cent or counts for thresholds (数值).
        value: i32,
    }
}

crate::api_input! {
    /// Changes the province's deadlines, thresholds and dimensions; what is left out stays (修改业务规则).
    command UpdateProvinceRules {
        /// Deadlines in working days, by name (期限).
        deadlines: Option<Vec<NumberSetting>>,
        /// Thresholds, by name (阈值).
        thresholds: Option<Vec<NumberSetting>>,
        /// What townships score departments on (乡镇评部门维度).
        township_to_department: Option<Vec<DimensionSetting>>,
        /// What departments score townships on (部门评乡镇维度).
        department_to_township: Option<Vec<DimensionSetting>>,
        /// Weight of the objective part of a department's result, 0–90 per cent (客观部分权重).
        objective_percent: Option<i32>,
        /// Least number of ballots for a result, at least 5 (最少票数).
        min_ballots: Option<i32>,
        /// Least number of organisations the ballots come from, at least 3 (最少来源单位数).
        min_organisations: Option<i32>,
        /// Reason (原因).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Changes who may reach the API and in which language it answers; what is left out stays (修改接入设置).
    command UpdateProvinceAccess {
        /// Web origins that may call the API from a browser, such as `https://list.example.gov.cn` (允许的网页来源).
        origins: Option<Vec<String>>,
        /// Language of messages when the caller does not ask for one (默认语言).
        language: Option<Language>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

fn unsigned(path: &str, value: i32) -> Outcome<u32> {
    u32::try_from(value)
        .map_err(|_| Refusal::invalid(path, InputProblem::OutOfRange { min: 0, max: i64::from(i32::MAX) }).into())
}

/// Sets figures by their names, which are those of the settings' fields.
fn set_numbers<T: serde::Serialize + serde::de::DeserializeOwned>(
    current: &T,
    path: &str,
    numbers: &[NumberSetting],
) -> Outcome<T> {
    let mut map = serde_json::to_value(current)?;
    for (index, number) in numbers.iter().enumerate() {
        let path = format!("{path}.{index}");
        let known = map.as_object_mut().and_then(|map| map.get_mut(&snake(&number.name)));
        let Some(slot) = known else {
            return refuse(Refusal::invalid(
                format!("{path}.name"),
                InputProblem::Malformed { expected: "the name of a setting" },
            ));
        };
        *slot = json!(unsigned(&format!("{path}.value"), number.value)?);
    }
    Ok(serde_json::from_value(map)?)
}

/// `adjustmentCheck` → `adjustment_check`.
fn snake(camel: &str) -> String {
    let mut name = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

fn dimensions(path: &str, given: &[DimensionSetting]) -> Outcome<Vec<Dimension>> {
    given
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let path = |field: &str| format!("{path}.{index}.{field}");
            let good = !one.code.is_empty()
                && one.code.len() <= 40
                && one.code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            if !good {
                return refuse(Refusal::invalid(
                    path("code"),
                    InputProblem::Malformed { expected: "upper-case letters and _" },
                ));
            }
            Ok(Dimension {
                code: one.code.clone(),
                name: text::line(path("name"), &one.name, 40)?,
                weight: unsigned(&path("weight"), one.weight)?,
            })
        })
        .collect()
}

async fn change<A: Act>(
    tx: &Tx,
    expected: Option<i32>,
    reason: Option<&str>,
    alter: impl FnOnce(&ProvinceSettings) -> Outcome<ProvinceSettings>,
) -> Outcome<ProvinceId> {
    let actor = tx.actor()?;
    let row =
        store::province(tx.db(), actor.province).await?.ok_or_else(|| Fault::new("the actor's province is gone"))?;
    // The whole province is the target: only an office of the province level stands above it.
    let target = Target::at(row.id.0, row.id, &row.code);
    let permit: Permit<A> = permit(actor, &target)?;
    fresh(expected, row.revision)?;
    let new = alter(&row.settings)?;
    new.check()?;
    store::update_settings(tx, &permit, row.revision, &new).await?;
    let event = Event::new(A::ACTION, row.id, "Province", row.id, row.code.clone());
    tx.record(event.because(reason).change(serde_json::to_value(&row.settings)?, serde_json::to_value(&new)?));
    Ok(row.id)
}

impl UseCase for UpdateProvinceRules {
    const NAME: &'static str = "updateProvinceRules";
    type Output = ProvinceId;

    async fn execute(&self, tx: &Tx) -> Outcome<ProvinceId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        change::<act::UpdateProvinceRules>(tx, self.expected_revision, Some(&reason), |old| {
            let deadlines: Deadlines =
                set_numbers(&old.deadlines, "input.deadlines", self.deadlines.as_deref().unwrap_or_default())?;
            let thresholds: Thresholds =
                set_numbers(&old.thresholds, "input.thresholds", self.thresholds.as_deref().unwrap_or_default())?;
            let mut evaluation: EvaluationSettings = old.evaluation.clone();
            if let Some(given) = &self.township_to_department {
                evaluation.township_to_department = dimensions("input.townshipToDepartment", given)?;
            }
            if let Some(given) = &self.department_to_township {
                evaluation.department_to_township = dimensions("input.departmentToTownship", given)?;
            }
            for (path, given, slot) in [
                ("input.objectivePercent", self.objective_percent, &mut evaluation.objective_percent),
                ("input.minBallots", self.min_ballots, &mut evaluation.min_ballots),
                ("input.minOrganisations", self.min_organisations, &mut evaluation.min_organisations),
            ] {
                if let Some(given) = given {
                    *slot = unsigned(path, given)?;
                }
            }
            Ok(ProvinceSettings { access: old.access.clone(), deadlines, thresholds, evaluation })
        })
        .await
    }
}

impl UseCase for UpdateProvinceAccess {
    const NAME: &'static str = "updateProvinceAccess";
    type Output = ProvinceId;

    async fn execute(&self, tx: &Tx) -> Outcome<ProvinceId> {
        change::<act::UpdateProvinceAccess>(tx, self.expected_revision, None, |old| {
            let origins = match &self.origins {
                None => old.access.origins.clone(),
                Some(given) if given.len() > 50 => {
                    return refuse(Refusal::invalid("input.origins", InputProblem::TooMany { max: 50 }));
                }
                Some(given) => {
                    given.iter().enumerate().map(|(index, raw)| origin(index, raw)).collect::<Outcome<_>>()?
                }
            };
            let language = match self.language {
                None => old.access.language,
                Some(Language::Zh) => Lang::Zh,
                Some(Language::En) => Lang::En,
            };
            Ok(ProvinceSettings { access: AccessSettings { origins, language }, ..old.clone() })
        })
        .await
    }
}

/// Scheme, host and port and nothing else, as browsers send it.
fn origin(index: usize, raw: &str) -> Outcome<String> {
    let path = format!("input.origins.{index}");
    let text = text::line(path.clone(), raw, 200)?;
    let known = url::Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    // As a browser writes it, whatever was typed: lower case, without the usual port. A path is no part of it.
    match known.filter(|url| {
        url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && is_plain(url)
    }) {
        Some(url) => Ok(url.origin().ascii_serialization()),
        None => refuse(Refusal::invalid(
            path,
            InputProblem::Malformed { expected: "https://host[:port], or http:// on an intranet" },
        )),
    }
}

/// Whether the host is one and no pattern: a `*`, which other systems take for all names below, would let nobody in.
fn is_plain(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)),
        Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Starts serving a province: its row, its settings and its chain of evidence. Done at the machine, once.
#[derive(serde::Serialize)]
pub struct ServeProvince {
    /// Code of the province's division.
    pub code: String,
}

impl UseCase for ServeProvince {
    const NAME: &'static str = "serveProvince";
    type Output = ProvinceId;

    async fn execute(&self, tx: &Tx) -> Outcome<ProvinceId> {
        if let Some(known) = store::province_by_code(tx.db(), &self.code).await? {
            return refuse_known(known);
        }
        let Some(place) = store::division_by_code(tx.db(), &self.code, super::today(tx)).await? else {
            return refuse(Refusal::not_found("province"));
        };
        if place.parent.is_some() {
            return refuse(Refusal::conflict("province", "须为省级区划代码。", "must be the code of a province."));
        }
        let id = ProvinceId::new();
        let permit = by_system::<act::Bootstrap>(id, "a province is opened at the machine");
        let row = ProvinceRow {
            id,
            code: place.code.clone(),
            name: place.name.clone(),
            settings: ProvinceSettings::default(),
            revision: 1,
        };
        store::insert_province(tx.db(), &permit, &row, tx.now()).await?;
        audit::open_chain(tx.db(), id).await?;
        tx.record(
            Event::new(Action::Bootstrap, id, "Province", id, place.path)
                .change(json!(null), json!({ "province": place.name })),
        );
        Ok(id)
    }
}

fn refuse_known(known: ProvinceRow) -> Outcome<ProvinceId> {
    refuse(Refusal::invalid(known.code, InputProblem::Duplicate))
}

/// The province of this code, served from now on if it was not before.
pub async fn serve_province(ctx: &Ctx, code: &str) -> Outcome<ProvinceId> {
    if let Some(known) = store::province_by_code(ctx.db().read(), code).await? {
        return Ok(known.id);
    }
    crate::kernel::runner::run(ctx, &ServeProvince { code: code.to_owned() }).await
}
