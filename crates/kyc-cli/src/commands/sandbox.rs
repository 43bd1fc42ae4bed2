//! `kyc sandbox`: runs the sandbox for clients in any language.

use kyc_sandbox::SandboxBuilder;

use crate::exit::{self, Failure};
use crate::{interrupt, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    sandbox: SandboxBuilder,
}

pub(crate) async fn run(args: Args) -> Result<u8, Failure> {
    let sandbox = args.sandbox.start().await.map_err(|error| Failure::Setup(error.to_string()))?;
    // Before the ready line, because a program that waits for it may stop the sandbox immediately afterwards.
    let interrupted = interrupt::listen()?;
    // A closed standard output must not stop the sandbox.
    let _ = output::result(&format!("{}\n", sandbox.ready_line()));
    output::note(&format!("{}   Stop with Ctrl-C.", sandbox.introduction()));
    interrupted.await;
    sandbox.shutdown().await;
    Ok(exit::DONE)
}
