//! What departments proposed.

use chrono::Datelike;

use super::{Application, Stage, Until};
use crate::{
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
        rules::change::{ChangeDirection, ChangeOrigin, IssuerKind},
        service::{proposals::ProposedChange, requests::OriginDocumentFacts},
    },
    kernel::{clock::china_date, fault::Outcome, graphql::Date, ids::AdmissionId, role::Role},
    proceeding::{
        rules::{DecisionOutcome, Stance},
        service::DecisionRecordFacts,
    },
};

/// How far an admission of the demonstration has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Climb {
    Draft,
    Returned,
    Submitted,
    Consulting,
    Reviewing,
    County,
    City,
    Province,
    Refused,
}

/// A department's proposal in the demonstration.
pub(super) struct Proposal<'a> {
    pub(super) head: &'a str,
    pub(super) department: &'a str,
    /// Code of each township, prefix of its people's user names.
    pub(super) townships: &'a [(&'a str, &'a str)],
    pub(super) domain: &'a str,
    pub(super) name: &'a str,
    pub(super) superior: &'a [&'a str],
    pub(super) township: &'a [&'a str],
    /// Number of the city leadership's document, if it is an order and not a department's proposal.
    pub(super) order: Option<u32>,
    pub(super) climb: Climb,
}

impl Stage<'_> {
    pub(super) async fn propose(&self, proposal: &Proposal<'_>) -> Outcome<AdmissionId> {
        let mut lists = Vec::new();
        for (code, _) in proposal.townships {
            lists.push(self.list(code).await?);
        }
        let item = Application {
            place: ("", ""),
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
            origin: if proposal.order.is_some() { ChangeOrigin::CityOrder } else { ChangeOrigin::DepartmentProposal },
            reason: "按照部门职责分工，需乡镇协助摸排情况。".into(),
            document: proposal.order.map(|number| OriginDocumentFacts {
                title: format!("关于做好{}工作的通知", proposal.name),
                number: format!("平委发〔{}〕{number}号", today.year()),
                issuer: "中共平澜市委、平澜市人民政府".into(),
                issuer_kind: IssuerKind::City,
            }),
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
        let role = if proposal.order.is_some() { Role::DecisionClerk } else { Role::DeptHead };
        let head = proposal.head;
        let id = self.play(head, role, &CreateAdmission { content, idempotency_key: None }).await?;
        if proposal.climb == Climb::Draft {
            return Ok(id);
        }
        self.play(head, role, &SubmitAdmission { id, expected_revision: None, idempotency_key: None }).await?;
        if proposal.climb == Climb::Submitted {
            return Ok(id);
        }
        self.play(
            self.county.establishment,
            Role::EoCounty,
            &ReceiveAdmission { id, expected_revision: None, idempotency_key: None },
        )
        .await?;
        let returned = proposal.climb == Climb::Returned;
        let check = CheckAdmission {
            id,
            outcome: if returned { DecisionOutcome::Returned } else { DecisionOutcome::Approved },
            reason: returned.then(|| "请补充乡镇承接能力评估的测算依据。".into()),
            consultation_days: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.county.establishment, Role::EoCounty, &check).await?;
        if returned {
            return Ok(id);
        }
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
        self.play(self.county.establishment, Role::EoCounty, &close).await?;
        let legal = ReviewAdmissionLegality {
            id,
            outcome: AdmissionLegalOutcome::Lawful,
            opinion: "不涉及行政处罚，程序合规。".into(),
            idempotency_key: None,
        };
        self.play(self.county.legal, Role::Legal, &legal).await?;
        if proposal.climb == Climb::Reviewing {
            return Ok(id);
        }
        let resources = ReviewAdmissionResources {
            id,
            outcome: ResourceOutcome::Sufficient,
            opinion: "经费已列入年度预算。".into(),
            idempotency_key: None,
        };
        self.play(self.county.finance, Role::Finance, &resources).await?;
        if proposal.climb == Climb::County {
            return Ok(id);
        }
        let county = DecideAdmissionAtCounty {
            id,
            outcome: DecisionOutcome::Approved,
            decision: self.decision(43, 18),
            reason: None,
            expected_revision: None,
            idempotency_key: None,
        };
        self.play(self.county.clerk, Role::DecisionClerk, &county).await?;
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
            decision: DecisionRecordFacts {
                body: Some("江苏省委机构编制委员会办公室".into()),
                document_no: Some(format!("苏编办函〔{}〕77号", china_date(self.demo.now()).year())),
                meeting: Some("主任办公会".into()),
                decided_on: Some(Date(china_date(self.demo.now()))),
            },
            reason: Some("该事项已列入上级部门收回事项，专业性强，不宜再交由乡镇承担。".into()),
            expected_revision: None,
            idempotency_key: None,
        };
        self.play("sheng.bianban", Role::EoProvince, &province).await?;
        Ok(id)
    }

    /// Townships answer; while the consultation goes on the last one has not.
    pub(super) async fn heard(&self, id: AdmissionId, proposal: &Proposal<'_>) -> Outcome<()> {
        let silent = usize::from(proposal.climb == Climb::Consulting);
        let speaking = proposal.townships.len().saturating_sub(silent);
        for (index, (_, prefix)) in proposal.townships.iter().take(speaking).enumerate() {
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

/// Where the admissions of the demonstration apply.
const PROPOSED_FOR: [(&str, &str); 3] =
    [("329921100", "liuting"), ("329921101", "shicha"), ("329921102", "shuangqiao")];

/// What the province refused: a reclaimed matter that was to come back.
pub(super) async fn refused(stage: &Stage<'_>) -> Outcome<()> {
    let refused = Proposal {
        head: "weijian",
        department: "县卫生健康委",
        townships: &PROPOSED_FOR,
        domain: "卫生健康",
        name: "托育机构日常巡查",
        superior: &["制定巡查标准", "对违规机构依法处理"],
        township: &["每月巡查辖区托育机构", "复核整改情况并上报"],
        order: None,
        climb: Climb::Refused,
    };
    stage.propose(&refused).await?;
    Ok(())
}

/// What is under way in 澜溪县.
pub(super) async fn of_the_county(stage: &Stage<'_>) -> Outcome<()> {
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
        let proposal = Proposal {
            head,
            department,
            townships: &PROPOSED_FOR,
            domain,
            name,
            superior: &superior,
            township,
            order: None,
            climb,
        };
        stage.propose(&proposal).await?;
        stage.demo.pass(1);
    }
    let ordered = Proposal {
        head: "shi.liangban",
        department: "县应急管理局",
        townships: &PROPOSED_FOR,
        domain: "应急管理及消防",
        name: "应急避难场所日常查看",
        superior: &["制定标准并配备设施", "处置隐患"],
        township: &["查看标识和通道，发现损坏上报"],
        order: Some(31),
        climb: Climb::Returned,
    };
    stage.propose(&ordered).await?;
    Ok(())
}

/// What waits in 东屏区 and, since a municipality has no city between, at once at the top.
pub(super) async fn of_the_district(stage: &Stage<'_>) -> Outcome<()> {
    for (head, department, name, township, climb) in [
        ("jianguan", "区建管委", "外墙脱落隐患发现上报", "发现隐患及时上报", Climb::City),
        ("jianguan", "区建管委", "老旧电梯困人先期处置", "安抚被困人员并通知维保单位", Climb::County),
        ("jianguan", "区建管委", "小区配电房巡查提醒", "提醒物业巡查并上报异常", Climb::Reviewing),
        ("minzheng", "区民政局", "社区助餐点走访提醒", "走访提醒并上报异常", Climb::Consulting),
    ] {
        let townships = [("980101100", "yuepu"), ("980101101", "shahe")];
        let superior = ["制定工作标准并组织培训", "核查线索并依法处置"];
        let domain = if head == "minzheng" { "民生服务" } else { "城乡建设" };
        let proposal = Proposal {
            head,
            department,
            townships: &townships,
            domain,
            name,
            superior: &superior,
            township: &[township],
            order: None,
            climb,
        };
        stage.propose(&proposal).await?;
        stage.demo.pass(1);
    }
    Ok(())
}
