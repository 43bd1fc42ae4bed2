//! A sandbox, the clients of all vendors, and a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kyc_br::config::{Clients, ConfigLoader};
use kyc_core::{Applicant, ClientOptions, ReqwestTransport, Verifier, VirtualClock};
use kyc_sandbox::{Sandbox, Scenario};
use kyc_verify::{
    CaseReport, Environment, KeyRing, Options, Policy, SqliteStore, StoreKey, Verification,
    VerificationBuilder,
};
use tempfile::TempDir;
use test_support::clock::SkippingClock;

use crate::clock::IdleClock;
use crate::person::{CPF, applicant};

/// Waits on the virtual clock for as long as any policy allows.
pub const PATIENT: Duration = Duration::from_secs(24 * 60 * 60);

/// A sandbox, the clients of all vendors, and a store in a folder of its own.
#[derive(Debug)]
pub struct Rig {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// The store.
    pub store: SqliteStore,
    folder: TempDir,
    transport: ReqwestTransport,
    cases: AtomicU32,
}

impl Rig {
    /// Starts a sandbox whose clock stands still unless somebody waits.
    pub async fn new() -> Self {
        Self::with(Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap())
    }

    /// Takes a sandbox.
    pub fn with(sandbox: Sandbox) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // By default Bankly is asked every five minutes.
        let config = sandbox.config_toml().replace("[bankly]\n", "[bankly]\npoll_interval_seconds = 10\n");
        std::fs::write(folder.path().join("kyc.toml"), config).unwrap();
        let key = KeyRing::new(StoreKey::generate().unwrap());
        let store = SqliteStore::builder(folder.path().join("cases.db")).keys(key);
        let store = store.clock(sandbox.clock()).open().unwrap();
        let transport = ReqwestTransport::new().unwrap();
        Self { sandbox, store, folder, transport, cases: AtomicU32::new(0) }
    }

    /// Returns what every client is created with.
    pub fn options(&self) -> ClientOptions {
        let clock = SkippingClock::from(self.sandbox.clock());
        ClientOptions::new().clock(clock).transport(self.transport.clone())
    }

    /// Returns the clients.
    pub fn clients(&self, options: &ClientOptions) -> Clients {
        let loader = ConfigLoader::new().file(self.folder.path().join("kyc.toml"));
        loader.clients_with(options).unwrap()
    }

    /// Returns one vendor's part.
    pub fn verifier(&self, vendor: &str) -> Arc<dyn Verifier> {
        self.clients(&self.options()).get(vendor).unwrap().verifier().unwrap()
    }

    /// Begins to create a verification by a policy.
    pub fn builder(&self, policy: &str) -> VerificationBuilder {
        self.builder_with(policy, &self.options())
    }

    /// Does the same with options of the clients.
    pub fn builder_with(&self, policy: &str, options: &ClientOptions) -> VerificationBuilder {
        Verification::builder(self.store.clone(), Environment::Simulated)
            .vendors(self.clients(options).verifiers())
            .policy(Policy::from_toml(policy).unwrap())
            .clock(IdleClock(self.sandbox.clock()))
    }

    /// Creates a verification by a policy.
    pub fn verification(&self, policy: &str) -> Verification {
        self.builder(policy).build()
    }

    /// Verifies the person with everything in a case of its own.
    pub async fn verify(&self, policy: &str) -> CaseReport {
        self.run(&self.verification(policy), &applicant()).await
    }

    /// Runs a new case to its end.
    pub async fn run(&self, verification: &Verification, applicant: &Applicant) -> CaseReport {
        verification.verify(&self.reference(), applicant, Self::patient()).await.unwrap()
    }

    /// Returns a reference that no other case has.
    pub fn reference(&self) -> String {
        format!("case {}", self.cases.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns options that wait for whatever the policy waits for, beside other cases of the same person.
    pub fn patient() -> Options {
        let mut options = Options::default();
        (options.wait, options.is_forced) = (PATIENT, true);
        options
    }

    /// Returns options that wait for nothing.
    pub fn hasty() -> Options {
        let mut options = Self::patient();
        options.wait = Duration::ZERO;
        options
    }

    /// Sets a scenario for the person, or for everyone if the operation names nobody.
    pub fn set(&self, vendor: &str, operation: &str, outcome: &str) {
        let scenario = Scenario::new(vendor, outcome).operation(operation);
        let person = self.sandbox.set_scenario(scenario.clone().cpf(CPF));
        person.or_else(|_| self.sandbox.set_scenario(scenario)).unwrap();
    }

    /// Returns the number of calls that were paid for at a vendor.
    pub fn paid_at(&self, vendor: &str) -> u64 {
        match vendor {
            "bankly" => self.sandbox.bankly().paid_calls(),
            "cellere" => self.sandbox.cellere().paid_calls(),
            "certiface" => self.sandbox.certiface().paid_calls(),
            "clearsale" => self.sandbox.clearsale().paid_calls(),
            other => panic!("there is no vendor {other}"),
        }
    }

    /// Returns the number of calls that were paid for at all vendors.
    pub fn paid(&self) -> u64 {
        ["bankly", "cellere", "certiface", "clearsale"].into_iter().map(|vendor| self.paid_at(vendor)).sum()
    }
}
