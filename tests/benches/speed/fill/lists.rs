//! The lists themselves: wordings, versions, items, revisions, and the departments they name.

use std::collections::{BTreeSet, HashMap};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::sqlx::PgPool;
use uuid::Uuid;
use yidan::{
    duty_list::rules::content::{DutyCategory, Wording, instrument_key},
    kernel::{ids::ProvinceId, similarity},
};

use super::{
    copy::Rows,
    places::{County, Township},
    texts,
};

const CREATED: &str = "2025-05-06T01:00:00Z";
/// When the first edition took effect, and when the second.
const FIRST: &str = "2025-06-30T16:00:00Z";
const SECOND: &str = "2026-02-28T16:00:00Z";
const DOMAINS: &[&str] =
    &["党的建设", "经济发展", "民生服务", "平安法治", "乡村振兴", "生态环保", "城乡建设", "应急管理及消防", "综合政务"];

/// Tables in the order in which they refer to each other.
struct Tables {
    wordings: Rows,
    search: Rows,
    instruments: Rows,
    lists: Rows,
    proceedings: Rows,
    versions: Rows,
    items: Rows,
    revisions: Rows,
    departments: Rows,
}

impl Tables {
    fn new() -> Self {
        Self {
            wordings: Rows::of(
                "wording",
                "id, province_id, hash, name, superior_clauses, township_clauses, method, bases, tags",
            ),
            search: Rows::of("wording_search", "wording_id, grams"),
            instruments: Rows::of("wording_instrument", "wording_id, instrument"),
            lists: Rows::of("duty_list", "id, province_id, division_id, org_unit_id, path, township_name, created_at"),
            proceedings: Rows::of(
                "proceeding",
                "id, province_id, kind, number, title, state, authority_id, path, proposer_org_id, created_at, chain_index, \
                 return_count, revision",
            ),
            versions: Rows::of(
                "list_version",
                "id, province_id, list_id, version_no, edition, base_version_id, effective_from, effective_to, \
                 published_at, superseded_at, basic_count, cooperative_count, reclaimed_count, notes",
            ),
            items: Rows::of("duty_item", "id, province_id, list_id, code, created_at"),
            revisions: Rows::of(
                "item_revision",
                "id, province_id, item_id, list_id, category, domain_id, wording_id, ordinal, penalty_power, reclaim_method, \
                 source, introduced_version_id, introduced_no, retired_version_id, retired_no, effective_from, effective_to, \
                 recorded_from, recorded_to",
            ),
            departments: Rows::of("item_department", "revision_id, org_unit_id, province_id, role, ordinal"),
        }
    }

    async fn send(&mut self, pool: &PgPool) {
        let Self { wordings, search, instruments, lists, proceedings, versions, items, revisions, departments } = self;
        for rows in [wordings, search, instruments, lists, proceedings, versions, items, revisions, departments] {
            rows.send(pool).await;
        }
    }
}

struct Filler {
    province: ProvinceId,
    random: StdRng,
    tables: Tables,
    domains: Vec<Uuid>,
    /// Wordings of the province's catalogue.
    common: HashMap<(DutyCategory, usize), Uuid>,
    items: usize,
}

/// Fills the lists of all townships; `progress` hears how many are done. Answers how many items there are.
pub async fn fill(pool: &PgPool, province: ProvinceId, counties: &[County], mut progress: impl FnMut(usize)) -> usize {
    let mut rows = Rows::of("duty_domain", "id, province_id, name, ordinal, revision");
    let domains: Vec<Uuid> = DOMAINS.iter().map(|_| Uuid::now_v7()).collect();
    for (index, (id, name)) in std::iter::zip(&domains, DOMAINS).enumerate() {
        rows.value(id).value(province.0).value(name).value(index).value(1).end();
    }
    rows.send(pool).await;
    let random = StdRng::seed_from_u64(20_260_519);
    let tables = Tables::new();
    let mut filler = Filler { province, random, tables, domains, common: HashMap::new(), items: 0 };
    let mut done = 0;
    for county in counties {
        let mut models = HashMap::new();
        for township in &county.townships {
            filler.list(county, township, &mut models);
            done += 1;
        }
        filler.tables.send(pool).await;
        progress(done);
    }
    filler.items
}

impl Filler {
    /// Items of a township: normal around 340, between 220 and 520.
    fn size(&mut self) -> usize {
        let (u, v): (f64, f64) = (self.random.random_range(f64::EPSILON..1.0), self.random.random());
        let normal = (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 220 and 520")]
        let size = (340.0 + 45.0 * normal).clamp(220.0, 520.0) as usize;
        size
    }

    fn version(
        &mut self,
        list: Uuid,
        no: usize,
        base: Option<Uuid>,
        counts: [usize; 3],
        place: (&County, &Township),
    ) -> Uuid {
        let (id, province, (county, township)) = (Uuid::now_v7(), self.province.0, place);
        let (from, to) = if no == 1 { (FIRST, Some(SECOND)) } else { (SECOND, None) };
        let code = township.path.rsplit('.').next().unwrap_or_default();
        let rows = &mut self.tables.proceedings;
        rows.value(id).value(province).value("LIST_VERSION").value(format!("QD-{code}-{no}"));
        rows.value(format!("{}履职事项清单第{no}版", township.name)).value("PUBLISHED").value(county.authority);
        rows.value(&township.path).value(township.org).value(CREATED).value(0).value(0).value(1).end();
        let rows = &mut self.tables.versions;
        rows.value(id).value(province).value(list).value(no).value(if no == 1 { "FIRST" } else { "INCORPORATION" });
        rows.maybe(base).value(from).maybe(to).value(from).maybe(to);
        rows.value(counts[0]).value(counts[1]).value(counts[2]).value("").end();
        id
    }

    fn list(&mut self, county: &County, township: &Township, models: &mut HashMap<(DutyCategory, usize), Uuid>) {
        let (list, province, size) = (Uuid::now_v7(), self.province.0, self.size());
        let rows = &mut self.tables.lists;
        rows.value(list).value(province).value(township.division).value(township.org).value(&township.path);
        rows.value(&township.name).value(CREATED).end();
        let counts = [size * 117 / 340, size * 99 / 340, size - size * 117 / 340 - size * 99 / 340];
        let first = self.version(list, 1, None, counts, (county, township));
        let second = self.version(list, 2, Some(first), counts, (county, township));
        for (category, count) in std::iter::zip(DutyCategory::ALL, counts) {
            for index in 0..count {
                let item = Uuid::now_v7();
                let code = format!("{}-{:03}", category.code_prefix(), index + 1);
                self.tables.items.value(item).value(province).value(list).value(code).value(CREATED).end();
                let wording = self.wording(*category, index, models);
                let changed = self.random.random_ratio(1, 25);
                let old = Reading { list, item, category: *category, index, wording, version: first, no: 1 };
                self.revision(&old, changed.then_some(second), county);
                if changed {
                    let wording = self.own_wording(*category);
                    self.revision(&Reading { wording, version: second, no: 2, ..old }, None, county);
                }
            }
        }
        self.items += size;
    }

    fn own_wording(&mut self, category: DutyCategory) -> Uuid {
        let id = Uuid::now_v7();
        let mark = id.simple().to_string();
        let text = texts::wording(&mut self.random, category, &mark[24..]);
        self.keep(id, &text);
        id
    }

    fn wording(
        &mut self,
        category: DutyCategory,
        index: usize,
        models: &mut HashMap<(DutyCategory, usize), Uuid>,
    ) -> Uuid {
        if self.random.random_ratio(1, 10) {
            return self.own_wording(category);
        }
        let key = (category, index);
        let known = if index.is_multiple_of(2) { self.common.get(&key) } else { models.get(&key) };
        if let Some(known) = known {
            return *known;
        }
        let id = self.own_wording(category);
        if index.is_multiple_of(2) {
            self.common.insert(key, id)
        } else {
            models.insert(key, id)
        };
        id
    }

    fn keep(&mut self, id: Uuid, text: &Wording) {
        let json = |texts: &[String]| serde_json::to_string(texts).unwrap();
        let rows = &mut self.tables.wordings;
        rows.value(id).value(self.province.0).value(text.hash()).value(&text.name).value(json(&text.superior));
        rows.value(json(&text.township)).maybe(text.method.as_ref()).value(serde_json::to_string(&text.bases).unwrap());
        rows.value(json(&text.tags)).end();
        let grams: Vec<String> =
            similarity::terms(&text.searchable()).into_iter().map(|gram| format!("'{gram}'")).collect();
        self.tables.search.value(id).value(grams.join(" ")).end();
        let instruments: BTreeSet<String> = text.bases.iter().map(|basis| instrument_key(&basis.instrument)).collect();
        for instrument in instruments {
            self.tables.instruments.value(id).value(instrument).end();
        }
    }

    fn revision(&mut self, reading: &Reading, retired: Option<Uuid>, county: &County) {
        let Reading { list, item, category, index, wording, version, no } = *reading;
        let (id, province) = (Uuid::now_v7(), self.province.0);
        let domain = self.domains[self.random.random_range(0..self.domains.len())];
        let (from, to) = (if no == 1 { FIRST } else { SECOND }, retired.map(|_| SECOND));
        let method = (category == DutyCategory::Reclaimed).then_some("TAKEN_OVER");
        let rows = &mut self.tables.revisions;
        rows.value(id).value(province).value(item).value(list).value(category.code()).value(domain).value(wording);
        rows.value(index + 1).value("f").maybe(method).value("MANDATE").value(version).value(no);
        rows.maybe(retired).maybe(retired.map(|_| 2)).value(from).maybe(to).value(from).maybe(to).end();
        let (role, also) = match category {
            DutyCategory::Basic => (self.random.random_ratio(1, 5).then_some("GUIDE"), None),
            DutyCategory::Cooperative => (Some("LEAD"), self.random.random_ratio(3, 10).then_some("CO_LEAD")),
            DutyCategory::Reclaimed => (Some("TAKEOVER"), self.random.random_ratio(1, 10).then_some("TAKEOVER")),
        };
        let mut named = Vec::new();
        for role in role.into_iter().chain(also) {
            let department = county.department(&mut self.random);
            if !named.contains(&department) {
                let rows = &mut self.tables.departments;
                rows.value(id).value(department).value(province).value(role).value(named.len()).end();
                named.push(department);
            }
        }
    }
}

/// How an item reads from a version on.
#[derive(Clone, Copy)]
struct Reading {
    list: Uuid,
    item: Uuid,
    category: DutyCategory,
    index: usize,
    wording: Uuid,
    version: Uuid,
    no: usize,
}
