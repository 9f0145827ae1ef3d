//! Walks through what a client does, against the demonstration: `YIDAN_URL`, or http://127.0.0.1:8080.

mod listening;
mod questions;
mod session;

use std::{sync::Arc, thread, time::Duration};

use cynic::{MutationBuilder, QueryBuilder};

use questions::{
    ChangeDirection, ChangeOrigin, CreateAdjustmentInput, Draft, DraftVariables, Obligations, PageVariables,
    ProposedChangeInput, Receive, ReceiveAdmissionInput, ReceiveVariables, Refusal, Waiting,
};
use session::{Failure, NotLetIn, Session};

const PROVINCE: &str = "320000";
const PASSWORD: &str = "Yidan-demo-2026";

fn enter(username: &str, password: &str) -> Result<Session, Failure> {
    let base = std::env::var("YIDAN_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".into());
    Session::login(&format!("{base}/graphql"), PROVINCE, username, password)
}

fn main() -> Result<(), Failure> {
    log_in()?;
    page()?;
    refusal()?;
    listen()
}

fn log_in() -> Result<(), Failure> {
    match enter("zhujian", "wrong") {
        Err(failure) if failure.is::<NotLetIn>() => println!("登录被拒 refused: {failure}"),
        Err(failure) => return Err(failure),
        Ok(_) => return Err("a wrong password was taken".into()),
    }
    Ok(())
}

/// Every page of a connection, one after the other: 20 rows unless you ask, 100 at most.
fn page() -> Result<(), Failure> {
    let session = enter("zhujian", PASSWORD)?;
    let (mut after, mut count) = (None, 0);
    loop {
        let page = session.ask(&Obligations::build(PageVariables { first: 40, after }))?.obligations;
        if let Some(first) = page.nodes.first().filter(|_| count == 0) {
            println!("责任事项 owes: {} {} {}", first.township.name, first.item.code, first.item.name);
        }
        count += page.nodes.len();
        after = page.page_info.end_cursor;
        if !page.page_info.has_next_page {
            println!("责任事项 owes in all: {count} of {}", page.total_count);
            break;
        }
    }
    // The server says 401; the session exchanges its refresh token and asks again.
    session.spoil();
    let again = session.ask(&Obligations::build(PageVariables { first: 1, after: None }))?;
    println!("令牌已更新 after a refresh: {}", again.obligations.total_count);
    Ok(())
}

/// What the rules refuse is data; only what is wrong with the request, the log-in or the server is a failure.
fn refusal() -> Result<(), Failure> {
    let session = enter("liuting.qingdan", PASSWORD)?;
    let input = CreateAdjustmentInput {
        title: "县商务局要求各镇摸排消费券商户".into(),
        origin: ChangeOrigin::DepartmentProposal,
        reason: "部门来文要求".into(),
        changes: vec![ProposedChangeInput { direction: ChangeDirection::Add }],
    };
    for refusal in session.ask(&Draft::build(DraftVariables { input }))?.create_adjustment.user_errors {
        match refusal {
            Refusal::RouteMismatch(refusal) => println!("不予受理 refused: → {:?}", refusal.correct_route),
            Refusal::Other(refusal) => println!("不予受理 refused: {:?} {}", refusal.code, refusal.message),
        }
    }
    Ok(())
}

fn listen() -> Result<(), Failure> {
    let session = Arc::new(enter("xian.bianban", PASSWORD)?);
    let mut events = listening::over_events(&session, None)?;
    let over_socket = thread::spawn({
        let session = Arc::clone(&session);
        move || listening::over_socket(&session, None)
    });
    thread::sleep(Duration::from_secs(1));

    let waiting = session.ask(&Waiting::build(()))?.admissions.nodes;
    let Some(request) = waiting.into_iter().next() else {
        println!("没有待受理的申请 nothing waits to be received");
        return Ok(());
    };
    // Sent again with its key, nothing is done again; with the revision, nothing is done to what has changed meanwhile.
    let input = ReceiveAdmissionInput {
        idempotency_key: Some(format!("receive-{}", request.id.inner())),
        expected_revision: Some(request.revision),
        id: request.id,
    };
    let received = session.ask(&Receive::build(ReceiveVariables { input }))?.receive_admission;
    println!("已受理 received: {} {:?}", received.admission.map_or(request.number, |one| one.number), received.user_errors);
    let change = events.next().ok_or("the connection ended")??;
    println!("待办变化 over SSE: {} {} {}", change.at.0, change.entry.proceeding.number, change.cursor);
    let change = over_socket.join().map_err(|_| "the listener panicked")??;
    println!("待办变化 over WebSocket: {} {}", change.at.0, change.entry.proceeding.number);
    Ok(())
}
