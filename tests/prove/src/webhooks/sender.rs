//! Sends requests and counts the answers.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use super::requests::Request;

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    Status(u16),
    /// The connection was refused or closed.
    Closed,
    /// Nothing within a minute.
    Hung,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Closed => f.write_str("closed"),
            Self::Hung => f.write_str("hung"),
        }
    }
}

pub(super) const ACCEPTED: Answer = Answer::Status(200);
pub(super) const UNAVAILABLE: Answer = Answer::Status(503);
/// How long a sender waits for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

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
        Ok(Self(client.no_proxy().timeout(PATIENCE).build()?))
    }

    pub(super) async fn post(&self, to: SocketAddr, request: &Request) -> Answer {
        let mut post = self.0.post(format!("http://{to}{}", request.path)).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(*name, value);
        }
        match post.send().await {
            Ok(response) => Answer::Status(response.status().as_u16()),
            Err(error) if error.is_timeout() => Answer::Hung,
            Err(_) => Answer::Closed,
        }
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
        let one = |(answer, count): (&Answer, &usize)| format!("{answer}: {count}");
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
