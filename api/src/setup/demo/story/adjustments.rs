//! What townships applied for.

use super::Stage;
use crate::{
    adjustment::{
        rules::{CheckOutcome, LegalOutcome},
        service::{
            consulting::{AnswerAdjustmentObjection, CloseAdjustmentConsultation, GiveAdjustmentOpinion},
            deciding::{
                CheckAdjustment, DecideAdjustment, FileAdjustment, ReceiveAdjustment, ReviewAdjustmentLegality,
            },
            raising::{CreateAdjustment, SignAdjustment, SubmitAdjustment},
        },
    },
    duty_list::{
        rules::{
            change::{ChangeDirection, ChangeOrigin},
            content::{DepartmentRole, DutyCategory, ItemSource},
        },
        service::{
            content::{ItemContent, ItemDepartment},
            incorporation::DraftIncorporation,
            proposals::ProposedChange,
            review::{ApproveListVersion, ConfirmListVersion, PublishListVersion, ReviewListVersion},
        },
    },
    kernel::{
        fault::{Fault, Outcome},
        ids::{AdjustmentId, VersionId},
        role::Role,
    },
    proceeding::rules::{DecisionOutcome, Stance},
};

/// How far an adjustment of the demonstration has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Until {
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
pub(super) struct Application<'a> {
    pub(super) prefix: &'a str,
    pub(super) code: &'a str,
    pub(super) title: &'a str,
    pub(super) domain: &'a str,
    pub(super) name: &'a str,
    pub(super) department: &'a str,
    pub(super) head: &'a str,
    pub(super) superior: &'a [&'a str],
    pub(super) township: &'a [&'a str],
    pub(super) until: Until,
}

impl Stage<'_> {
    pub(super) fn proposed(&self, application: &Application<'_>) -> Outcome<ItemContent> {
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

    pub(super) async fn apply(&self, application: &Application<'_>) -> Outcome<AdjustmentId> {
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

    pub(super) async fn next_version(&self, prefix: &str, version: VersionId) -> Outcome<()> {
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

pub(super) async fn adjustments(stage: &Stage<'_>) -> Outcome<()> {
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
