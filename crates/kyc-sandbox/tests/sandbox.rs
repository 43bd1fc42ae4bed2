//! What holds for every vendor. No vendor is named here.

use std::net::{IpAddr, Ipv4Addr};

use kyc_sandbox::{Sandbox, VendorInfo};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::*;

async fn summary(sandbox: &Sandbox) -> Value {
    let url = format!("{}/_sandbox/", sandbox.url());
    read(client().get(url).send().await.expect("a response")).await.1
}

#[tokio::test]
async fn the_help_lists_the_control_routes_of_each_vendor() {
    let sandbox = sandbox().await;
    let summary = summary(&sandbox).await;
    let lines = summary["help"].as_array().expect("lines");
    let help: Vec<_> = lines.iter().map(|line| line.as_str().expect("text")).collect();
    for VendorInfo { key, .. } in sandbox.vendors() {
        assert!(help.iter().any(|line| line.contains(&format!(" /_sandbox/{key}/"))), "{key}");
    }
    for line in help {
        let mut words = line.splitn(3, ' ');
        let (verb, path) = (words.next().expect("a verb"), words.next().expect("a path"));
        let verb = verb.parse().expect("a verb");
        let response =
            client().request(verb, format!("{}{path}", sandbox.url())).send().await.expect("a response");
        // A request without the required body.
        assert!(![404, 405].contains(&response.status().as_u16()), "{line}");
    }
}

#[tokio::test]
async fn each_vendor_is_described_once() {
    let sandbox = sandbox().await;
    let summary = summary(&sandbox).await;
    let vendors = sandbox.vendors();
    let (toml, env) = (sandbox.config_toml(), sandbox.env());
    assert!(!vendors.is_empty() && vendors.is_sorted_by_key(|vendor| vendor.key));
    for vendor in &vendors {
        let VendorInfo { key, id, title, url, client_config, test_inputs, notes, .. } = vendor;
        let described = &summary["vendors"][key];
        assert_eq!(
            (&described["id"], &described["title"], &described["url"]),
            (&json!(id), &json!(title), &json!(url))
        );
        assert_eq!(described["client_config"], json!(client_config));
        assert_eq!(described["notes"], json!(notes));
        assert_eq!(described["test_inputs"].as_array().map(Vec::len), Some(test_inputs.len()));
        for (number, test) in test_inputs.iter().enumerate() {
            assert_eq!(
                described["test_inputs"][number],
                json!({ (test.kind): test.value, "what": test.what })
            );
        }
        assert_eq!((client_config.table(), client_config.get("base_url")), (*key, Some(url.as_str())));
        assert_eq!(*url, format!("{}/{key}", sandbox.url()));
        assert_eq!(sandbox.client_config(key).as_ref(), Some(client_config));
        assert_eq!(Sandbox::client_config_at(key, &sandbox.url()).as_ref(), Some(client_config));
        assert_eq!(Sandbox::test_inputs(key), *test_inputs);
        assert!(toml.contains(&client_config.to_toml()), "{key}");
        let name = format!("KYC_{}_BASE_URL", key.to_uppercase());
        assert!(env.lines().any(|line| line == format!("{name}={url}")), "{key}");
    }
    assert_eq!((sandbox.client_config("nobody"), Sandbox::test_inputs("nobody")), (None, Vec::new()));
    assert_eq!(sandbox.env_vars().len(), env.lines().count());
}

#[tokio::test]
async fn the_root_says_what_this_is() {
    let sandbox = sandbox().await;
    let response = client().get(sandbox.url()).send().await.expect("a response");
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let page = response.text().await.expect("text");
    assert!(page.contains("unofficial") && page.contains(&format!("{}/_sandbox/", sandbox.url())), "{page}");
    assert!(sandbox.vendors().iter().all(|vendor| page.contains(&vendor.url)), "{page}");
}

/// The text of an error of the sandbox itself.
fn error_of((status, body): (u16, Value), wanted: u16) {
    assert!(status == wanted && body["error"].is_string(), "{status}, {body}");
}

#[tokio::test]
async fn what_no_route_serves_is_refused_with_a_body() {
    let sandbox = sandbox().await;
    let root = sandbox.url();
    let ask = async |verb: Method, url: String| {
        let request = client().request(verb, url).body("{}");
        request.send().await.expect("a response")
    };
    let mut control = vec![format!("{root}/_sandbox/")];
    for vendor in sandbox.vendors() {
        control.push(format!("{root}/_sandbox/{}/", vendor.key));
        for path in ["", "/nowhere", "/nowhere/else"] {
            let response = ask(Method::POST, format!("{}{path}", vendor.url)).await;
            assert_eq!(
                (response.status(), reason(&response).as_str()),
                (StatusCode::NOT_FOUND, "there is no such path")
            );
            assert!(read(response).await.1.is_object(), "{}{path}", vendor.url);
        }
    }
    for place in control {
        error_of(read(ask(Method::GET, format!("{place}nowhere")).await).await, 404);
    }
    error_of(read(ask(Method::PUT, format!("{root}/_sandbox/clock")).await).await, 405);
    for path in ["/nowhere", "/_sandboxes", "/favicon.ico"] {
        let (status, body) = read_any(ask(Method::GET, format!("{root}{path}")).await).await;
        error_of((status, body), 404);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_the_form_of_the_vendor() {
    let sandbox = sandbox().await;
    let large = bytes::Bytes::from(vec![b' '; 64 * 1024 * 1024 + 1]);
    let vendor = &sandbox.vendors()[0];
    let request = client().post(format!("{}/nowhere", vendor.url)).body(large);
    let response = request.send().await.expect("a response, not a closed connection");
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reason(&response), "the body is larger than 64 MiB");
    assert!(read(response).await.1.is_object());
}

#[tokio::test]
async fn only_loopback_addresses_unless_allowed() {
    let everywhere = IpAddr::from(Ipv4Addr::UNSPECIFIED);
    let refused = Sandbox::builder().bind(everywhere).start().await;
    assert_eq!(refused.expect_err("refused").kind(), std::io::ErrorKind::InvalidInput);
    let allowed =
        Sandbox::builder().bind(everywhere).allow_non_loopback().start().await.expect("a free port");
    assert!(allowed.url().starts_with("http://127.0.0.1:"));
    assert!(sandbox().await.addr().ip().is_loopback());
}

#[tokio::test]
async fn it_stops_on_shutdown_and_when_dropped() {
    let sandbox = sandbox().await;
    let addr = sandbox.addr();
    sandbox.shutdown().await;
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());

    let sandbox = Sandbox::builder().start().await.expect("a free port");
    let addr = sandbox.addr();
    drop(sandbox);
    while tokio::net::TcpStream::connect(addr).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
