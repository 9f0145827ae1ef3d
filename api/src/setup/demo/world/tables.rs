//! Names: places, organisations, posts, people.

use crate::kernel::{place::OrgKind, role::Role};

/// Code of the fictional municipality.
pub const MUNICIPALITY: &str = "980000";
pub(super) const JIANGSU: &str = "320000";
pub(super) const CITY: &str = "329900";
/// Code of 澜溪县.
pub const COUNTY: &str = "329921";
pub(super) const DISTRICT: &str = "980101";

/// Townships of 澜溪县: code, name, user-name prefix.
pub const TOWNSHIPS: [(&str, &str, &str); 14] = [
    ("329921001", "澜城街道", "lancheng"),
    ("329921002", "望湖街道", "wanghu"),
    ("329921003", "新港街道", "xingang"),
    ("329921100", "柳汀镇", "liuting"),
    ("329921101", "石汊镇", "shicha"),
    ("329921102", "双桥镇", "shuangqiao"),
    ("329921103", "河湾镇", "hewan"),
    ("329921104", "青坨镇", "qingtuo"),
    ("329921105", "荷荡镇", "hedang"),
    ("329921106", "东圩镇", "dongwei"),
    ("329921107", "大墩镇", "dadun"),
    ("329921108", "盐湾镇", "yanwan"),
    ("329921200", "芦滩乡", "lutan"),
    ("329921201", "葭滩乡", "jiatan"),
];

/// Departments of 澜溪县: name, name in daily use, user name of the head.
pub const DEPARTMENTS: [(&str, &str, &str); 17] = [
    ("中共澜溪县委组织部", "县委组织部", "zuzhi"),
    ("中共澜溪县委社会工作部", "县委社会工作部", "shegong"),
    ("澜溪县公安局", "县公安局", "gongan"),
    ("澜溪县交通运输局", "县交通运输局", "jiaotong"),
    ("澜溪县商务局", "县商务局", "shangwu"),
    ("澜溪县民政局", "县民政局", "minzheng"),
    ("澜溪县人力资源和社会保障局", "县人力资源和社会保障局", "renshe"),
    ("澜溪县自然资源和规划局", "县自然资源和规划局", "ziran"),
    ("平澜市澜溪生态环境局", "平澜市澜溪生态环境局", "shengtai"),
    ("澜溪县住房和城乡建设局", "县住房和城乡建设局", "zhujian"),
    ("澜溪县城市管理局", "县城市管理局", "chengguan"),
    ("澜溪县水务局", "县水务局", "shuiwu"),
    ("澜溪县农业农村局", "县农业农村局", "nongye"),
    ("澜溪县卫生健康委员会", "县卫生健康委", "weijian"),
    ("澜溪县应急管理局", "县应急管理局", "yingji"),
    ("澜溪县市场监督管理局", "县市场监督管理局", "shijian"),
    ("澜溪县消防救援大队", "县消防救援大队", "xiaofang"),
];

/// An office: kind, name, name in daily use, people (user name, role).
pub(super) type Office = (OrgKind, &'static str, &'static str, &'static [(&'static str, Role)]);

/// Offices of 澜溪县 beside the departments.
pub(super) const COUNTY_OFFICES: [Office; 10] = [
    (
        OrgKind::EstablishmentOffice,
        "中共澜溪县委机构编制委员会办公室",
        "县委编办",
        &[("xian.bianban", Role::EoCounty), ("xian.bianban2", Role::EoCounty)],
    ),
    (
        OrgKind::GeneralOffice,
        "澜溪县委办公室、县政府办公室",
        "县两办",
        &[("xian.liangban", Role::DecisionClerk), ("xian.liangban2", Role::DecisionClerk)],
    ),
    (OrgKind::Justice, "澜溪县司法局", "县司法局", &[("xian.sifa", Role::Legal), ("sifa", Role::DeptHead)]),
    (OrgKind::Finance, "澜溪县财政局", "县财政局", &[("xian.caizheng", Role::Finance), ("caizheng", Role::DeptHead)]),
    (OrgKind::AssessmentOffice, "澜溪县考核工作委员会办公室", "县考核办", &[("xian.kaohe", Role::Assessment)]),
    (
        OrgKind::BurdenOffice,
        "澜溪县整治形式主义为基层减负工作办公室",
        "县减负办",
        &[("xian.jianfu", Role::BurdenOfficer)],
    ),
    (OrgKind::DisciplineCommission, "中共澜溪县纪委监委", "县纪委监委", &[("xian.jiwei", Role::Discipline)]),
    (OrgKind::InspectionOffice, "澜溪县委县政府督查室", "县督查室", &[("xian.ducha", Role::Inspector)]),
    (OrgKind::HotlineCentre, "澜溪县12345政务服务便民热线中心", "县12345中心", &[("xian.12345", Role::Dispatcher)]),
    (
        OrgKind::CommitteeGovernment,
        "中共澜溪县委、澜溪县人民政府",
        "县委、县政府",
        &[("xian.lingdao", Role::CountyLeader)],
    ),
];

/// Internal offices of a township.
pub(super) const INTERNAL_OFFICES: [&str; 9] = [
    "党政办公室",
    "党建工作办公室",
    "经济发展办公室",
    "社会事务办公室",
    "平安法治办公室",
    "村镇建设和生态办公室",
    "应急管理办公室",
    "综合行政执法局",
    "便民服务中心",
];

/// Posts of a township: suffix of the user name, role.
pub(super) const TOWNSHIP_POSTS: [(&str, Role); 6] = [
    ("shuji", Role::TownshipPartySecretary),
    ("zhenzhang", Role::TownshipHead),
    ("fenguan", Role::TownshipLeader),
    ("qingdan", Role::TownshipListAdmin),
    ("banshi", Role::TownshipStaff),
    ("banshi2", Role::TownshipStaff),
];

/// Domain classes in their order.
pub(super) const DOMAINS: [&str; 21] = [
    "党的建设",
    "经济发展",
    "民生服务",
    "平安法治",
    "乡村振兴",
    "精神文明建设",
    "社会管理",
    "社会保障",
    "自然资源",
    "生态环保",
    "城乡建设",
    "交通运输",
    "商贸流通",
    "文化和旅游",
    "卫生健康",
    "应急管理及消防",
    "市场监管",
    "教育培训监管",
    "民族宗教",
    "人民武装",
    "综合政务",
];

pub(super) const SURNAMES: [&str; 20] = [
    "赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨", "朱", "秦", "许",
    "何",
];
pub(super) const GIVEN: [&str; 24] = [
    "建华", "志远", "晓梅", "海涛", "文静", "国强", "丽娟", "一鸣", "春燕", "永明", "思源", "雨晴", "立新", "慧敏",
    "长河", "素芬", "启航", "明月", "振宇", "桂兰", "子轩", "若溪", "正平", "亚男",
];

/// A made-up name, the same for the same number.
pub(super) fn person(number: usize) -> String {
    format!("{}{}", SURNAMES[number % SURNAMES.len()], GIVEN[number * 7 % GIVEN.len()])
}

/// A fictional division: level, code, code above, name.
pub(super) type Place<'a> = (i16, &'a str, &'a str, &'a str);

/// Townships of 东屏区: code, name, user-name prefix.
pub const DISTRICT_TOWNSHIPS: [(&str, &str, &str); 4] = [
    ("980101001", "屏山街道", "pingshan"),
    ("980101002", "临湖街道", "linhu"),
    ("980101100", "月浦镇", "yuepu"),
    ("980101101", "沙河镇", "shahe"),
];
