//! What departments proposed.

use super::{Application, Stage, Until};
use crate::setup::demo::world::TOWNSHIPS;
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
        rules::change::{ChangeDirection, ChangeOrigin},
        service::proposals::ProposedChange,
    },
    kernel::{clock::china_date, fault::Outcome, graphql::Date, ids::AdmissionId, role::Role},
    proceeding::rules::{DecisionOutcome, Stance},
};

/// How far an admission of the demonstration has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Climb {
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
pub(super) struct Proposal<'a> {
    pub(super) head: &'a str,
    pub(super) department: &'a str,
    pub(super) townships: &'a [&'a str],
    pub(super) domain: &'a str,
    pub(super) name: &'a str,
    pub(super) superior: &'a [&'a str],
    pub(super) township: &'a [&'a str],
    pub(super) climb: Climb,
}

impl Stage<'_> {
    pub(super) async fn propose(&self, proposal: &Proposal<'_>) -> Outcome<AdmissionId> {
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
    pub(super) async fn heard(&self, id: AdmissionId, proposal: &Proposal<'_>) -> Outcome<()> {
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

/// Where the admissions of the demonstration apply.
pub(super) const PROPOSED_FOR: [&str; 3] = ["329921100", "329921101", "329921102"];

/// What the province refused: a reclaimed matter that was to come back.
pub(super) async fn refused_admission(stage: &Stage<'_>) -> Outcome<()> {
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

pub(super) async fn admissions(stage: &Stage<'_>) -> Outcome<()> {
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
