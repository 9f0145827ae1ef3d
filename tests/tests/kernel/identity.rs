use yidan_tests::prelude::*;

on_both! {
    async fn an_administrator_sees_who_they_are(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let answer = admin.query("{ viewer { post { role } organisation { name kind } } }", json!({})).await.good();
        assert_eq!(answer.data("/viewer/post/role"), "TECHNICAL_ADMIN");
    }
}
