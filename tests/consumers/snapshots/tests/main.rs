//! Snapshots of the stored values, and responses that the vendor has changed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use clearsale_facematch::kyc_core::{
    Body, ClientOptions, Transport, TransportError, WebhookRequest, WebhookSource, decode,
};
use clearsale_facematch::{Client, Credentials, Notification, Transaction, TransactionId, Webhook};
use kyc_fixtures::clearsale_facematch::{LOGIN_200, QUERY_200, WEBHOOK};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Returns the schema of the serialized type.
fn schema<T: JsonSchema>() -> schemars::Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

#[test]
fn stored_values_have_this_schema() {
    insta::assert_json_snapshot!("transaction-schema", schema::<Transaction>());
    insta::assert_json_snapshot!("notification-schema", schema::<Notification>());
}

#[test]
fn documented_payloads_are_stored_like_this() {
    let (transaction, ignored) = snapshots::read(QUERY_200.body.as_bytes()).unwrap();
    assert!(ignored.is_empty(), "{ignored:?}");
    insta::assert_json_snapshot!("query-200", transaction);
    let notification = decode::<Notification>(WEBHOOK.body.as_bytes()).unwrap();
    assert!(notification.ignored.is_empty(), "{:?}", notification.ignored);
    insta::assert_json_snapshot!("webhook", notification.value);
}

/// Returns a documented payload after a change by the vendor.
fn edited(body: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut tree = serde_json::from_str(body).unwrap();
    change(&mut tree);
    tree.to_string()
}

#[test]
fn a_new_field_is_ignored_by_name() {
    let body = edited(QUERY_200.body, |answer| answer["similarity"] = json!(0.98));
    let (transaction, ignored) = snapshots::read(body.as_bytes()).unwrap();
    assert_eq!(ignored, ["similarity"]);
    assert_eq!(transaction, snapshots::read(QUERY_200.body.as_bytes()).unwrap().0, "the rest is as it was");
}

#[test]
fn a_renamed_field_is_ignored_under_its_new_name_and_empty_under_its_old() {
    let body = edited(QUERY_200.body, |answer| {
        let level = answer.as_object_mut().unwrap().remove("confiability").unwrap();
        answer["reliability"] = level;
    });
    let (transaction, ignored) = snapshots::read(body.as_bytes()).unwrap();
    assert_eq!(ignored, ["reliability"]);
    assert_eq!(transaction.confiability, None);
}

/// A vendor within the process: it answers a login as documented and every other request with the given body.
#[derive(Debug)]
struct Vendor(String);

#[async_trait]
impl Transport for Vendor {
    async fn send(
        &self,
        request: http::Request<Body>,
        _max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let is_login = request.uri().path().ends_with("/login");
        let login = || LOGIN_200.body.replace("{Valor do Token}", "token-1");
        Ok(http::Response::new(if is_login { login() } else { self.0.clone() }.into()))
    }
}

#[tokio::test]
async fn a_client_reports_an_unknown_field_once() {
    let body = edited(QUERY_200.body, |answer| answer["similarity"] = json!(0.98));
    let fields = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&fields);
    let options = ClientOptions::new().transport(Vendor(body)).on_unknown_field(move |field| {
        seen.lock().unwrap().push(format!("{}: {}", field.operation, field.path))
    });
    let client = Client::builder(Credentials::new("id", "secret")).options(options).build().unwrap();
    let id = TransactionId::new("3fa85f64-5717-4562-b3fc-2c963f66afa6");
    for _ in 0..2 {
        client.transaction(&id).await.unwrap();
    }
    assert_eq!(*fields.lock().unwrap(), ["match2d-2d-query: similarity"]);
}

#[test]
fn a_webhook_receiver_reports_unknown_fields_too() {
    let body = edited(WEBHOOK.body, |event| event["similarity"] = json!(0.98));
    let fields = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&fields);
    let webhook = Webhook::new("agreed secret").unwrap().on_unknown_field(move |field| {
        seen.lock().unwrap().push(format!("{}: {}", field.operation, field.path))
    });
    webhook.receive(&WebhookRequest::new([("Authorization", "Bearer agreed secret")], body)).unwrap();
    assert_eq!(*fields.lock().unwrap(), ["webhook: similarity"]);
}
