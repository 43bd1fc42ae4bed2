//! `kyc sandbox`: runs the sandbox for clients in any language.

use kyc_sandbox::{Sandbox, SandboxBuilder, VendorInfo};

use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::{interrupt, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    sandbox: SandboxBuilder,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let started = args.sandbox.start().await;
    let sandbox = started.map_err(|error| Failure::setup(|_| error.to_string()))?;
    // Before the ready line, because a program that waits for it may stop the sandbox immediately afterwards.
    let interrupted = interrupt::listen()?;
    // A closed standard output must not stop the sandbox.
    let _ = output::result(&format!("{}\n", sandbox.ready_line()));
    output::note(&introduction(&sandbox));
    interrupted.await;
    sandbox.shutdown().await;
    Ok(Outcome::Yes)
}

/// Returns what a client needs of each vendor. The descriptions of the inputs are the sandbox's own.
fn introduction(sandbox: &Sandbox) -> String {
    let vendors: String = sandbox.vendors().iter().map(introduction_of).collect();
    format!("{vendors}\n{}", (text().sandbox.stop)(&sandbox.url()))
}

fn introduction_of(vendor: &VendorInfo) -> String {
    let t = &text().sandbox;
    let mut lines = vec![String::new(), (t.vendor)(vendor.title)];
    let variables = vendor.client_config.env_vars();
    lines.extend(variables.into_iter().map(|(name, value)| format!("  export {name}={value}")));
    lines.extend([String::new(), t.inputs.to_owned()]);
    let width = vendor.test_inputs.iter().map(|test| test.value.len()).max().unwrap_or_default();
    lines.extend(vendor.test_inputs.iter().map(|test| format!("  {:width$}  {}", test.value, test.what)));
    lines.extend(vendor.notes.iter().cloned());
    lines.join("\n") + "\n"
}
