//! What the service is told by its environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use kyc_br::config::ConfigLoader;
use kyc_br::kyc_verify::{Environment, Policy, StoreKey};
use kyc_br::prelude::Secret;
use kyc_sandbox::{Sandbox, samples};
use tempfile::TempDir;

use super::{Failure, applicant};

pub(crate) struct Settings {
    /// `SERVICE_LISTEN`: where it listens, `127.0.0.1:8780` by default.
    pub(crate) listen: SocketAddr,
    /// `SERVICE_PUBLIC_URL`: what stands before `/webhooks/` in the URLs that are registered with vendors.
    pub(crate) public_url: String,
    /// `SERVICE_TOKEN`: the bearer token of its callers.
    pub(crate) token: Secret<String>,
    /// `SERVICE_FOLDER`: the folder of its files, on a local disk.
    pub(crate) folder: PathBuf,
    /// `SERVICE_KEY`: 32 random bytes in base64, under which the files are encrypted. Without it they are lost.
    pub(crate) key: StoreKey,
    /// `SERVICE_ENVIRONMENT`: `real`, or `simulated` if the vendors' URLs are those of a sandbox.
    pub(crate) environment: Environment,
    /// `SERVICE_POLICY`: the file of the policy; without it the built-in one.
    pub(crate) policy: Policy,
    /// `SERVICE_CUSTOMER_URL`, `SERVICE_CUSTOMER_SECRET`: where the customer's own system is told, and the secret of the
    /// signatures, which begins with `whsec_`.
    pub(crate) customer: Option<(String, Secret<String>)>,
    /// The vendors: `KYC_*` variables, or the file that `SERVICE_CONFIG` names, or `kyc.toml`.
    pub(crate) vendors: ConfigLoader,
}

impl Settings {
    pub(crate) fn from_env() -> Result<Self, Failure> {
        let customer = match (optional("CUSTOMER_URL"), optional("CUSTOMER_SECRET")) {
            (Some(url), Some(secret)) => Some((url, Secret::new(secret))),
            (None, None) => None,
            _ => return Err("SERVICE_CUSTOMER_URL and SERVICE_CUSTOMER_SECRET belong together".into()),
        };
        let listen = optional("LISTEN").unwrap_or_else(|| "127.0.0.1:8780".to_owned()).parse()?;
        let policy = match optional("POLICY") {
            Some(path) => Policy::from_toml(&std::fs::read_to_string(path)?)?,
            None => Policy::built_in(),
        };
        let vendors = match optional("CONFIG") {
            Some(path) => ConfigLoader::new().file(path),
            None => ConfigLoader::new(),
        };
        Ok(Self {
            listen,
            public_url: optional("PUBLIC_URL").unwrap_or_else(|| format!("http://{listen}")),
            token: Secret::new(required("TOKEN")?),
            folder: required("FOLDER")?.into(),
            key: StoreKey::parse(&required("KEY")?)?,
            environment: required("ENVIRONMENT")?.parse()?,
            policy,
            customer,
            vendors,
        })
    }
}

fn optional(name: &str) -> Option<String> {
    std::env::var(format!("SERVICE_{name}")).ok().filter(|value| !value.is_empty())
}

fn required(name: &str) -> Result<String, Failure> {
    optional(name).ok_or_else(|| format!("SERVICE_{name} is not set").into())
}

/// Starts a sandbox and a service for it in a folder that is deleted at the end, and says how to call it.
pub(crate) async fn of_sandbox() -> Result<(Sandbox, TempDir, Settings), Failure> {
    let (sandbox, folder) =
        (Sandbox::builder().decision_delay(Duration::ZERO).start().await?, tempfile::tempdir()?);
    let listen: SocketAddr = "127.0.0.1:8780".parse()?;
    let public_url = format!("http://{listen}");
    let webhooks: Vec<_> =
        sandbox.send_webhooks_to(&public_url)?.iter().map(|table| table.to_toml()).collect();
    let config = folder.path().join("kyc.toml");
    std::fs::write(&config, format!("{}\n{}", sandbox.config_toml(), webhooks.join("\n")))?;
    let applicant = folder.path().join("applicant.json");
    std::fs::write(&applicant, applicant::to_json(&samples::applicant()?).to_string())?;
    println!(
        "SIMULATED: the vendors are a sandbox at {}\n\
         curl -H 'Authorization: Bearer sandbox' -H 'Idempotency-Key: sample-1' {public_url}/verifications \\\n    \
         -d @{}\n\
         curl -H 'Authorization: Bearer sandbox' {public_url}/verifications/CASE",
        sandbox.url(),
        applicant.display()
    );
    let settings = Settings {
        listen,
        public_url,
        token: Secret::new("sandbox".to_owned()),
        folder: folder.path().to_owned(),
        key: StoreKey::generate()?,
        environment: Environment::Simulated,
        policy: Policy::built_in(),
        customer: None,
        vendors: ConfigLoader::new().file(config),
    };
    Ok((sandbox, folder, settings))
}
