//! The first edition of a list: drafted by the township, reviewed jointly up to the province, published by the county.

mod findings;
mod once;
mod review;

use yidan_tests::{
    ground::{Ground, texts, with},
    prelude::*,
};

/// A county with a township that has no list yet.
struct County {
    ground: Ground,
    township: Township,
    fire: Org,
    housing: Org,
}

const AID: &str = "受理临时救助申请并入户核实";
const SHOPS: &str = "九小场所消防安全治理";
const WALLS: &str = "既有建筑玻璃幕墙安全管理";

async fn county(world: &World) -> County {
    let ground = world.ground().await;
    let township = ground.township("320102002").await;
    let (fire, housing) = (ground.department("消防救援大队").await, ground.department("住房和城乡建设局").await);
    County { ground, township, fire, housing }
}

impl County {
    /// A draft with one item of each category.
    async fn drafted(&self) -> String {
        let ground = &self.ground;
        let items = [ground.basic(AID), ground.cooperative(SHOPS, &self.fire), ground.reclaimed(WALLS, &self.housing)];
        ground.draft(&self.township, &items).await
    }

    async fn list_admin(&self) -> Client {
        self.township.person(Role::TownshipListAdmin).await
    }

    async fn head(&self) -> Client {
        self.township.person(Role::TownshipHead).await
    }

    /// What the township sees of a version.
    async fn seen(&self, version: &str, selection: &str) -> Value {
        self.list_admin().await.see("ListVersion", version, selection).await
    }

    /// The item with this name in a version.
    async fn item(&self, version: &str, name: &str) -> String {
        let items = self.seen(version, "items(first: 100) { nodes { name item { id } } }").await;
        let items = items["items"]["nodes"].as_array().unwrap();
        let found = items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        found["item"]["id"].as_str().unwrap().to_owned()
    }
}

/// What anybody sees of the township's list by its code.
const BY_CODE: &str = "query($code: String!) { dutyList(townshipCode: $code) { id version { versionNo state \
                       counts { basic cooperative reclaimed total } contentHash decisions { documentNo } } \
                       items { totalCount } } }";
