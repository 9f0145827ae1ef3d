//! Places, organisations and people.

mod tables;

pub use self::tables::*;

use chrono::NaiveDate;
use yidan_entity::division;

use crate::setup::demo::Demo;
use crate::{
    identity::{service::accounts::Enrol, store},
    kernel::{
        fault::{Fault, Outcome},
        ids::{OrgUnitId, ProvinceId},
        place::{DivisionLevel, OrgKind},
        role::Role,
        runner::run,
    },
    setup::{RegisterOrg, operator},
    territory::{
        self,
        rules::{division_id, kind_of},
        service::offices::CreateInternalOffice,
    },
};

async fn divisions(demo: &Demo, places: &[Place<'_>], above: &str) -> Outcome<()> {
    let from: NaiveDate = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
    let known = territory::store::division_by_code(demo.platform.db.read(), above, from).await?;
    let mut paths = std::collections::HashMap::new();
    if let Some(known) = &known {
        paths.insert(known.code.clone(), (known.path.clone(), known.id));
    }
    let mut rows = Vec::new();
    for (number, code, parent, name) in places {
        let level = DivisionLevel::from_number(*number).ok_or_else(|| Fault::new("a level of the demo"))?;
        let (path, parent_id) = match paths.get(*parent) {
            Some((path, id)) => (format!("{path}.{code}"), Some(id.0)),
            None => ((*code).to_owned(), None),
        };
        let id = division_id(code, from);
        paths.insert((*code).to_owned(), (path.clone(), id));
        rows.push(division::Model {
            id: id.0,
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            level: *number,
            kind: kind_of(level, name).code().to_owned(),
            parent_id,
            path,
            valid_from: from,
            valid_to: None,
        });
    }
    Ok(territory::loading::load(demo.platform.db.write_pool(), rows, |_| {}).await?)
}

struct NewOrg<'a> {
    division: &'a str,
    kind: OrgKind,
    name: &'a str,
    short: &'a str,
    parent: Option<OrgUnitId>,
}

impl Demo {
    async fn register(&mut self, province: ProvinceId, new: NewOrg<'_>) -> Outcome<OrgUnitId> {
        let register = RegisterOrg {
            province,
            division_code: new.division.to_owned(),
            kind: new.kind,
            name: new.name.to_owned(),
            short_name: new.short.to_owned(),
            level: None,
            parent: new.parent,
            vertical: new.parent.is_some(),
        };
        let id = run(&self.system(), &register).await?;
        self.orgs.insert((province, new.short.to_owned()), id);
        Ok(id)
    }

    async fn enrol(&mut self, province: ProvinceId, username: &str, posts: &[(OrgUnitId, Role)]) -> Outcome<()> {
        let enrol = Enrol {
            username: username.to_owned(),
            display_name: person(self.posts.len()),
            posts: posts.to_vec(),
            password_hash: self.hash.clone(),
            must_change_password: false,
        };
        let account = run(&self.system(), &enrol).await?;
        let held = store::posts_of(self.platform.db.read(), &[account]).await?.remove(&account).unwrap_or_default();
        for post in held {
            self.posts.insert((province, username.to_owned(), post.role), post.id);
        }
        Ok(())
    }

    async fn catalogue(&self, province: ProvinceId, office: &str) -> Outcome<()> {
        use crate::duty_list::service::catalogue::CreateDutyDomain;
        for name in DOMAINS {
            let command = CreateDutyDomain { name: name.to_owned(), ordinal: None, idempotency_key: None };
            self.play(province, office, Role::EoProvince, &command).await?;
        }
        Ok(())
    }

    async fn township(&mut self, province: ProvinceId, code: &str, name: &str, prefix: &str) -> Outcome<()> {
        let id = self
            .register(province, NewOrg { division: code, kind: OrgKind::Township, name, short: name, parent: None })
            .await?;
        for (suffix, role) in TOWNSHIP_POSTS {
            // The keeper of the list also works at the counter: one person, two posts.
            let posts = if role == Role::TownshipListAdmin {
                vec![(id, role), (id, Role::TownshipStaff)]
            } else {
                vec![(id, role)]
            };
            self.enrol(province, &format!("{prefix}.{suffix}"), &posts).await?;
        }
        for name in INTERNAL_OFFICES {
            let command =
                CreateInternalOffice { org_unit_id: id, name: name.to_owned(), ordinal: None, idempotency_key: None };
            self.play(province, &format!("{prefix}.qingdan"), Role::TownshipListAdmin, &command).await?;
        }
        Ok(())
    }

    async fn department(
        &mut self,
        province: ProvinceId,
        division: &str,
        department: (&str, &str, &str),
        parent: Option<OrgUnitId>,
    ) -> Outcome<()> {
        let (name, short, username) = department;
        let id = self.register(province, NewOrg { division, kind: OrgKind::Department, name, short, parent }).await?;
        self.enrol(province, username, &[(id, Role::DeptHead)]).await?;
        self.enrol(province, &format!("{username}.jingban"), &[(id, Role::DeptOfficer)]).await
    }
}

/// 澜溪县 with everything above it.
pub async fn county(demo: &mut Demo) -> Outcome<ProvinceId> {
    let mut places: Vec<Place<'_>> = vec![(2, CITY, JIANGSU, "平澜市"), (3, COUNTY, CITY, "澜溪县")];
    places.extend(TOWNSHIPS.iter().map(|(code, name, _)| (4, *code, COUNTY, *name)));
    divisions(demo, &places, JIANGSU).await?;
    let admin = operator(&demo.system(), JIANGSU).await?;
    let province = territory::service::provinces::serve_province(&demo.system(), JIANGSU).await?;
    demo.enrol(province, "admin", &[(admin, Role::TechnicalAdmin)]).await?;
    for (division, kind, name, short, people) in [
        (JIANGSU, OrgKind::CommitteeGovernment, "中共江苏省委、江苏省人民政府", "省委、省政府", &[][..]),
        (
            JIANGSU,
            OrgKind::EstablishmentOffice,
            "中共江苏省委机构编制委员会办公室",
            "省委编办",
            &[("sheng.bianban", Role::EoProvince)],
        ),
        (JIANGSU, OrgKind::InspectionOffice, "江苏省委省政府督查室", "省督查室", &[("sheng.ducha", Role::Inspector)]),
        (CITY, OrgKind::CommitteeGovernment, "中共平澜市委、平澜市人民政府", "市委、市政府", &[]),
        (
            CITY,
            OrgKind::EstablishmentOffice,
            "中共平澜市委机构编制委员会办公室",
            "市委编办",
            &[("shi.bianban", Role::EoCity)],
        ),
        (
            CITY,
            OrgKind::GeneralOffice,
            "平澜市委办公室、市政府办公室",
            "市两办",
            &[("shi.liangban", Role::DecisionClerk)],
        ),
        (CITY, OrgKind::Department, "平澜市生态环境局", "市生态环境局", &[("shi.shengtai", Role::DeptHead)]),
    ] {
        let id = demo.register(province, NewOrg { division, kind, name, short, parent: None }).await?;
        for (username, role) in people {
            demo.enrol(province, username, &[(id, *role)]).await?;
        }
    }
    for (kind, name, short, people) in COUNTY_OFFICES {
        let id = demo.register(province, NewOrg { division: COUNTY, kind, name, short, parent: None }).await?;
        for (username, role) in people {
            demo.enrol(province, username, &[(id, *role)]).await?;
        }
    }
    let line_above = demo.org(province, "市生态环境局")?;
    for department in DEPARTMENTS {
        let vertical = (department.2 == "shengtai").then_some(line_above);
        demo.department(province, COUNTY, department, vertical).await?;
    }
    for (code, name, prefix) in TOWNSHIPS {
        demo.township(province, code, name, prefix).await?;
    }
    demo.catalogue(province, "sheng.bianban").await?;
    Ok(province)
}

/// 云泽市, a municipality: its district stands directly below the province level.
pub async fn municipality(demo: &mut Demo) -> Outcome<ProvinceId> {
    let mut places: Vec<Place<'_>> = vec![(1, MUNICIPALITY, "", "云泽市"), (3, DISTRICT, MUNICIPALITY, "东屏区")];
    places.extend(DISTRICT_TOWNSHIPS.iter().map(|(code, name, _)| (4, *code, DISTRICT, *name)));
    divisions(demo, &places, "").await?;
    let admin = operator(&demo.system(), MUNICIPALITY).await?;
    let province = territory::service::provinces::serve_province(&demo.system(), MUNICIPALITY).await?;
    demo.enrol(province, "admin", &[(admin, Role::TechnicalAdmin)]).await?;
    for (division, kind, name, short, username, role) in [
        (
            MUNICIPALITY,
            OrgKind::CommitteeGovernment,
            "中共云泽市委、云泽市人民政府",
            "市委、市政府",
            "shi.lingdao",
            Role::CountyLeader,
        ),
        (
            MUNICIPALITY,
            OrgKind::EstablishmentOffice,
            "中共云泽市委机构编制委员会办公室",
            "市委编办",
            "shi.bianban",
            Role::EoProvince,
        ),
        (
            DISTRICT,
            OrgKind::CommitteeGovernment,
            "中共东屏区委、东屏区人民政府",
            "区委、区政府",
            "qu.lingdao",
            Role::CountyLeader,
        ),
        (
            DISTRICT,
            OrgKind::EstablishmentOffice,
            "中共东屏区委机构编制委员会办公室",
            "区委编办",
            "qu.bianban",
            Role::EoCounty,
        ),
        (
            DISTRICT,
            OrgKind::GeneralOffice,
            "东屏区委办公室、区政府办公室",
            "区两办",
            "qu.liangban",
            Role::DecisionClerk,
        ),
        (DISTRICT, OrgKind::Justice, "东屏区司法局", "区司法局", "qu.sifa", Role::Legal),
        (DISTRICT, OrgKind::Finance, "东屏区财政局", "区财政局", "qu.caizheng", Role::Finance),
        (DISTRICT, OrgKind::AssessmentOffice, "东屏区考核办公室", "区考核办", "qu.kaohe", Role::Assessment),
        (DISTRICT, OrgKind::InspectionOffice, "东屏区督查室", "区督查室", "qu.ducha", Role::Inspector),
    ] {
        let id = demo.register(province, NewOrg { division, kind, name, short, parent: None }).await?;
        demo.enrol(province, username, &[(id, role)]).await?;
    }
    for department in [
        ("东屏区建设和管理委员会", "区建管委", "jianguan"),
        ("东屏区民政局", "区民政局", "minzheng"),
        ("东屏区消防救援支队", "区消防支队", "xiaofang"),
    ] {
        demo.department(province, DISTRICT, department, None).await?;
    }
    for (code, name, prefix) in DISTRICT_TOWNSHIPS {
        demo.township(province, code, name, prefix).await?;
    }
    demo.catalogue(province, "shi.bianban").await?;
    Ok(province)
}

/// The accounts, for the console.
#[must_use]
pub fn accounts_table() -> String {
    let mut text = format!("\nDemo accounts 演示账号 (province 320000 江苏省, password {})\n", super::PASSWORD);
    for (who, username) in [
        ("技术管理员", "admin"),
        ("省委编办", "sheng.bianban"),
        ("省督查室", "sheng.ducha"),
        ("平澜市委编办", "shi.bianban"),
        ("平澜市两办", "shi.liangban"),
        ("澜溪县委编办", "xian.bianban, xian.bianban2"),
        ("澜溪县两办（登记决定）", "xian.liangban, xian.liangban2"),
        ("县司法局 / 县财政局", "xian.sifa / xian.caizheng"),
        ("县考核办 / 县减负办", "xian.kaohe / xian.jianfu"),
        ("县纪委监委 / 县督查室", "xian.jiwei / xian.ducha"),
        ("县领导 / 12345", "xian.lingdao / xian.12345"),
    ] {
        text += &format!("  {username:<30} {who}\n");
    }
    text += "  departments 部门: head <name>, officer <name>.jingban\n";
    for row in DEPARTMENTS.chunks(4) {
        let row: Vec<String> = row.iter().map(|(_, short, username)| format!("{username} {short}")).collect();
        text += &format!("    {}\n", row.join(", "));
    }
    text += "  townships 乡镇: <name>.shuji (书记), .zhenzhang (镇长), .fenguan, .qingdan (清单), .banshi, .banshi2\n";
    for row in TOWNSHIPS.chunks(5) {
        let row: Vec<String> = row.iter().map(|(_, name, username)| format!("{username} {name}")).collect();
        text += &format!("    {}\n", row.join(", "));
    }
    text += "Second province 第二省份: 980000 云泽市 (municipality 直辖市), same password: admin, shi.bianban, qu.bianban, qu.liangban, …\n";
    text
}
