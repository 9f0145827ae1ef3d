//! What happened in the last months: each act through the use cases the API uses.

mod adjustments;
mod admissions;
mod evaluation;
mod lists;

use adjustments::{Application, Until};
use evaluation::{last_round, running_round};
use lists::allocations;

use crate::setup::demo::{
    Demo,
    text::{self, ModelItem},
    world::{DISTRICT_TOWNSHIPS, TOWNSHIPS},
};
use crate::{
    adjustment::{rules::LawChangeKind, service::law::RegisterLawChange},
    kernel::{
        clock::china_date,
        fault::Outcome,
        graphql::Date,
        ids::{DomainId, ProvinceId},
        role::Role,
    },
};

/// How often [`county`] tells that it got on.
pub const COUNTY_STEPS: usize = 20;

/// One province's part of the world.
struct Stage<'a> {
    demo: &'a Demo,
    province: ProvinceId,
    domains: std::collections::HashMap<String, DomainId>,
    county: County,
}

/// Who plays a county's offices, and how its decisions are called.
#[derive(Clone, Copy)]
struct County {
    establishment: &'static str,
    clerk: &'static str,
    legal: &'static str,
    finance: &'static str,
    assessment: &'static str,
    committee: &'static str,
    file_prefix: &'static str,
}

const LANXI: County = County {
    establishment: "xian.bianban",
    clerk: "xian.liangban",
    legal: "xian.sifa",
    finance: "xian.caizheng",
    assessment: "xian.kaohe",
    committee: "澜溪县委",
    file_prefix: "澜委",
};

const DONGPING: County = County {
    establishment: "qu.bianban",
    clerk: "qu.liangban",
    legal: "qu.sifa",
    finance: "qu.caizheng",
    assessment: "qu.kaohe",
    committee: "东屏区委",
    file_prefix: "东委",
};

/// The last months of 澜溪县.
pub async fn county(demo: &Demo, province: ProvinceId, mut progress: impl FnMut(usize)) -> Outcome<()> {
    let stage = Stage::new(demo, province, LANXI).await?;
    demo.begin();
    let items = text::items()?;
    stage.templates(&items).await?;
    demo.pass(5);
    let above = [("shi.bianban", Role::EoCity), ("sheng.bianban", Role::EoProvince)];
    for (index, (_, name, prefix)) in TOWNSHIPS.into_iter().enumerate() {
        stage.first_edition(prefix, name, &items, &above).await?;
        progress(index + 1);
    }
    demo.jump(100);
    allocations(&stage).await?;
    progress(15);
    demo.jump(97);
    last_round(&stage).await?;
    progress(16);
    demo.jump(60);
    admissions::refused(&stage).await?;
    demo.jump(45);
    adjustments::of_the_county(&stage).await?;
    progress(17);
    demo.jump(13);
    admissions::of_the_county(&stage).await?;
    progress(18);
    law_change(&stage).await?;
    progress(19);
    running_round(&stage).await?;
    progress(COUNTY_STEPS);
    Ok(())
}

async fn law_change(stage: &Stage<'_>) -> Outcome<()> {
    let today = china_date(stage.demo.now());
    let command = RegisterLawChange {
        kind: LawChangeKind::Amended,
        instrument: "中华人民共和国消防法".into(),
        articles: None,
        effective_on: Date(stage.demo.platform.calendar().working_day(today, 10)),
        summary: "调整消防救援机构与乡镇在小型场所防火巡查中的分工。".into(),
        idempotency_key: None,
    };
    stage.play(stage.county.legal, Role::Legal, &command).await?;
    Ok(())
}

/// The last months of 云泽市: lists in force, requests on their way, an admission that climbs from the district straight to
/// the municipality.
pub async fn municipality(demo: &Demo, province: ProvinceId) -> Outcome<()> {
    let stage = Stage::new(demo, province, DONGPING).await?;
    demo.begin();
    let items = district_items()?;
    stage.templates(&items).await?;
    for (_, name, prefix) in DISTRICT_TOWNSHIPS {
        stage.first_edition(prefix, name, &items, &[("shi.bianban", Role::EoProvince)]).await?;
    }
    demo.jump(14);
    adjustments::of_the_district(&stage).await?;
    admissions::of_the_district(&stage).await?;
    evaluation::planned_round(&stage).await
}

/// The county's items in the district's words.
fn district_items() -> Result<Vec<ModelItem>, serde_json::Error> {
    let names = [("县民政局", "区民政局"), ("县消防救援大队", "区消防支队"), ("县住房和城乡建设局", "区建管委")];
    let mut items = text::items()?;
    items.retain(|item| item.departments.iter().all(|department| names.iter().any(|(from, _)| from == department)));
    for item in &mut items {
        for department in &mut item.departments {
            if let Some((_, to)) = names.iter().find(|(from, _)| from == department) {
                (*to).clone_into(department);
            }
        }
        item.method = item.method.as_ref().map(|method| method.replace('县', "区"));
    }
    Ok(items)
}
