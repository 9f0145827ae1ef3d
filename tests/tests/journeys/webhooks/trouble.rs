//! Receivers that hang, redirect inward, ramble or answer 5xx for ever: they cost themselves, and nobody else.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};
use yidan::kernel::outbound::{NoAnswer, Outbound, Reach};
use yidan_tests::{
    prelude::*,
    webhooks::{Manner, Receiver},
};

use super::{rename, told};

on_both! {
    async fn a_receiver_that_hangs_slows_nobody(world: World) {
        let (ground, good, _) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        let admin = ground.province.admin().await;
        let mut bad = Vec::new();
        for manner in [Manner::Hangs, Manner::Hangs, Manner::Rambles, Manner::Says(500, ""), Manner::Redirects(good.url())] {
            let receiver = Receiver::open().await;
            receiver.from_now(manner);
            bad.push((admin.endpoint(None, &receiver, &["RENAME_ORG_UNIT"]).await, receiver));
        }
        world.deliver_in_the_background(async || {
            // Hundreds of messages wait for each of the bad ones.
            for turn in 0..40 {
                rename(&ground, &fire, &format!("消防救援{turn}队")).await;
            }
            bad[0].1.next().await;
            bad[1].1.next().await;
            // Both hang now, and go on hanging for as long as they may. Everything else goes on.
            let mut told = 0;
            while told < 40 {
                told += good.next().await.iter().filter(|message| message.act() == "RENAME_ORG_UNIT").count();
            }
            assert_eq!(told, 40, "a redirection to it is not followed");
            let hung = bad[0].1.taken().len() + bad[1].1.taken().len();
            assert!(hung <= 6, "few of the courier's hands: {hung}");
            let seen = admin.log(&bad[3].0).await;
            assert_eq!(seen["state"], "ACTIVE");
        })
        .await;
    }

    async fn what_a_receiver_did_stands_in_the_log(world: World) {
        world.open_loopback(Duration::from_millis(700));
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let inside = Receiver::open().await;
        let receiver = Receiver::open().await;
        let outcome = async |manner: Manner| {
            receiver.from_now(manner);
            let endpoint = admin.endpoint(None, &receiver, &[]).await;
            let id = admin.act("sendTestWebhook", json!({ "endpointId": endpoint.id }), "webhookDelivery { id }").await;
            let id = id.done()["webhookDelivery"]["id"].clone();
            world.deliver().await;
            let log = admin.log(&endpoint).await;
            let nodes = log["deliveries"]["nodes"].as_array().unwrap();
            let attempt = nodes.iter().find(|node| node["id"] == id).unwrap()["attempts"][0].clone();
            (attempt["outcome"].as_str().unwrap().to_owned(), attempt["status"].clone(), attempt["answer"].clone())
        };
        let (said, status, answer) = outcome(Manner::Redirects(inside.url())).await;
        assert_eq!((said.as_str(), status, answer), ("REJECTED", json!(307), json!(null)));
        assert!(inside.taken().is_empty(), "not followed");
        assert_eq!(outcome(Manner::Hangs).await.0, "TIMED_OUT");
        let (said, status, _) = outcome(Manner::Says(503, "")).await;
        assert_eq!((said.as_str(), status), ("BUSY", json!(503)));
        let (said, _, answer) = outcome(Manner::Rambles).await;
        assert_eq!((said.as_str(), answer.as_str().unwrap().len()), ("DELIVERED", 1024), "a little of it is read");
    }
}

/// The range is opened by the operator of one node and not of another: each looks for itself, at each attempt.
mod closed_ranges {
    use super::*;

    on_both! {
        async fn an_address_is_judged_again_at_each_attempt(world: World) {
            let (ground, receiver, endpoint) = told(&world).await;
            let fire = ground.department("消防救援大队").await;
            world.deliver().await;
            let _ = receiver.taken();
            rename(&ground, &fire, "消防救援支队").await;
            let strict = world.node(yidan_tests::world::Settings::default()).await;
            strict.deliver().await;
            assert!(receiver.taken().is_empty());
            let log = ground.establishment().await.log(&endpoint).await;
            assert_eq!(log["deliveries"]["nodes"][0]["attempts"][0]["outcome"], "FORBIDDEN");
        }
    }
}

/// A receiver of its own authority that answers one caller.
async fn secure(name: &str) -> (u16, Vec<u8>) {
    let key = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = key.cert.der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into()))
        .unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"HTTP/1.1 204 x\r\n\r\n").await;
        }
    });
    (port, certificate.to_vec())
}

#[tokio::test]
async fn a_receiver_proves_who_it_is() {
    let (port, certificate) = secure("hook.example").await;
    let reach = Reach { ranges: vec!["127.0.0.0/8".parse().unwrap()], http: false };
    let calls = |authorities: Vec<Vec<u8>>| {
        let authorities = authorities.into_iter().map(Into::into).collect();
        let mut outbound = Outbound::new(reach.clone(), Duration::from_secs(20), authorities);
        outbound.resolve =
            Arc::new(|_, port| Box::pin(async move { Ok(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))]) }));
        outbound
    };
    let post = async |outbound: &Outbound, name: &str| {
        let url = outbound.reach.url(&format!("https://{name}:{port}/")).unwrap();
        outbound.post(&url, &[], "{}".to_owned()).await.map(|answer| answer.status)
    };
    let trusting = calls(vec![certificate]);
    assert_eq!(post(&trusting, "hook.example").await, Ok(204));
    assert_eq!(post(&trusting, "other.example").await, Err(NoAnswer::Untrusted));
    assert_eq!(post(&calls(vec![]), "hook.example").await, Err(NoAnswer::Untrusted));
}
