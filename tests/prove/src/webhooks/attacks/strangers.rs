//! The attacks.

use std::net::SocketAddr;

use anyhow::Result;
use kyc_core::{Clock as _, SystemClock};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::Judge;
use super::wire::{Rest, exchange};
use crate::webhooks::requests::{
    CERTIFACE_PEER, Request, Signing, bankly, clearsale, completion, status_update,
};
use crate::webhooks::sender::{ACCEPTED, Answer, Sender, Tally, UNAVAILABLE, many};

const UNAUTHENTICATED: Answer = Answer::Status(401);
const TOO_SLOW: Answer = Answer::Status(408);
const TOO_LARGE: Answer = Answer::Status(413);
const HEADERS_TOO_LARGE: Answer = Answer::Status(431);

/// Sends a request many times, a few at a time.
async fn repeat(to: SocketAddr, count: usize, request: Request) -> Result<Tally> {
    let sender = Sender::new()?;
    many(count, 32, |_| {
        let (sender, request) = (sender.clone(), request.clone());
        async move { sender.post(to, &request).await }
    })
    .await
}

/// Senders who are not who they say they are.
pub(super) async fn forge(judge: &mut Judge) -> Result<()> {
    let (to, now) = (judge.target.address, SystemClock.now().unix_seconds());
    let event = |reference| bankly("token", "DOCUMENT_WAS_PROCESSED", reference);
    let bearer = clearsale("t", "Success", "forged").header("authorization", "Bearer another secret");
    let key = Signing { key: b"another key", ..Signing::default() }.sign(event("forged"), now);
    let url = Signing { url: "https://hooks.example.com/webhooks/other", ..Signing::default() };
    let forwarded = status_update("1", "RES").header("x-forwarded-for", CERTIFACE_PEER);
    for (name, request) in [
        ("forged bearer", bearer),
        ("wrong HMAC", key),
        ("signed ten minutes ago", Signing::default().sign(event("forged"), now - 600)),
        ("signed for ten minutes later", Signing::default().sign(event("forged"), now + 600)),
        ("signed for another URL", url.sign(event("forged"), now)),
        ("forged X-Forwarded-For", forwarded),
    ] {
        judge.attack(name, &[UNAUTHENTICATED], 0, repeat(to, 200, request)).await?;
    }
    judge.attack("replay of a signed request", &[ACCEPTED], 1, repeat(to, 200, event("replayed"))).await
}

/// Bodies and heads that are too large.
pub(super) async fn overfill(judge: &mut Judge) -> Result<()> {
    static MEGABYTE: [u8; 1_000_000] = [b'x'; 1_000_000];
    // A chunk that is announced as ten megabytes.
    let chunk = "989680\r\n";
    let to = judge.target.address;
    let (signed, hint) = (clearsale("t", "Success", "large"), completion("large"));
    for (name, head, allowed) in [
        (
            "10 MB declared, with the secret",
            format!("{}content-length: 10000000\r\n\r\n", signed.head()),
            [TOO_LARGE].as_slice(),
        ),
        (
            "10 MB declared, from a stranger",
            format!("{}content-length: 10000000\r\n\r\n", hint.head()),
            &[TOO_LARGE],
        ),
        (
            "10 MB in chunks, with the secret",
            format!("{}transfer-encoding: chunked\r\n\r\n{chunk}", signed.head()),
            // All of them together exceed what the receiver holds in memory.
            &[TOO_LARGE, UNAVAILABLE],
        ),
        (
            "10 MB in chunks, from a stranger",
            format!("{}transfer-encoding: chunked\r\n\r\n{chunk}", hint.head()),
            &[TOO_LARGE],
        ),
    ] {
        let attack = many(64, 64, |_| exchange(to, head.clone().into_bytes(), Rest::Pieces(&MEGABYTE, 10)));
        judge.attack(name, allowed, 0, attack).await?;
    }
    let head = hint.head().into_bytes();
    let many_headers = || exchange(to, head.clone(), Rest::Pieces(b"x-filler: filler\r\n", 10_000));
    judge
        .attack("10,000 headers", &[HEADERS_TOO_LARGE, Answer::Closed], 0, many(64, 64, |_| many_headers()))
        .await?;
    let long_header = || exchange(to, [&head[..], b"x-filler: "].concat(), Rest::Pieces(&MEGABYTE, 1));
    judge
        .attack("a header of 1 MB", &[HEADERS_TOO_LARGE, Answer::Closed], 0, many(64, 64, |_| long_header()))
        .await
}

/// Senders who take their time, all at once; and connections on which nothing is sent.
pub(super) async fn dawdle(judge: &mut Judge, short: bool) -> Result<()> {
    let to = judge.target.address;
    let (signed, hint) = (clearsale("t", "Success", "slow"), completion("slow"));
    let body = format!("{}content-length: 60000\r\n\r\n{{", hint.head()).into_bytes();
    let long_body = format!("{}content-length: 4000000\r\n\r\n{{", signed.head()).into_bytes();
    let slow = many(192, 192, |number| match number % 3 {
        0 => exchange(to, body.clone(), Rest::Drip(b" ")),
        1 => exchange(to, long_body.clone(), Rest::Drip(b" ")),
        _ => exchange(to, b"POST /webhooks/clearsale HTTP/1.1\r\nx-filler: ".to_vec(), Rest::Drip(b"x")),
    });
    let name = "slow bodies and slow heads, half a second a byte";
    judge.attack(name, &[TOO_SLOW, Answer::Closed], 0, slow).await?;
    let connections = if short { 2_000 } else { 5_000 };
    let opened = idle(to, connections).await?;
    judge
        .part
        .check(opened.len() == connections, format!("only {} of {connections} connections", opened.len()));
    let name = format!("{} idle connections, and 100 events of a vendor", opened.len());
    let vendor = repeat(to, 100, clearsale("t", "Success", "beside the idle"));
    judge.attack(&name, &[ACCEPTED], 1, vendor).await?;
    drop(opened);
    Ok(())
}

/// Opens connections on which nothing is sent.
async fn idle(to: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let (mut running, mut opened) = (JoinSet::new(), Vec::new());
    for _ in 0..count {
        running.spawn(TcpStream::connect(to));
        if running.len() >= 128
            && let Some(Ok(Ok(stream))) = running.join_next().await
        {
            opened.push(stream);
        }
    }
    while let Some(ended) = running.join_next().await {
        opened.extend(ended?.ok());
    }
    Ok(opened)
}

/// Hints about journeys that nobody began.
pub(super) async fn flood(judge: &mut Judge, short: bool) -> Result<()> {
    let (to, count) = (judge.target.address, if short { 10_000 } else { 100_000 });
    let sender = Sender::new()?;
    let hints = many(count, 64, |number| {
        let (sender, hint) = (sender.clone(), completion(&format!("an appkey that nobody knows, {number}")));
        async move { sender.post(to, &hint).await }
    });
    let max_rows = judge.args.max_unexpected.into();
    judge.attack("hints about unknown appkeys", &[ACCEPTED, UNAVAILABLE], max_rows, hints).await?;
    let unexpected = kyc_webhook::Inbox::stats(&judge.inbox).await?.unexpected;
    judge.part.check(unexpected <= max_rows, format!("{unexpected} unexpected rows"));
    judge.part.check(unexpected > 0, "no hint was stored, so nothing was bounded");
    Ok(())
}
