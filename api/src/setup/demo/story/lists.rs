//! First editions and who handles what.

use chrono::Datelike;

use super::{County, Stage};
use crate::setup::demo::{
    Demo,
    text::{self, ModelItem},
};
use crate::{
    duty_list::{
        rules::content::{DepartmentRole, DutyCategory, ItemSource, ReclaimMethod},
        service::{
            allocation::AllocateDutyItem,
            catalogue::CreateItemTemplate,
            content::{ItemContent, ItemDepartment, LegalBasis},
            drafting::{AdoptTemplates, RemoveDraftItem, UpdateDraftItem},
            now,
            opening::DraftFirstEdition,
            review::{
                ApproveListVersion, ConfirmListVersion, PublishListVersion, ReviewListVersion, ReviewListVersionAbove,
            },
        },
        store,
    },
    kernel::{
        clock::china_date,
        fault::{Fault, Outcome},
        graphql::Date,
        ids::{DomainId, DutyItemId, DutyListId, OrgUnitId, ProvinceId, VersionId},
        role::Role,
        scope::Scope,
    },
    proceeding::service::DecisionRecordFacts,
    territory,
};

impl<'a> Stage<'a> {
    pub(super) async fn new(demo: &'a Demo, province: ProvinceId, county: County) -> Outcome<Self> {
        let catalogue = store::lists::catalogue(demo.platform.db.read(), province, false).await?;
        let domains = catalogue.into_iter().map(|domain| (domain.name, domain.id)).collect();
        Ok(Self { demo, province, domains, county })
    }

    pub(super) fn domain(&self, name: &str) -> Outcome<DomainId> {
        self.domains.get(name).copied().ok_or_else(|| Fault::new(format!("no domain {name} in the demo")).into())
    }

    pub(super) async fn play<U: crate::kernel::runner::UseCase>(
        &self,
        username: &str,
        role: Role,
        command: &U,
    ) -> Outcome<U::Output> {
        self.demo.play(self.province, username, role, command).await
    }

    pub(super) fn content(&self, item: &ModelItem, township: &str) -> Outcome<ItemContent> {
        let category = match &item.code[..2] {
            "JB" => DutyCategory::Basic,
            "PH" => DutyCategory::Cooperative,
            _ => DutyCategory::Reclaimed,
        };
        let departments = item
            .departments
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let role = match (category, index) {
                    (DutyCategory::Reclaimed, _) => DepartmentRole::Takeover,
                    (_, 0) => DepartmentRole::Lead,
                    _ => DepartmentRole::CoLead,
                };
                Ok(ItemDepartment { org_unit_id: self.demo.org(self.province, name)?, role })
            })
            .collect::<Outcome<Vec<_>>>()?;
        let said = |texts: &[String]| Some(texts.iter().map(|text| text::localised(text, township)).collect());
        Ok(ItemContent {
            category,
            domain_id: self.domain(&item.domain)?,
            name: text::localised(&item.name, township),
            superior_clauses: said(&item.superior),
            township_clauses: said(&item.township),
            departments: Some(departments),
            reclaim_method: (category == DutyCategory::Reclaimed).then_some(if item.cancelled {
                ReclaimMethod::Cancelled
            } else {
                ReclaimMethod::TakenOver
            }),
            method: item.method.clone(),
            legal_bases: Some(
                item.bases
                    .iter()
                    .map(|basis| LegalBasis { instrument: basis.instrument.clone(), article: basis.article.clone() })
                    .collect(),
            ),
            penalty_power: Some(item.penalty),
            source: Some(ItemSource::Law),
            tags: Some(item.tags.clone()),
        })
    }

    pub(super) async fn list(&self, township: &str) -> Outcome<DutyListId> {
        let db = self.demo.platform.db.read();
        let place = territory::store::division_by_code(db, township, china_date(self.demo.now())).await?;
        let place = place.ok_or_else(|| Fault::new("a township of the demo is gone"))?;
        let list = store::lists::lists_of(db, &Scope::Everything, &[place.id]).await?.remove(&place.id);
        Ok(list.ok_or_else(|| Fault::new("a township of the demo has no list"))?.id)
    }

    /// The item with this code in force in a list.
    pub(super) async fn item(&self, list: DutyListId, code: &str) -> Outcome<(DutyItemId, store::items::Revision)> {
        use sea_orm::sea_query::{Expr, ExprTrait};
        let mut select = store::items::select();
        select
            .cond_where(Expr::col(("r", "list_id")).eq(list.0))
            .cond_where(Expr::col(("i", "code")).eq(code))
            .cond_where(store::items::in_force(now(self.demo.now())));
        let found = store::items::all(self.demo.platform.db.read(), select).await?.into_iter().next();
        let revision = found.ok_or_else(|| Fault::new(format!("no item {code} in the demo")))?;
        Ok((revision.item, revision))
    }

    pub(super) async fn draft_item(&self, version: VersionId, code: &str) -> Outcome<DutyItemId> {
        use sea_orm::sea_query::{Expr, ExprTrait};
        let mut select = store::items::select();
        select
            .cond_where(Expr::col(("r", "introduced_version_id")).eq(version.0))
            .cond_where(Expr::col(("i", "code")).eq(code));
        let found = store::items::all(self.demo.platform.db.read(), select).await?.into_iter().next();
        Ok(found.ok_or_else(|| Fault::new(format!("no item {code} in the draft")))?.item)
    }

    /// What the county's standing committee decided in its meeting with this number.
    pub(super) fn decision(&self, document: u32, meeting: u32) -> DecisionRecordFacts {
        let today = china_date(self.demo.now());
        DecisionRecordFacts {
            body: Some(format!("{}常委会", self.county.committee)),
            document_no: Some(format!("{}〔{}〕{document}号", self.county.file_prefix, today.year())),
            meeting: Some(format!("{}常委会第{meeting}次会议", self.county.committee)),
            decided_on: Some(Date(today)),
        }
    }

    /// A first edition up to its publication.
    pub(super) async fn first_edition(
        &self,
        prefix: &str,
        township: &str,
        items: &[ModelItem],
        above: &[(&str, Role)],
    ) -> Outcome<()> {
        let admin = format!("{prefix}.qingdan");
        let role = Role::TownshipListAdmin;
        let draft =
            DraftFirstEdition { notes: Some("根据县级样板清单编制。".into()), idempotency_key: None };
        let version = self.play(&admin, role, &draft).await?;
        self.play(
            &admin,
            role,
            &AdoptTemplates { version_id: version, template_ids: None, expected_revision: None, idempotency_key: None },
        )
        .await?;
        if !township.ends_with('镇') {
            for item in items.iter().filter(|item| text::localised(&item.name, township) != item.name) {
                let item_id = self.draft_item(version, &item.code).await?;
                let content = self.content(item, township)?;
                self.play(
                    &admin,
                    role,
                    &UpdateDraftItem {
                        version_id: version,
                        item_id,
                        content,
                        ordinal: None,
                        expected_revision: None,
                        idempotency_key: None,
                    },
                )
                .await?;
            }
        }
        if township.ends_with("街道") {
            // A sub-district has no straw to burn and no village roads to mend.
            for code in ["PH-001", "PH-012"] {
                if items.iter().any(|item| item.code == code) {
                    let item_id = self.draft_item(version, code).await?;
                    self.play(
                        &admin,
                        role,
                        &RemoveDraftItem {
                            version_id: version,
                            item_id,
                            expected_revision: None,
                            idempotency_key: None,
                        },
                    )
                    .await?;
                }
            }
        }
        self.play(
            &format!("{prefix}.shuji"),
            Role::TownshipPartySecretary,
            &ConfirmListVersion { id: version, expected_revision: None, idempotency_key: None },
        )
        .await?;
        let opinion = Some("表述规范，权责清晰。".to_owned());
        let review =
            ReviewListVersion { id: version, opinion: opinion.clone(), expected_revision: None, idempotency_key: None };
        self.play(self.county.establishment, Role::EoCounty, &review).await?;
        for (username, role) in above {
            let review = ReviewListVersionAbove {
                id: version,
                opinion: opinion.clone(),
                expected_revision: None,
                idempotency_key: None,
            };
            self.play(username, *role, &review).await?;
        }
        let decision = self.decision(20, 9);
        let approve = ApproveListVersion { id: version, decision, expected_revision: None, idempotency_key: None };
        self.play(self.county.clerk, Role::DecisionClerk, &approve).await?;
        let publish =
            PublishListVersion { id: version, effective_from: None, expected_revision: None, idempotency_key: None };
        self.play(self.county.establishment, Role::EoCounty, &publish).await?;
        Ok(())
    }

    pub(super) async fn templates(&self, items: &[ModelItem]) -> Outcome<()> {
        for item in items {
            let command = CreateItemTemplate {
                code: item.code.clone(),
                content: self.content(item, "镇")?,
                idempotency_key: None,
            };
            self.play(self.county.establishment, Role::EoCounty, &command).await?;
        }
        Ok(())
    }
}

/// 柳汀镇 assigns its items to its offices.
pub(super) async fn allocations(stage: &Stage<'_>) -> Outcome<()> {
    let list = stage.list("329921100").await?;
    let org: OrgUnitId = stage.demo.org(stage.province, "柳汀镇")?;
    let offices = territory::store::offices_of(stage.demo.platform.db.read(), &[org], false)
        .await?
        .remove(&org)
        .unwrap_or_default();
    let office = |name: &str| {
        let found = offices.iter().find(|office| office.name == name).map(|office| office.id);
        found.ok_or_else(|| Fault::new("an office of the demo is gone"))
    };
    for (code, lead, assisting) in [
        ("JB-001", "党建工作办公室", None),
        ("JB-002", "党建工作办公室", None),
        ("JB-006", "社会事务办公室", Some("便民服务中心")),
        ("JB-008", "平安法治办公室", None),
        ("JB-012", "村镇建设和生态办公室", None),
        ("JB-014", "应急管理办公室", Some("党政办公室")),
        ("PH-003", "村镇建设和生态办公室", Some("应急管理办公室")),
        ("PH-004", "应急管理办公室", Some("综合行政执法局")),
        ("PH-010", "平安法治办公室", None),
    ] {
        let assisting_office_ids = assisting.map(office).transpose()?.map(|office| vec![office]);
        let (item_id, _) = stage.item(list, code).await?;
        let command =
            AllocateDutyItem { item_id, lead_office_id: office(lead)?, assisting_office_ids, idempotency_key: None };
        stage.play("liuting.qingdan", Role::TownshipListAdmin, &command).await?;
    }
    Ok(())
}
