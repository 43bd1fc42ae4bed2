//! Sends a CPF, a secret, a token and an image through every operation, with good and bad responses and all logs enabled:
//! none of them is printed.

use clearsale_facematch::kyc_core::{
    Cpf, FaceMatcher, FacePair, Media, Pii, WebhookRequest, WebhookSource, decode,
};
use clearsale_facematch::{
    Client, Config, Credentials, ErrorBody, LoginResponse, MatchRequest, MatchResponse, Notification,
    Transaction, TransactionId, Webhook,
};
use test_support::sentinels::{Answer, Printed, by_both_versions};

use crate::support::png;

const CPF: &str = "52998224725";
const SECRET: &str = "s3ntinel-secret";
const TOKEN: &str = "s3ntinel-token";
const IMAGE: &str = "s3ntinel-image";
const REFERENCE: &str = "s3ntinel-reference";
const NAME: &str = "s3ntinel-name";

fn media() -> Media {
    let mut bytes = png(200);
    bytes.extend(IMAGE.repeat(20).bytes());
    Media::new(bytes).unwrap()
}

/// Returns responses that hold the sentinels in the documented fields and in others.
fn answers() -> [Answer; 11] {
    let all = format!("{CPF} {SECRET} {TOKEN} {NAME} {REFERENCE}");
    let error = format!(r#"{{"title":"{all}","detail":"{all}","status":"{CPF}"}}"#);
    let page = format!("<html>{all}</html>");
    [
        Answer::new(
            200,
            format!(
                r#"{{"transactionId":"{CPF}","status":"{NAME}","identifierId":"{REFERENCE}","cpf":"{CPF}","message":"{all}","{CPF}":1}}"#
            ),
        ),
        Answer::new(200, format!(r#"{{"transactionId":["{all}"],"status":"{NAME}"}}"#)),
        Answer::new(200, format!(r#"{{"transactionId":"1","isMatch":{{"{CPF}":"{NAME}"}}}}"#)),
        Answer::first(200, format!("{all}, expected {all}")),
        Answer::new(
            400,
            format!(r#"{{"title":"{all}","status":422,"errors":{{"{CPF}":["{all}"],"Document":"{all}"}}}}"#),
        ),
        Answer::new(401, error.as_str()),
        Answer::first(401, error),
        Answer::new(404, format!(r#"{{"detail":"{all}"}}"#)),
        Answer::new(500, page.as_str()),
        Answer::first(500, page),
        Answer::new(503, all),
    ]
}

/// Calls every operation and prints everything that a program receives.
async fn everything(printed: &Printed, client: &Client) {
    let request = MatchRequest::new(media(), media())
        .with_cpf(Cpf::parse(CPF).unwrap())
        .with_identifier_id(format!("{REFERENCE} {NAME}"));
    let mut pair = FacePair::new(media(), media());
    pair.cpf = Some(Cpf::parse(CPF).unwrap());
    printed.value(&(client, &request, &pair));

    let submitted = client.match2d_2d(&request).await;
    if let Ok(reply) = &submitted {
        printed.value(&(reply.meta(), reply.value().operation_id()));
    }
    printed.outcome(submitted);
    let transaction = client.transaction(&TransactionId::new("1")).await;
    if let Ok(reply) = &transaction {
        printed.value(&reply.value().outcome());
    }
    printed.outcome(transaction);
    printed.outcome(client.transaction(&TransactionId::new(NAME.repeat(9))).await);
    printed.outcome(client.submit_faces(&pair).await);
}

/// The types that a program decodes by itself, for example from a stored body.
fn decoded(printed: &Printed) {
    for answer in answers() {
        printed.outcome(decode::<ErrorBody>(answer.body.as_bytes()));
        printed.outcome(decode::<Transaction>(answer.body.as_bytes()));
        printed.outcome(decode::<MatchResponse>(answer.body.as_bytes()));
    }
    let login = format!(r#"{{"access_token":"{TOKEN}","expires_in":"{SECRET}","token_type":"{NAME}"}}"#);
    printed.outcome(decode::<LoginResponse>(login.as_bytes()));
}

fn webhook(printed: &Printed) {
    let webhook = Webhook::new(SECRET).unwrap();
    let body = format!(
        r#"{{"transactionId":"{CPF}","identifierId":"{REFERENCE}","cPF":"{CPF}","message":"{NAME}","{CPF}":1}}"#
    );
    let delivery = WebhookRequest::new([("authorization", format!("Bearer {SECRET}"))], body);
    printed.value(&(&webhook, &delivery));
    let event = webhook.receive(&delivery).unwrap().remove(0);
    // The event's subject is the transaction's id, which here is a CPF instead of a GUID: `Debug` omits it.
    printed.value(&event);
    printed.value(&Notification::try_from(&event.payload).unwrap());
}

#[tokio::test]
async fn nothing_personal_or_secret_is_printed() {
    let printed = Printed::by_the_process();
    let credentials = Credentials::new(SECRET, SECRET);
    printed.value(&(&credentials, Config::new(SECRET, SECRET), Pii::new(NAME)));
    let versions = by_both_versions();
    for answer in answers() {
        let login = format!(r#"{{"access_token":"{TOKEN}","expires_in":"3600","{CPF}":"{NAME}"}}"#);
        let usual: &[_] = if answer.from_the_start { &[] } else { &[("/login$", login)] };
        let server = answer.vendor(usual, &[("x-echo", CPF.to_owned())]).await;
        for options in &versions {
            let builder =
                Client::builder(credentials.clone()).base_url(&server.uri()).options(options.clone());
            printed.value(&builder);
            everything(&printed, &builder.build().unwrap()).await;
        }
    }
    // Without a server the operating system's message holds the address, but not the query.
    let refused = Client::builder(credentials).base_url("http://127.0.0.1:1").build().unwrap();
    everything(&printed, &refused).await;
    webhook(&printed);
    decoded(&printed);
    printed.heard(&["hyper_util", "reqwest::connect", "h2::", "kyc_core"]);
    printed.hides([CPF, "529.982.247-25", SECRET, TOKEN, IMAGE, REFERENCE, NAME]);
}
