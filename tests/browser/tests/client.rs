//! A client of the vendors' APIs in the sandbox, apart from the browser.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::Sandbox;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(10);

/// A response: the status, and the body if it is JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// Sends requests to a sandbox.
pub(crate) struct Client {
    http: reqwest::Client,
    root: String,
}

impl Client {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(LIMIT).build().expect("a client");
        Self { http, root: sandbox.url() }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.header("Content-Type", "application/json").send().await.expect("a response");
        let status = response.status().as_u16();
        let body = response.bytes().await.expect("a body");
        Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    /// Asks Cellere for the registration of a person, with this token.
    pub(crate) async fn registration_with(&self, token: &str, cpf: &str) -> Answer {
        let url = format!("{}/cellere/bg-check/cpf-simples", self.root);
        let body = json!({ "cpf": cpf }).to_string();
        self.send(self.http.post(url).bearer_auth(token).body(body)).await
    }

    /// Asks Cellere for the registration of a person.
    pub(crate) async fn registration(&self, cpf: &str) -> Answer {
        self.registration_with(Sandbox::CELLERE_TOKEN, cpf).await
    }

    /// Starts a comparison of faces at ClearSale, and returns its identifier.
    pub(crate) async fn comparison(&self, cpf: &str) -> String {
        let credentials = json!({
            "clientId": Sandbox::CLEARSALE_CLIENT_ID,
            "clientSecret": Sandbox::CLEARSALE_CLIENT_SECRET,
        });
        let root = format!("{}/clearsale/api", self.root);
        let login = format!("{root}/authentication/login");
        let login = self.send(self.http.post(login).body(credentials.to_string())).await;
        let token = login.body["access_token"].as_str().expect("a token");
        let sample = self.http.get(format!("{}/console/samples/a-2014.jpg", self.root)).send().await;
        let face = STANDARD.encode(sample.expect("a response").bytes().await.expect("an image"));
        let body = json!({ "cpf": cpf, "image0": face, "image1": face }).to_string();
        let url = format!("{root}/v2/Facematch/faces/match2d-2d");
        let accepted = self.send(self.http.post(url).bearer_auth(token).body(body)).await;
        accepted.body["transactionId"].as_str().expect("an identifier").to_owned()
    }
}
