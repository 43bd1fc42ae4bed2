//! What holds for every vendor. No vendor is named here.

use std::net::{IpAddr, Ipv4Addr};

use kyc_sandbox::{Sandbox, VendorInfo};
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
        assert!(*url == format!("{}/{key}", sandbox.url()) && !test_inputs.is_empty(), "{key}");
        assert_eq!(sandbox.client_config(key).as_ref(), Some(client_config));
        assert!(toml.contains(&client_config.to_toml()), "{key}");
        let name = format!("KYC_{}_BASE_URL", key.to_uppercase());
        assert!(env.lines().any(|line| line == format!("{name}={url}")), "{key}");
    }
    assert_eq!(sandbox.client_config("nobody"), None);
    assert_eq!(sandbox.env_vars().len(), env.lines().count());
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
