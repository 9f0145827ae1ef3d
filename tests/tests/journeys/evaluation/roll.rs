//! Who votes on whom.

use std::collections::BTreeSet;

use yidan_tests::{evaluation::SeededItem, prelude::*};

use super::county;

on_both! {
    async fn only_a_shared_cooperative_item_lets_a_department_rate_a_township(world: World) {
        let county = county(&world, 2).await;
        let stranger = county.seat.department("气象局").await;
        let head = county.townships[0].person(Role::TownshipHead).await;
        let (bureau, health) = (county.bureau.person(Role::DeptHead).await, county.health.person(Role::DeptHead).await);
        let outsider = stranger.person(Role::DeptHead).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        let subjects = |papers: Vec<yidan_tests::evaluation::Paper>| {
            let mut all: Vec<String> = papers.into_iter().map(|paper| paper.subject).collect();
            all.sort();
            all
        };
        let mut departments = vec![county.bureau.id.to_string(), county.health.id.to_string()];
        departments.sort();
        assert_eq!(subjects(head.claim(&round).await), departments);
        // Only one township has anybody who could vote, both have a list and are rated.
        let mut townships: Vec<String> = county.townships.iter().map(|township| township.org.id.to_string()).collect();
        townships.sort();
        assert_eq!(subjects(bureau.claim(&round).await), townships);
        assert_eq!(health.try_claim(&round).await.refused(), "FORBIDDEN", "a reclaimed item gives no vote on the township");
        assert_eq!(outsider.try_claim(&round).await.refused(), "NOT_FOUND", "no dealing, no round");
    }

    async fn who_was_heard_about_a_township_is_rated_by_it_and_who_left_its_list_is_not(world: World) {
        let county = county(&world, 2).await;
        let department = async |name: &str| county.seat.department(name).await;
        let (heard, guide) = (department("水务局").await, department("民政局").await);
        let (gone, coming) = (department("商务局").await, department("数据局").await);
        world.consultation(&county.seat, &county.townships[0], &[&heard]).await;
        let fourth = county.seat.township("320102008").await;
        let items = [
            SeededItem::new("COOPERATIVE", &guide, "GUIDE"),
            SeededItem::new("COOPERATIVE", &gone, "LEAD").to(TimeDelta::seconds(-1)),
            SeededItem::new("COOPERATIVE", &coming, "LEAD").from(TimeDelta::days(1)),
            SeededItem::new("BASIC", &county.bureau, "GUIDE"),
        ];
        county.seat.list_in_force(&world, &fourth, &items).await;
        let other = fourth.person(Role::TownshipHead).await;
        let head = county.townships[0].person(Role::TownshipHead).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        let subjects = async |client: &Client| -> BTreeSet<String> {
            client.claim(&round).await.into_iter().map(|paper| paper.subject).collect()
        };
        let ids = |all: &[&Org]| -> BTreeSet<String> { all.iter().map(|org| org.id.to_string()).collect() };
        assert_eq!(subjects(&head).await, ids(&[&county.bureau, &county.health, &heard]));
        assert_eq!(subjects(&other).await, ids(&[&guide]), "in force now, cooperative or reclaimed");
    }

    async fn a_township_sends_its_heads_and_at_most_seven(world: World) {
        let county = county(&world, 1).await;
        let staff = county.voters(0, 12).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        let mut drawn = 0;
        for (index, person) in staff.iter().enumerate() {
            let claimed = person.try_claim(&round).await;
            let on_roll = claimed.answer.user_error_codes("claimBallots").is_empty();
            drawn += usize::from(on_roll);
            assert!(on_roll || (index >= 2 && claimed.refused() == "FORBIDDEN"), "the heads are always among them");
        }
        assert_eq!(drawn, 7);
        let office = county.seat.assessment().await;
        let seen = office.round(&round, "participation { voters issued organisation { id } }").await["participation"].clone();
        let mine = seen.as_array().unwrap().iter().find(|entry| entry["organisation"]["id"] == county.townships[0].org.id.to_string());
        assert_eq!(mine.map(|entry| (&entry["voters"], &entry["issued"])), Some((&json!(7), &json!(7))));
    }

    async fn nobody_rates_an_organisation_of_their_own(world: World) {
        let county = county(&world, 1).await;
        let (township, bureau) = (&county.townships[0].org, &county.bureau);
        let both = world.enrol(&[(township, Role::TownshipHead), (bureau, Role::DeptOfficer)], false).await;
        let both = world.visitor().logged_in(both).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        let papers = both.claim(&round).await;
        assert_eq!(papers.iter().map(|paper| paper.subject.clone()).collect::<Vec<_>>(), [county.health.id.to_string()]);
    }

    async fn without_lists_or_people_a_round_does_not_open(world: World) {
        let county = county(&world, 1).await;
        let round = county.seat.plan_round(2026, "FIRST").await;
        let refusal = county.seat.office_act("openEvaluation", &round).await.refusal();
        assert_eq!((&refusal["code"], &refusal["path"]), (&json!("INVALID_INPUT"), &json!(["input", "id"])));
        county.voters(0, 1).await;
        county.seat.office_act("openEvaluation", &round).await.done();
    }

    async fn rounds_of_an_authority_run_one_after_the_other(world: World) {
        let county = county(&world, 1).await;
        county.voters(0, 1).await;
        let first = county.seat.open_round(2026, "FIRST").await;
        let earlier = county.seat.plan_round(2025, "SECOND").await;
        assert_eq!(county.seat.office_act("openEvaluation", &earlier).await.refused(), "FORBIDDEN");
        county.seat.tally(&world, &first).await;
        county.seat.office_act("publishEvaluation", &first).await.done();
        assert_eq!(county.seat.office_act("openEvaluation", &earlier).await.refused(), "FORBIDDEN", "a later one has been");
    }

    async fn a_zone_evaluates_its_own_townships(world: World) {
        let county = county(&world, 2).await;
        let mut zone = county.seat.province().zone("320102", "玄武高新区管委会", DivisionLevel::County).await;
        let office = zone.own_office(OrgKind::AssessmentOffice, "玄武高新区考核办").await;
        let admin = county.seat.province().admin().await;
        let input = json!({ "divisionId": county.townships[1].division.id, "committeeId": zone.authority.id });
        admin.act("assignTownshipToZone", input, "division { id }").await.done();
        let (in_county, in_zone) = (county.townships[0].person(Role::TownshipHead).await, county.townships[1].person(Role::TownshipHead).await);
        let of_county = county.seat.open_round(2026, "FIRST").await;
        let assessment = office.person(Role::Assessment).await;
        let planned = assessment.act("planEvaluation", json!({ "year": 2026, "half": "FIRST" }), "round { id authority { id } }").await.done();
        assert_eq!(planned["round"]["authority"]["id"], zone.authority.id.to_string());
        let of_zone = planned["round"]["id"].as_str().unwrap().to_owned();
        assessment.act("openEvaluation", json!({ "id": of_zone }), "round { id }").await.done();
        assert_eq!(in_county.claim(&of_county).await.len(), 2);
        assert_eq!(in_zone.claim(&of_zone).await.len(), 2);
        assert_eq!(in_zone.try_claim(&of_county).await.refused(), "NOT_FOUND");
        assert_eq!(in_county.try_claim(&of_zone).await.refused(), "NOT_FOUND");
    }
}
