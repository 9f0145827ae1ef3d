//! Tests of the room `rules`.

use proptest::prelude::*;

use super::*;

fn ancestor(n: u128, level: DivisionLevel) -> Ancestor {
    Ancestor { id: DivisionId(Uuid::from_u128(n)), level }
}

#[test]
fn the_zone_goes_before_the_county_and_the_county_before_the_prefecture() {
    let full = [ancestor(3, County), ancestor(2, Prefecture), ancestor(1, Province)];
    let zone = OrgUnitId(Uuid::from_u128(9));
    assert_eq!(list_authority(Some(zone), &full), Some(Seat::Zone(zone)));
    assert_eq!(list_authority(None, &full), Some(Seat::Division(full[0].id)));
    // A prefecture without counties, such as 东莞.
    assert_eq!(list_authority(None, &full[1..]), Some(Seat::Division(full[1].id)));
    assert_eq!(list_authority(None, &[]), None);
}

#[test]
fn chains_have_exactly_the_existing_levels_above() {
    let (county, prefecture, province) = (ancestor(3, County), ancestor(2, Prefecture), ancestor(1, Province));
    assert_eq!(review_divisions(County, &[county, prefecture, province]), [prefecture.id, province.id]);
    // A district of a municipality or a directly administered county, such as 济源.
    assert_eq!(review_divisions(County, &[county, province]), [province.id]);
    assert_eq!(review_divisions(Prefecture, &[prefecture, province]), [province.id]);
    // A county-level zone whose committee sits at the prefecture.
    assert_eq!(review_divisions(County, &[prefecture, province]), [prefecture.id, province.id]);
}

#[test]
fn kinds_are_read_off_names() {
    use DivisionKind as K;
    for (level, name, kind) in [
        (Province, "上海市", K::Municipality),
        (Prefecture, "大兴安岭地区", K::Prefecture),
        (County, "神农架林区", K::District),
        (County, "六枝特区", K::District),
        (County, "鄂伦春自治旗", K::AutonomousBanner),
        (County, "济源市", K::CountyCity),
        (Township, "建昌营镇", K::Town),
        (Township, "渔坝满族乡", K::EthnicTownship),
        (Township, "洪格尔苏木", K::Sumu),
    ] {
        assert_eq!(kind_of(level, name), kind, "{name}");
    }
}

#[test]
fn every_kind_belongs_to_one_level() {
    for kind in DivisionKind::ALL {
        let levels: Vec<_> = DivisionLevel::ALL.iter().filter(|level| kind_fits(*kind, **level)).collect();
        assert_eq!(levels.len(), 1, "{kind}");
    }
    assert!(kind_fits(DivisionKind::Municipality, Province) && !kind_fits(DivisionKind::Province, Township));
    // Whatever the name, the kind that is read off it fits.
    for level in DivisionLevel::ALL {
        for name in [
            "香港特别行政区",
            "内蒙古自治区",
            "上海市",
            "恩施自治州",
            "锡林郭勒盟",
            "阿里地区",
            "某县",
            "某旗",
            "某自治旗",
            "某街道",
            "某苏木",
            "某民族乡",
            "某镇",
            "某区公所",
            "某",
        ] {
            assert!(kind_fits(kind_of(*level, name), *level), "{name}");
        }
    }
}

#[test]
fn codes_tell_the_province_and_a_townships_parent() {
    assert!(code_fits(Township, "329921100", "329921") && code_fits(Township, "441900003", "441900"));
    assert!(!code_fits(Township, "419001202", "329921"), "of another province");
    assert!(!code_fits(Township, "320102099", "320104"), "of another county");
    assert!(!code_fits(Township, "320102", "320102") && !code_fits(County, "320102001", "320100"));
    assert!(code_fits(County, "419001", "410000") && !code_fits(County, "419001", "320000"));
    assert!(!code_fits(County, "419001", ""));
}

proptest! {
    #[test]
    fn the_last_reviewer_is_the_province_whenever_there_is_one(present in proptest::collection::vec(any::<bool>(), 2), level in 2i16..=3) {
        let lineage: Vec<Ancestor> = [(3, County, present[0]), (2, Prefecture, present[1]), (1, Province, true)]
            .into_iter()
            .filter(|(.., there)| *there)
            .map(|(n, level, _)| ancestor(n, level))
            .collect();
        let authority = DivisionLevel::from_number(level).unwrap_or(County);
        let chain = review_divisions(authority, &lineage);
        prop_assert_eq!(chain.last().copied(), Some(DivisionId(Uuid::from_u128(1))));
        prop_assert_eq!(chain.len(), lineage.iter().filter(|a| a.level.number() < level).count());
    }
}
