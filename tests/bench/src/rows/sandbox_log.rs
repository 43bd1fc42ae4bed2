//! The sandbox with its log of requests, as the command has it, against the sandbox without.

use std::hint::black_box;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::{Sandbox, SandboxBuilder, samples};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, compare, on_one_thread};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "sandbox-log",
    method: "\
`GET` of a ClearSale transaction from the sandbox of `kyc-sandbox`: 400 turns of each side with 50 requests each, over one warm
connection, client and sandbox on one thread, whose user and system time is measured. The client writes bytes and looks for the
end of the response. *Ours* records each request and has a function that makes a line of JSON of each, as `kyc sandbox --json`
does, and drops it. The reference is the same sandbox with `log_requests(false)`. Figures are for 50 requests.",
    rows: &[Row {
        what: "50 queries of the sandbox: user + system, vs. without its log of requests",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.05),
    }],
    measure,
};

const QUERIES: usize = 50;
const TURNS: usize = 400;
const MATCH: &str = "/clearsale/api/v2/Facematch/faces/match2d-2d";

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let with_log = Sandbox::builder().on_request(|record| {
            black_box(serde_json::to_string(record).ok());
        });
        let mut ours = Client::of(with_log).await?;
        let mut theirs = Client::of(Sandbox::builder().log_requests(false)).await?;
        compare(part, TURNS, async || ours.query().await, async || theirs.query().await).await
    })
}

/// A sandbox, a connection to it, and the request for a transaction.
struct Client {
    #[cfg_attr(not(test), expect(dead_code, reason = "it stops when dropped"))]
    sandbox: Sandbox,
    connection: TcpStream,
    query: String,
}

impl Client {
    async fn of(builder: SandboxBuilder) -> Result<Self> {
        let sandbox = builder.start().await?;
        let connection = TcpStream::connect(sandbox.addr()).await?;
        connection.set_nodelay(true)?;
        let mut client = Self { sandbox, connection, query: String::new() };
        let (id, secret) = (Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
        let login = json!({ "clientId": id, "clientSecret": secret });
        let login = client.post("/clearsale/api/authentication/login", "", &login).await?;
        let token = login["access_token"].as_str().context("no token")?;
        let photo = STANDARD.encode(samples::A_2014);
        let started = client.post(MATCH, token, &json!({ "image0": photo, "image1": photo })).await?;
        let id = started["transactionId"].as_str().context("no transaction")?;
        client.query = request("GET", &format!("{MATCH}/{id}"), token, "");
        Ok(client)
    }

    async fn post(&mut self, path: &str, token: &str, body: &Value) -> Result<Value> {
        let request = request("POST", path, token, &body.to_string());
        Ok(serde_json::from_slice(&exchange(&mut self.connection, &request).await?)?)
    }

    async fn query(&mut self) -> Result<()> {
        for _ in 0..QUERIES {
            exchange(&mut self.connection, &self.query).await?;
        }
        Ok(())
    }
}

fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Sends a request and reads the response, a JSON object. A real client would cost as much as the server.
async fn exchange(connection: &mut TcpStream, request: &str) -> Result<Vec<u8>> {
    connection.write_all(request.as_bytes()).await?;
    let (mut response, mut length) = ([0; 4096], 0);
    while !response[..length].ends_with(b"}") {
        match connection.read(&mut response[length..]).await? {
            0 => bail!("the connection was closed, or the response is too long"),
            more => length += more,
        }
    }
    let response = &response[..length];
    ensure!(response.starts_with(b"HTTP/1.1 200 "), "the request was refused");
    let head = response.windows(4).position(|end| end == b"\r\n\r\n").context("no end of the head")?;
    Ok(response[head + 4..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_one_side_has_a_log() {
        for is_logged in [true, false] {
            let mut client = Client::of(Sandbox::builder().log_requests(is_logged)).await.unwrap();
            client.query().await.unwrap();
            assert_eq!(client.sandbox.requests().total() > 0, is_logged);
        }
    }
}
