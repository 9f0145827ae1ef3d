//! What happened in the last months: each act through the use cases the API uses.

mod adjustments;
mod admissions;
mod lists;

use adjustments::{Application, Until, adjustments};
use admissions::{admissions, refused_admission};
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
pub const COUNTY_STEPS: usize = 18;

/// One province's part of the world.
struct Stage<'a> {
    demo: &'a Demo,
    province: ProvinceId,
    domains: std::collections::HashMap<String, DomainId>,
    /// Who plays the county: establishment office, clerk, justice, finance.
    establishment: &'static str,
    clerk: &'static str,
}

/// The last months of 澜溪县.
pub async fn county(demo: &Demo, province: ProvinceId, mut progress: impl FnMut(usize)) -> Outcome<()> {
    let stage = Stage::new(demo, province, "xian.bianban", "xian.liangban").await?;
    let items = text::items()?;
    stage.templates(&items).await?;
    demo.pass(5);
    let above = [("shi.bianban", Role::EoCity), ("sheng.bianban", Role::EoProvince)];
    for (index, (_, name, prefix)) in TOWNSHIPS.into_iter().enumerate() {
        let decision = stage.decision("澜溪县委常委会", "澜委〔2026〕20号", "县委常委会第9次会议");
        stage.first_edition(prefix, name, &items, &above, decision).await?;
        progress(index + 1);
    }
    demo.jump(100);
    allocations(&stage).await?;
    progress(15);
    demo.jump(70);
    refused_admission(&stage).await?;
    demo.jump(45);
    adjustments(&stage).await?;
    progress(16);
    demo.jump(13);
    admissions(&stage).await?;
    progress(17);
    law_change(&stage).await?;
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
    stage.play("xian.sifa", Role::Legal, &command).await?;
    Ok(())
}

/// The last months of 云泽市: lists in force, one admission on its short way up.
pub async fn municipality(demo: &Demo, province: ProvinceId) -> Outcome<()> {
    let stage = Stage::new(demo, province, "qu.bianban", "qu.liangban").await?;
    let items = district_items()?;
    stage.templates(&items).await?;
    for (_, name, prefix) in DISTRICT_TOWNSHIPS {
        let decision = stage.decision("东屏区委常委会", "东委〔2026〕8号", "区委常委会第4次会议");
        stage.first_edition(prefix, name, &items, &[("shi.bianban", Role::EoProvince)], decision).await?;
    }
    Ok(())
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
