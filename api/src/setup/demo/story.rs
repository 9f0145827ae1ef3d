//! What happened in the last months: each act through the use cases the API uses.

use super::{
    Demo,
    text::{self, ModelItem},
    world::{DISTRICT_TOWNSHIPS, TOWNSHIPS},
};
use crate::{
    adjustment::{
        rules::{CheckOutcome, LawChangeKind, LegalOutcome},
        service::{
            consulting::{AnswerAdjustmentObjection, CloseAdjustmentConsultation, GiveAdjustmentOpinion},
            deciding::{
                CheckAdjustment, DecideAdjustment, FileAdjustment, ReceiveAdjustment, ReviewAdjustmentLegality,
            },
            law::RegisterLawChange,
            raising::{CreateAdjustment, SignAdjustment, SubmitAdjustment},
        },
    },
    admission::{
        rules::ResourceOutcome,
        service::{
            approving::{DecideAdmissionAtCounty, DecideAdmissionAtProvince, ReviewAdmissionAtCity},
            proposing::{AdmissionContent, CreateAdmission, ResourcePackage, SubmitAdmission},
            reviewing::{
                AdmissionLegalOutcome, AnswerAdmissionObjection, CheckAdmission, CloseAdmissionConsultation,
                GiveAdmissionOpinion, ReceiveAdmission, ReviewAdmissionLegality, ReviewAdmissionResources,
            },
        },
    },
    duty_list::{
        rules::{
            change::{ChangeDirection, ChangeOrigin},
            content::{DepartmentRole, DutyCategory, ItemSource, ReclaimMethod},
        },
        service::{
            allocation::AllocateDutyItem,
            catalogue::CreateItemTemplate,
            content::{ItemContent, ItemDepartment, LegalBasis},
            drafting::{AdoptTemplates, DraftFirstEdition, RemoveDraftItem, UpdateDraftItem},
            incorporation::DraftIncorporation,
            now,
            proposals::ProposedChange,
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
        ids::{AdjustmentId, AdmissionId, DomainId, DutyItemId, DutyListId, OrgUnitId, ProvinceId, VersionId},
        role::Role,
        scope::Scope,
    },
    proceeding::{
        rules::{DecisionOutcome, Stance},
        service::DecisionRecordFacts,
    },
    territory,
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

impl<'a> Stage<'a> {
    async fn new(
        demo: &'a Demo,
        province: ProvinceId,
        establishment: &'static str,
        clerk: &'static str,
    ) -> Outcome<Self> {
        let catalogue = store::lists::catalogue(demo.platform.db.read(), province, false).await?;
        let domains = catalogue.into_iter().map(|domain| (domain.name, domain.id)).collect();
        Ok(Self { demo, province, domains, establishment, clerk })
    }

    fn domain(&self, name: &str) -> Outcome<DomainId> {
        self.domains.get(name).copied().ok_or_else(|| Fault::new(format!("no domain {name} in the demo")).into())
    }

    async fn play<U: crate::kernel::runner::UseCase>(
        &self,
        username: &str,
        role: Role,
        command: &U,
    ) -> Outcome<U::Output> {
        self.demo.play(self.province, username, role, command).await
    }

    fn content(&self, item: &ModelItem, township: &str) -> Outcome<ItemContent> {
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
            tags: None,
        })
    }

    async fn list(&self, township: &str) -> Outcome<DutyListId> {
        let db = self.demo.platform.db.read();
        let place = territory::store::division_by_code(db, township, china_date(self.demo.now())).await?;
        let place = place.ok_or_else(|| Fault::new("a township of the demo is gone"))?;
        let list = store::lists::lists_of(db, &Scope::Everything, &[place.id]).await?.remove(&place.id);
        Ok(list.ok_or_else(|| Fault::new("a township of the demo has no list"))?.id)
    }

    /// The item with this code in force in a list.
    async fn item(&self, list: DutyListId, code: &str) -> Outcome<(DutyItemId, store::items::Revision)> {
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

    async fn draft_item(&self, version: VersionId, code: &str) -> Outcome<DutyItemId> {
        use sea_orm::sea_query::{Expr, ExprTrait};
        let mut select = store::items::select();
        select
            .cond_where(Expr::col(("r", "introduced_version_id")).eq(version.0))
            .cond_where(Expr::col(("i", "code")).eq(code));
        let found = store::items::all(self.demo.platform.db.read(), select).await?.into_iter().next();
        Ok(found.ok_or_else(|| Fault::new(format!("no item {code} in the draft")))?.item)
    }

    fn decision(&self, body: &str, number: &str, meeting: &str) -> DecisionRecordFacts {
        DecisionRecordFacts {
            body: Some(body.into()),
            document_no: Some(number.into()),
            meeting: Some(meeting.into()),
            decided_on: Some(Date(china_date(self.demo.now()))),
        }
    }

    /// A first edition up to its publication.
    async fn first_edition(
        &self,
        prefix: &str,
        township: &str,
        items: &[ModelItem],
        above: &[(&str, Role)],
        decision: DecisionRecordFacts,
    ) -> Outcome<()> {
        let admin = format!("{prefix}.qingdan");
        let role = Role::TownshipListAdmin;
        let draft =
            DraftFirstEdition { notes: Some("根据县级样板清单编制。".into()), idempotency_key: None };
        let version = self.play(&admin, role, &draft).await?;
        self.play(&admin, role, &AdoptTemplates { version_id: version, template_ids: None, idempotency_key: None })
            .await?;
        if !township.ends_with('镇') {
            for item in items.iter().filter(|item| text::localised(&item.name, township) != item.name) {
                let item_id = self.draft_item(version, &item.code).await?;
                let content = self.content(item, township)?;
                self.play(
                    &admin,
                    role,
                    &UpdateDraftItem { version_id: version, item_id, content, ordinal: None, idempotency_key: None },
                )
                .await?;
            }
        }
        if township.ends_with("街道") {
            // A sub-district has no straw to burn and no village roads to mend.
            for code in ["PH-001", "PH-012"] {
                if items.iter().any(|item| item.code == code) {
                    let item_id = self.draft_item(version, code).await?;
                    self.play(&admin, role, &RemoveDraftItem { version_id: version, item_id, idempotency_key: None })
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
        self.play(self.establishment, Role::EoCounty, &review).await?;
        for (username, role) in above {
            let review = ReviewListVersionAbove {
                id: version,
                opinion: opinion.clone(),
                expected_revision: None,
                idempotency_key: None,
            };
            self.play(username, *role, &review).await?;
        }
        let approve = ApproveListVersion { id: version, decision, expected_revision: None, idempotency_key: None };
        self.play(self.clerk, Role::DecisionClerk, &approve).await?;
        let publish =
            PublishListVersion { id: version, effective_from: None, expected_revision: None, idempotency_key: None };
        self.play(self.establishment, Role::EoCounty, &publish).await?;
        Ok(())
    }

    async fn templates(&self, items: &[ModelItem]) -> Outcome<()> {
        for item in items {
            let command = CreateItemTemplate {
                code: item.code.clone(),
                content: self.content(item, "镇")?,
                idempotency_key: None,
            };
            self.play(self.establishment, Role::EoCounty, &command).await?;
        }
        Ok(())
    }
}

/// How far an adjustment of the demonstration has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Until {
    Draft,
    Submitted,
    Checking,
    Returned,
    Consulting,
    Legal,
    Deciding,
    Approved,
    Confirming,
    Incorporated,
    Filed,
}

/// An application of a township in the demonstration.
struct Application<'a> {
    prefix: &'a str,
    code: &'a str,
    title: &'a str,
    domain: &'a str,
    name: &'a str,
    department: &'a str,
    head: &'a str,
    superior: &'a [&'a str],
    township: &'a [&'a str],
    until: Until,
}

impl Stage<'_> {
    fn proposed(&self, application: &Application<'_>) -> Outcome<ItemContent> {
        let said = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
        Ok(ItemContent {
            category: DutyCategory::Cooperative,
            domain_id: self.domain(application.domain)?,
            name: application.name.into(),
            superior_clauses: said(application.superior),
            township_clauses: said(application.township),
            departments: Some(vec![ItemDepartment {
                org_unit_id: self.demo.org(self.province, application.department)?,
                role: DepartmentRole::Lead,
            }]),
            reclaim_method: None,
            method: None,
            legal_bases: None,
            penalty_power: None,
            source: Some(ItemSource::Hotline),
            tags: None,
        })
    }

    async fn apply(&self, application: &Application<'_>) -> Outcome<AdjustmentId> {
        let (prefix, until) = (application.prefix, application.until);
        let list = self.list(application.code).await?;
        let change = ProposedChange {
            direction: ChangeDirection::Add,
            list_ids: Some(vec![list]),
            item_ids: None,
            content: Some(self.proposed(application)?),
            derived_from: None,
        };
        let create = CreateAdjustment {
            title: application.title.into(),
            origin: ChangeOrigin::TownshipApplication,
            reason: "近两年群众诉求集中，乡镇有意愿也有能力配合，申请纳入配合履职事项。".into(),
            law: None,
            document: None,
            law_change_id: None,
            changes: vec![change],
            idempotency_key: None,
        };
        let (admin, role) = (format!("{prefix}.qingdan"), Role::TownshipListAdmin);
        let id = self.play(&admin, role, &create).await?;
        if until == Until::Draft {
            return Ok(id);
        }
        for (suffix, role) in [("shuji", Role::TownshipPartySecretary), ("zhenzhang", Role::TownshipHead)] {
            self.play(
                &format!("{prefix}.{suffix}"),
                role,
                &SignAdjustment { id, expected_revision: None, idempotency_key: None },
            )
            .await?;
        }
        self.play(&admin, role, &SubmitAdjustment { id, expected_revision: None, idempotency_key: None }).await?;
        if until == Until::Submitted {
            return Ok(id);
        }
        self.play(
            self.establishment,
            Role::EoCounty,
            &ReceiveAdjustment { id, expected_revision: None, idempotency_key: None },
        )
        .await?;
        if until == Until::Checking {
            return Ok(id);
        }
        let returned = until == Until::Returned;
        let check = CheckAdjustment {
            id,
            outcome: if returned { CheckOutcome::Return } else { CheckOutcome::Pass },
            reason: returned.then(|| "请补充近两年的诉求数量和拟配置的力量。".into()),
            consulted_org_unit_ids: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.establishment, Role::EoCounty, &check).await?;
        if returned || until == Until::Consulting {
            return Ok(id);
        }
        let objects = until == Until::Filed;
        let opinion = GiveAdjustmentOpinion {
            id,
            stance: if objects { Stance::Object } else { Stance::Agree },
            text: if objects {
                "建议明确检查处罚由部门负责，乡镇只做巡查上报。"
            } else {
                "同意，我局负责培训和处置。"
            }
            .into(),
            capacity: None,
            idempotency_key: None,
        };
        self.play(application.head, Role::DeptHead, &opinion).await?;
        if objects {
            let given = crate::proceeding::store::opinions(self.demo.platform.db.read(), &[id.into()])
                .await?
                .remove(&id.into())
                .unwrap_or_default();
            let opinion_id = given.first().ok_or_else(|| Fault::new("no opinion in the demo"))?.id;
            let answer = "采纳，已在职责条款中明确由部门检查处罚。".to_owned();
            self.play(&admin, role, &AnswerAdjustmentObjection { id, opinion_id, answer, idempotency_key: None })
                .await?;
        }
        let close = CloseAdjustmentConsultation {
            id,
            summary: "已征求牵头部门意见，意见已吸收。".into(),
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.establishment, Role::EoCounty, &close).await?;
        if until == Until::Legal {
            return Ok(id);
        }
        let review = ReviewAdjustmentLegality {
            id,
            outcome: LegalOutcome::Lawful,
            opinion: "符合法定职责和程序要求。".into(),
            expected_revision: None,
            idempotency_key: None,
        };
        self.play("xian.sifa", Role::Legal, &review).await?;
        if until == Until::Deciding {
            return Ok(id);
        }
        let decide = DecideAdjustment {
            id,
            outcome: DecisionOutcome::Approved,
            decision: self.decision("澜溪县委常委会", "澜委〔2026〕41号", "县委常委会第18次会议"),
            reason: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.clerk, Role::DecisionClerk, &decide).await?;
        if until == Until::Approved {
            return Ok(id);
        }
        let version = self
            .play(
                self.establishment,
                Role::EoCounty,
                &DraftIncorporation { list_id: list, notes: None, idempotency_key: None },
            )
            .await?;
        if until == Until::Confirming {
            return Ok(id);
        }
        self.next_version(prefix, version).await?;
        if until == Until::Filed {
            let file = FileAdjustment {
                id,
                document_no: "澜编办发〔2026〕12号".into(),
                expected_revision: None,
                idempotency_key: None,
            };
            self.play(self.establishment, Role::EoCounty, &file).await?;
        }
        Ok(id)
    }

    async fn next_version(&self, prefix: &str, version: VersionId) -> Outcome<()> {
        let confirm = ConfirmListVersion { id: version, expected_revision: None, idempotency_key: None };
        self.play(&format!("{prefix}.zhenzhang"), Role::TownshipHead, &confirm).await?;
        let review = ReviewListVersion { id: version, opinion: None, expected_revision: None, idempotency_key: None };
        self.play(self.establishment, Role::EoCounty, &review).await?;
        let decision = self.decision("澜溪县委常委会", "澜委〔2026〕45号", "县委常委会第19次会议");
        let approve = ApproveListVersion { id: version, decision, expected_revision: None, idempotency_key: None };
        self.play(self.clerk, Role::DecisionClerk, &approve).await?;
        let publish =
            PublishListVersion { id: version, effective_from: None, expected_revision: None, idempotency_key: None };
        self.play(self.establishment, Role::EoCounty, &publish).await?;
        Ok(())
    }
}

/// How far an admission of the demonstration has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Climb {
    Draft,
    Submitted,
    Consulting,
    Reviewing,
    County,
    City,
    Province,
    Refused,
}

/// A department's proposal in the demonstration.
struct Proposal<'a> {
    head: &'a str,
    department: &'a str,
    townships: &'a [&'a str],
    domain: &'a str,
    name: &'a str,
    superior: &'a [&'a str],
    township: &'a [&'a str],
    climb: Climb,
}

impl Stage<'_> {
    async fn propose(&self, proposal: &Proposal<'_>) -> Outcome<AdmissionId> {
        let mut lists = Vec::new();
        for code in proposal.townships {
            lists.push(self.list(code).await?);
        }
        let item = Application {
            prefix: "",
            code: "",
            title: "",
            domain: proposal.domain,
            name: proposal.name,
            department: proposal.department,
            head: proposal.head,
            superior: proposal.superior,
            township: proposal.township,
            until: Until::Draft,
        };
        let change = ProposedChange {
            direction: ChangeDirection::Add,
            list_ids: Some(lists),
            item_ids: None,
            content: Some(self.proposed(&item)?),
            derived_from: None,
        };
        let today = china_date(self.demo.now());
        let content = AdmissionContent {
            title: format!("关于将“{}”纳入乡镇配合履职事项的申请", proposal.name),
            origin: ChangeOrigin::DepartmentProposal,
            reason: "按照部门职责分工，需乡镇协助摸排情况。".into(),
            document: None,
            necessity: "点多面广，部门难以及时掌握基层动态。".into(),
            inability: "部门编制有限，现有力量只能覆盖重点单位。".into(),
            special_explanation: None,
            capacity_assessment: "每乡镇每月约2人次，可由现有网格员兼顾。".into(),
            resources: Some(ResourcePackage {
                powers: None,
                posts: Some("每乡镇增加1名专职协管员".into()),
                money: Some("每乡镇每年3万元工作经费".into()),
                equipment: None,
                training: Some("每季度集中培训一次".into()),
            }),
            no_resources_reason: None,
            intended_start: Some(Date(self.demo.platform.calendar().working_day(today, 60))),
            sunset_on: None,
            penalty_decision_no: None,
            changes: vec![change],
        };
        let (head, role) = (proposal.head, Role::DeptHead);
        let id = self.play(head, role, &CreateAdmission { content, idempotency_key: None }).await?;
        if proposal.climb == Climb::Draft {
            return Ok(id);
        }
        self.play(head, role, &SubmitAdmission { id, expected_revision: None, idempotency_key: None }).await?;
        if proposal.climb == Climb::Submitted {
            return Ok(id);
        }
        self.play(
            self.establishment,
            Role::EoCounty,
            &ReceiveAdmission { id, expected_revision: None, idempotency_key: None },
        )
        .await?;
        let check = CheckAdmission {
            id,
            outcome: DecisionOutcome::Approved,
            reason: None,
            consultation_days: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.establishment, Role::EoCounty, &check).await?;
        self.heard(id, proposal).await?;
        if proposal.climb == Climb::Consulting {
            return Ok(id);
        }
        let close = CloseAdmissionConsultation {
            id,
            summary: "已听取全部乡镇意见，反对意见已逐条答复。".into(),
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.establishment, Role::EoCounty, &close).await?;
        let legal = ReviewAdmissionLegality {
            id,
            outcome: AdmissionLegalOutcome::Lawful,
            opinion: "不涉及行政处罚，程序合规。".into(),
            idempotency_key: None,
        };
        self.play("xian.sifa", Role::Legal, &legal).await?;
        if proposal.climb == Climb::Reviewing {
            return Ok(id);
        }
        let resources = ReviewAdmissionResources {
            id,
            outcome: ResourceOutcome::Sufficient,
            opinion: "经费已列入年度预算。".into(),
            idempotency_key: None,
        };
        self.play("xian.caizheng", Role::Finance, &resources).await?;
        if proposal.climb == Climb::County {
            return Ok(id);
        }
        let county = DecideAdmissionAtCounty {
            id,
            outcome: DecisionOutcome::Approved,
            decision: self.decision("澜溪县委常委会", "澜委〔2026〕43号", "县委常委会第18次会议"),
            reason: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.clerk, Role::DecisionClerk, &county).await?;
        if proposal.climb == Climb::City {
            return Ok(id);
        }
        let city = ReviewAdmissionAtCity {
            id,
            outcome: DecisionOutcome::Approved,
            reason: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play("shi.bianban", Role::EoCity, &city).await?;
        if proposal.climb == Climb::Province {
            return Ok(id);
        }
        let province = DecideAdmissionAtProvince {
            id,
            outcome: DecisionOutcome::Rejected,
            decision: self.decision("江苏省委机构编制委员会办公室", "苏编办函〔2026〕77号", "主任办公会"),
            reason: Some("该事项已列入上级部门收回事项，专业性强，不宜再交由乡镇承担。".into()),
            expected_revision: None,
            idempotency_key: None,
        };
        self.play("sheng.bianban", Role::EoProvince, &province).await?;
        Ok(id)
    }

    /// Townships answer; while the consultation goes on the last one has not.
    async fn heard(&self, id: AdmissionId, proposal: &Proposal<'_>) -> Outcome<()> {
        let names: Vec<(&str, &str)> = TOWNSHIPS.iter().map(|(code, _, prefix)| (*code, *prefix)).collect();
        let silent = usize::from(proposal.climb == Climb::Consulting);
        let speaking = proposal.townships.len().saturating_sub(silent);
        for (index, code) in proposal.townships.iter().take(speaking).enumerate() {
            let prefix = names.iter().find(|(known, _)| known == code).map_or("", |(_, prefix)| prefix);
            let objects = index == 0;
            let opinion = GiveAdmissionOpinion {
                id,
                stance: if objects { Stance::Object } else { Stance::Conditional },
                text: if objects {
                    "专业性强，乡镇没有检查能力，也没有执法资格。"
                } else {
                    "在配齐人员和经费的前提下可以配合。"
                }
                .into(),
                capacity: Some("现有网格员12名，均已满负荷。".into()),
                idempotency_key: None,
            };
            self.play(&format!("{prefix}.fenguan"), Role::TownshipLeader, &opinion).await?;
        }
        let given = crate::proceeding::store::opinions(self.demo.platform.db.read(), &[id.into()])
            .await?
            .remove(&id.into())
            .unwrap_or_default();
        for opinion in given.into_iter().filter(|opinion| opinion.wants_answer() && silent == 0) {
            let answer = AnswerAdmissionObjection {
                id,
                opinion_id: opinion.id,
                answer: "乡镇只负责摸排和上报，检查处置由我局负责，并配备协管员。".into(),
                idempotency_key: None,
            };
            self.play(proposal.head, Role::DeptHead, &answer).await?;
        }
        Ok(())
    }
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

/// 柳汀镇 assigns its items to its offices.
async fn allocations(stage: &Stage<'_>) -> Outcome<()> {
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

/// Where the admissions of the demonstration apply.
const PROPOSED_FOR: [&str; 3] = ["329921100", "329921101", "329921102"];

/// What the province refused: a reclaimed matter that was to come back.
async fn refused_admission(stage: &Stage<'_>) -> Outcome<()> {
    let refused = Proposal {
        head: "weijian",
        department: "县卫生健康委",
        townships: &PROPOSED_FOR,
        domain: "卫生健康",
        name: "托育机构日常巡查",
        superior: &["制定巡查标准", "对违规机构依法处理"],
        township: &["每月巡查辖区托育机构", "复核整改情况并上报"],
        climb: Climb::Refused,
    };
    stage.propose(&refused).await?;
    Ok(())
}

async fn admissions(stage: &Stage<'_>) -> Outcome<()> {
    for (head, department, domain, name, township, climb) in [
        ("shangwu", "县商务局", "商贸流通", "成品油零售点摸排", &["摸排辖区流动加油点线索并上报"][..], Climb::Province),
        ("chengguan", "县城市管理局", "城乡建设", "户外广告设施安全提醒", &["提醒业主自查户外广告设施"], Climb::City),
        ("shuiwu", "县水务局", "生态环保", "农村供水管网巡线", &["巡查入户管网，发现漏损上报"], Climb::County),
        (
            "jiaotong",
            "县交通运输局",
            "交通运输",
            "乡村渡口安全巡查",
            &["巡查渡口警示标识，发现隐患上报"],
            Climb::Reviewing,
        ),
        (
            "shijian",
            "县市场监督管理局",
            "市场监管",
            "电动自行车销售点摸排",
            &["摸排辖区销售点底数并上报"],
            Climb::Consulting,
        ),
        ("minzheng", "县民政局", "民生服务", "殡葬服务场所巡查", &["发现违规修建公墓线索及时上报"], Climb::Submitted),
        ("ziran", "县自然资源和规划局", "自然资源", "测量标志点看护", &["看护测量标志点，发现损毁上报"], Climb::Draft),
    ] {
        let superior = ["制定工作标准并组织培训", "核查线索并依法处置"];
        let proposal =
            Proposal { head, department, townships: &PROPOSED_FOR, domain, name, superior: &superior, township, climb };
        stage.propose(&proposal).await?;
        stage.demo.pass(1);
    }
    Ok(())
}

async fn adjustments(stage: &Stage<'_>) -> Outcome<()> {
    let superior = ["制定标准并组织培训", "检查、处置和处罚"];
    for (prefix, code, domain, name, department, head, township, until) in [
        (
            "liuting",
            "329921100",
            "应急管理及消防",
            "农村家庭加油点安全提醒",
            "县应急管理局",
            "yingji",
            &["开展安全宣传提醒", "发现隐患上报"][..],
            Until::Filed,
        ),
        (
            "wanghu",
            "329921002",
            "城乡建设",
            "老旧小区楼道堆物劝导",
            "县城市管理局",
            "chengguan",
            &["组织社区劝导清理", "拒不清理的上报"],
            Until::Incorporated,
        ),
        (
            "dadun",
            "329921107",
            "生态环保",
            "小微水体漂浮物发现上报",
            "县水务局",
            "shuiwu",
            &["组织网格员巡查", "发现异常上报"],
            Until::Confirming,
        ),
        ("dongwei", "329921106", "农村养殖", "", "", "", &[], Until::Draft),
        (
            "hedang",
            "329921105",
            "市场监管",
            "农村集市食品摊点登记提醒",
            "县市场监督管理局",
            "shijian",
            &["提醒摊主登记", "登记信息上报"],
            Until::Deciding,
        ),
        (
            "qingtuo",
            "329921104",
            "交通运输",
            "农村平交路口安全提醒",
            "县交通运输局",
            "jiaotong",
            &["排查路口隐患", "设置简易警示并上报"],
            Until::Legal,
        ),
        (
            "hewan",
            "329921103",
            "城乡建设",
            "农村燃气壁挂炉使用提醒",
            "县住房和城乡建设局",
            "zhujian",
            &["开展入户提醒", "发现隐患上报"],
            Until::Consulting,
        ),
        (
            "shuangqiao",
            "329921102",
            "民生服务",
            "独居老人安全走访",
            "县民政局",
            "minzheng",
            &["每月走访独居老人", "异常情况上报"],
            Until::Checking,
        ),
        (
            "yanwan",
            "329921108",
            "应急管理及消防",
            "渔船停泊点防火提醒",
            "县消防救援大队",
            "xiaofang",
            &["开展防火提醒", "发现火险上报"],
            Until::Returned,
        ),
        (
            "shicha",
            "329921101",
            "社会管理",
            "农村快递末端网点安全提醒",
            "县公安局",
            "gongan",
            &["提醒实名收寄", "可疑情况上报"],
            Until::Submitted,
        ),
    ] {
        let application = if name.is_empty() {
            Application {
                prefix,
                code,
                title: "东圩镇关于协助开展水产养殖尾水巡查的申请",
                domain: "生态环保",
                name: "水产养殖尾水排放发现上报",
                department: "县农业农村局",
                head: "nongye",
                superior: &superior,
                township: &["巡查养殖塘口排水情况", "发现异常上报"],
                until: Until::Approved,
            }
        } else {
            Application {
                prefix,
                code,
                title: name,
                domain,
                name,
                department,
                head,
                superior: &superior,
                township,
                until,
            }
        };
        stage.apply(&application).await?;
        stage.demo.pass(2);
    }
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
