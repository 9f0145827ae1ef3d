//! Texts of lists: as long as real ones, and shared as real ones are. Of the items of a township about a tenth are
//! worded for it alone, half of the others follow the county's model items and half the province's catalogue, so that
//! a province of 420,000 items has some 60,000 distinct wordings.

use rand::{Rng, rngs::StdRng};
use yidan::duty_list::rules::content::{Basis, DutyCategory, Wording};

const VERBS: &[&str] =
    &["组织", "开展", "落实", "协助", "配合", "推进", "排查", "宣传", "登记", "上报", "指导", "监督", "核查", "受理"];
const MATTERS: &[&str] = &[
    "燃气安全",
    "秸秆禁烧",
    "自建房安全",
    "消防隐患",
    "河道保洁",
    "防汛抗旱",
    "农村供水",
    "食品安全",
    "养老服务",
    "困难救助",
    "矛盾纠纷",
    "网格巡查",
    "耕地保护",
    "动物防疫",
    "垃圾分类",
    "道路交通",
    "劳动争议",
    "安全生产",
    "森林防火",
    "信访诉求",
    "人居环境",
    "统计调查",
    "退役军人",
    "未成年人保护",
];
const OBJECTS: &[&str] =
    &["线索", "台账", "责任", "预案", "问题清单", "整改措施", "宣传活动", "业务培训", "日常巡查", "信息采集"];
const INSTRUMENTS: &[&str] = &[
    "《中华人民共和国安全生产法》",
    "《中华人民共和国消防法》",
    "《城镇燃气管理条例》",
    "《中华人民共和国土地管理法》",
    "《中华人民共和国食品安全法》",
    "《信访工作条例》",
    "《中华人民共和国大气污染防治法》",
    "《江苏省安全生产条例》",
];

fn pick<'a>(random: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[random.random_range(0..from.len())]
}

/// A sentence of at least so many characters.
fn sentence(random: &mut StdRng, length: usize) -> String {
    let mut text = String::new();
    let mut count = 0;
    while count < length {
        let part = [pick(random, VERBS), pick(random, MATTERS), pick(random, OBJECTS)].concat();
        if count > 0 {
            text.push('，');
        }
        count += part.chars().count() + 1;
        text.push_str(&part);
    }
    text
}

fn clauses(random: &mut StdRng, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| {
            let length = random.random_range(16..95);
            sentence(random, length)
        })
        .collect()
}

/// The wording of an item; `mark` makes it unlike any other.
pub fn wording(random: &mut StdRng, category: DutyCategory, mark: &str) -> Wording {
    let length = random.random_range(8..28);
    let name = format!("{}（{mark}）", sentence(random, length));
    let (superior, township) = match category {
        DutyCategory::Cooperative => (clauses(random, 4), clauses(random, 4)),
        DutyCategory::Basic | DutyCategory::Reclaimed => (Vec::new(), Vec::new()),
    };
    let reclaimed = category == DutyCategory::Reclaimed;
    let basis = Basis {
        instrument: pick(random, INSTRUMENTS).to_owned(),
        article: Some(format!("第{}条", random.random_range(1..90))),
    };
    Wording {
        name,
        superior,
        township,
        method: reclaimed.then(|| sentence(random, 40)),
        bases: vec![basis],
        tags: Vec::new(),
    }
}
