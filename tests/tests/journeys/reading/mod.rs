//! Reading lists: by anybody, by departments, by townships, at any time and as known at any time.

mod bitemporal;
mod mirror;
mod obligations;
mod search;

use yidan_tests::{
    ground::{Ground, texts, with},
    prelude::*,
    procedures::{addition, change},
};

/// A county with two townships whose lists are in force.
struct County {
    ground: Ground,
    townships: [Township; 2],
    fire: Org,
    housing: Org,
    lists: [String; 2],
}

const AID: &str = "受理临时救助申请并入户核实";
const SHOPS: &str = "九小场所消防安全治理";
const BOTTLES: &str = "瓶装液化石油气安全管理";
const GAS: &str = "农村燃气壁挂炉使用提醒";
const WALLS: &str = "既有建筑玻璃幕墙安全管理";

/// Both lists have the fire brigade's shops and the guided aid; the first also the gas and the bottles, the second the
/// walls that housing took over.
async fn county(world: &World) -> County {
    let ground = world.ground().await;
    let (fire, housing) = (ground.department("消防救援大队").await, ground.department("住房和城乡建设局").await);
    let townships = [ground.township("320102002").await, ground.township("320102003").await];
    let guided = with(&ground.basic(AID), &json!({ "departments": [{ "orgUnitId": housing.id, "role": "GUIDE" }] }));
    let shops = ground.cooperative(SHOPS, &fire);
    let named = json!([{ "orgUnitId": housing.id, "role": "LEAD" }, { "orgUnitId": fire.id, "role": "CO_LEAD" }]);
    let gas = with(&ground.cooperative(GAS, &housing), &json!({ "departments": named }));
    let bottles = with(
        &ground.cooperative(BOTTLES, &housing),
        &json!({
            "townshipClauses": ["开展燃气安全宣传", "发现“黑气点”上报"], "tags": ["LPG", "液化气"],
            "legalBases": [{ "instrument": "城镇燃气管理条例", "article": "第五条" }],
        }),
    );
    let first = ground.list(&townships[0], &[guided.clone(), shops.clone(), gas, bottles]).await;
    let walls = ground.reclaimed(WALLS, &housing);
    let second = ground.list(&townships[1], &[guided, shops, walls]).await;
    County { ground, townships, fire, housing, lists: [first, second] }
}

/// A moment as the API takes it.
fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
