//! `kyc sandbox`: runs the sandbox for clients in any language.

use std::net::{IpAddr, Ipv4Addr};

use kyc_br::INTEGRATIONS;
use kyc_sandbox::Sandbox;

use crate::failure::{Failure, io_words};
use crate::messages::text;
use crate::outcome::Outcome;
use crate::{interrupt, output, vendors};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long, value_name = "N", default_value_t = 0, help = text().sandbox_help.port)]
    port: u16,
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), help = text().sandbox_help.bind)]
    bind: IpAddr,
    #[arg(long, help = text().sandbox_help.allow_non_loopback)]
    allow_non_loopback: bool,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let mut builder = Sandbox::builder().port(args.port).bind(args.bind);
    if args.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    let refused = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::InvalidInput => {
            Failure::setup(|t| (t.setup.bind)(&args.bind.to_string(), &error.to_string()))
        }
        _ => Failure::setup(|t| {
            (t.setup.listen)(&args.bind.to_string(), &args.port.to_string(), &io_words(t, error.kind()))
        }),
    };
    let sandbox = builder.start().await.map_err(refused)?;
    // Before the ready line, because a program that waits for it may stop the sandbox immediately afterwards.
    let interrupted = interrupt::listen()?;
    // A closed standard output must not stop the sandbox.
    let _ = output::result(&format!("kyc-sandbox ready on {}\n", sandbox.url()));
    output::note(&introduction(&sandbox));
    interrupted.await;
    sandbox.shutdown().await;
    Ok(Outcome::Yes)
}

fn introduction(sandbox: &Sandbox) -> String {
    let t = text();
    let mut lines = Vec::new();
    for integration in INTEGRATIONS {
        let Some(own) = vendors::own(integration) else { continue };
        lines.extend([String::new(), format!("{}:", integration.title())]);
        let variable = |key: &str| format!("KYC_{}_{key}", integration.key()).to_ascii_uppercase();
        let config = own.sandbox.config(sandbox);
        lines.extend(config.iter().map(|(key, value)| format!("  export {}={value}", variable(key))));
        lines.extend([String::new(), (own.sandbox.note)(t).to_owned()]);
        let inputs = (own.sandbox.test_inputs)();
        let width = inputs.iter().map(|(input, _)| input.len()).max().unwrap_or_default();
        lines.extend(inputs.iter().map(|(input, what)| format!("  {input:<width$}  {what}")));
    }
    lines.extend([String::new(), (t.sandbox.stop)(&sandbox.url())]);
    lines.join("\n")
}
