//! The province's organisations: decision bodies, offices, departments and townships where the divisions are real.

use std::collections::BTreeMap;

use rand::{Rng, rngs::StdRng};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, sqlx::PgPool};
use uuid::Uuid;
use yidan::kernel::{ids::ProvinceId, place::OrgKind};
use yidan_entity::division;

use super::copy::Rows;

/// Departments of a county beside the offices every county has.
const DEPARTMENTS: usize = 40;

const OFFICES: &[(OrgKind, &str)] = &[
    (OrgKind::CommitteeGovernment, "委员会、人民政府"),
    (OrgKind::EstablishmentOffice, "委机构编制委员会办公室"),
    (OrgKind::GeneralOffice, "委办公室、政府办公室"),
    (OrgKind::Justice, "司法局"),
];

const NAMES: &[&str] = &[
    "住房和城乡建设局",
    "应急管理局",
    "农业农村局",
    "生态环境局",
    "公安局",
    "市场监督管理局",
    "民政局",
    "自然资源和规划局",
    "城市管理局",
    "水务局",
    "卫生健康委员会",
    "人力资源和社会保障局",
    "交通运输局",
    "消防救援大队",
    "教育局",
    "文化广电和旅游局",
];

/// A county, or whatever plays its part, with its townships.
pub struct County {
    /// Its committee and government.
    pub authority: Uuid,
    /// Its departments, those that owe most first.
    pub departments: Vec<Uuid>,
    /// Its townships: division, organisation, path, name.
    pub townships: Vec<Township>,
}

/// A township.
pub struct Township {
    /// Its division.
    pub division: Uuid,
    /// Its organisation.
    pub org: Uuid,
    /// Its path.
    pub path: String,
    /// Its name.
    pub name: String,
}

impl County {
    /// A department, large ones more often than small ones.
    pub fn department(&self, random: &mut StdRng) -> Uuid {
        let share: f64 = random.random();
        // The square brings a quarter of the departments half of the items.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "small"
        )]
        let index = (share * share * self.departments.len() as f64) as usize;
        self.departments[index.min(self.departments.len() - 1)]
    }
}

struct Orgs {
    province: ProvinceId,
    rows: Rows,
}

impl Orgs {
    fn add(&mut self, place: &division::Model, kind: OrgKind, name: &str) -> Uuid {
        let id = Uuid::now_v7();
        self.rows.value(id).value(self.province.0).value(place.id).value(&place.path).value(place.level);
        self.rows.value(kind.code()).value(name).value(name).value("f").value("2025-01-01").value(1).end();
        id
    }
}

/// Registers the organisations of the first `townships` townships of the province with this code and of all above.
pub async fn fill(
    db: &DatabaseConnection,
    pool: &PgPool,
    province: ProvinceId,
    code: &str,
    townships: usize,
) -> Vec<County> {
    let all = division::Entity::find()
        .filter(division::Column::Path.starts_with(code))
        .order_by_asc(division::Column::Path)
        .all(db)
        .await
        .unwrap();
    let columns = "id, province_id, division_id, path, level, kind, name, short_name, vertical, valid_from, revision";
    let mut orgs = Orgs { province, rows: Rows::of("org_unit", columns) };
    let parents: BTreeMap<Uuid, &division::Model> = all.iter().map(|place| (place.id, place)).collect();
    let mut counties: BTreeMap<Uuid, County> = BTreeMap::new();
    let mut order = Vec::new();
    for place in all.iter().filter(|place| place.level < 3) {
        orgs.add(place, OrgKind::EstablishmentOffice, &format!("{}委机构编制委员会办公室", place.name));
    }
    for place in all.iter().filter(|place| place.level == 4).take(townships) {
        let Some(above) = place.parent_id.and_then(|parent| parents.get(&parent)) else { continue };
        let county = counties.entry(above.id).or_insert_with(|| {
            order.push(above.id);
            county(&mut orgs, above)
        });
        let org = orgs.add(place, OrgKind::Township, &format!("{}党委、政府", place.name));
        let (path, name) = (place.path.clone(), place.name.clone());
        county.townships.push(Township { division: place.id, org, path, name });
    }
    orgs.rows.send(pool).await;
    order.into_iter().filter_map(|id| counties.remove(&id)).collect()
}

fn county(orgs: &mut Orgs, place: &division::Model) -> County {
    let mut authority = Uuid::nil();
    for (kind, suffix) in OFFICES {
        // A prefecture that plays the county has its establishment office already.
        if place.level < 3 && *kind == OrgKind::EstablishmentOffice {
            continue;
        }
        let id = orgs.add(place, *kind, &format!("{}{suffix}", place.name));
        if *kind == OrgKind::CommitteeGovernment {
            authority = id;
        }
    }
    let departments = (0..DEPARTMENTS).map(|index| {
        let name = match NAMES.get(index) {
            Some(name) => format!("{}{name}", place.name),
            None => format!("{}第{}局", place.name, index + 1),
        };
        orgs.add(place, OrgKind::Department, &name)
    });
    County { authority, departments: departments.collect(), townships: Vec::new() }
}
