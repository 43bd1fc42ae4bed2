//! Sends requests and counts the answers.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use super::requests::Request;

/// What came back: a status, or nothing that can be read.
pub(super) type Answer = Option<u16>;

/// A vendor's client, with connections of its own.
#[derive(Clone)]
pub(super) struct Sender(reqwest::Client);

impl Sender {
    pub(super) fn new() -> Result<Self> {
        Self::build(reqwest::Client::builder())
    }

    /// Sends from that address.
    pub(super) fn from_peer(peer: &str) -> Result<Self> {
        Self::build(reqwest::Client::builder().local_address(peer.parse::<IpAddr>()?))
    }

    fn build(client: reqwest::ClientBuilder) -> Result<Self> {
        Ok(Self(client.no_proxy().timeout(Duration::from_secs(45)).build()?))
    }

    pub(super) async fn post(&self, to: SocketAddr, request: &Request) -> Answer {
        let mut post = self.0.post(format!("http://{to}{}", request.path)).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(*name, value);
        }
        post.send().await.ok().map(|response| response.status().as_u16())
    }
}

/// Counts answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally(BTreeMap<Answer, usize>);

impl Tally {
    pub(super) fn add(&mut self, answer: Answer) {
        *self.0.entry(answer).or_default() += 1;
    }

    pub(super) fn of(&self, answer: Answer) -> usize {
        self.0.get(&answer).copied().unwrap_or_default()
    }

    pub(super) fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// Returns `true` if there are answers, and all of them are among these.
    pub(super) fn is_only(&self, allowed: &[Answer]) -> bool {
        !self.0.is_empty() && self.0.keys().all(|answer| allowed.contains(answer))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |(answer, count): (&Answer, &usize)| {
            let answer = answer.map_or_else(|| "closed".to_owned(), |status| status.to_string());
            format!("{answer}: {count}")
        };
        f.write_str(&self.0.iter().map(one).collect::<Vec<_>>().join(", "))
    }
}

/// Does something that many times, and that many of them at a time.
pub(super) async fn many<F>(count: usize, at_a_time: usize, make: impl Fn(usize) -> F) -> Result<Tally>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let (mut running, mut tally) = (JoinSet::new(), Tally::default());
    for number in 0..count {
        if running.len() == at_a_time
            && let Some(answer) = running.join_next().await
        {
            tally.add(answer?);
        }
        running.spawn(make(number));
    }
    while let Some(answer) = running.join_next().await {
        tally.add(answer?);
    }
    Ok(tally)
}
