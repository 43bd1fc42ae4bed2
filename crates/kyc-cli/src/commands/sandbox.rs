//! `kyc sandbox`: runs the sandbox for clients in any language.

use std::net::{IpAddr, Ipv4Addr};

use kyc_sandbox::{Sandbox, bankly, cellere, certiface, clearsale};

use crate::failure::{Failure, io_words};
use crate::messages::text;
use crate::outcome::Outcome;
use crate::{interrupt, output};

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
    let t = &text().sandbox;
    let url = sandbox.bankly_url();
    let mut lines = vec![String::new(), t.bankly.to_owned()];
    let set = |lines: &mut Vec<String>, variables: &[(&str, &str)]| {
        lines.extend(variables.iter().map(|(name, value)| format!("  export {name}={value}")));
        lines.push(String::new());
    };
    set(
        &mut lines,
        &[
            ("KYC_BANKLY_BASE_URL", &url),
            ("KYC_BANKLY_AUTH_URL", &url),
            ("KYC_BANKLY_CLIENT_ID", Sandbox::BANKLY_CLIENT_ID),
            ("KYC_BANKLY_CLIENT_SECRET", Sandbox::BANKLY_CLIENT_SECRET),
        ],
    );
    lines.push(t.bankly_cpfs.to_owned());
    lines.extend(bankly::TEST_CPFS.iter().map(|test| format!("  {}  {}", test.cpf, test.what)));
    lines.extend([String::new(), (t.cellere)(sandbox.cellere().credits())]);
    set(
        &mut lines,
        &[("KYC_CELLERE_BASE_URL", &sandbox.cellere_url()), ("KYC_CELLERE_TOKEN", Sandbox::CELLERE_TOKEN)],
    );
    lines.push(t.cellere_cpfs.to_owned());
    lines.extend(cellere::TEST_CPFS.iter().map(|test| format!("  {}     {}", test.cpf, test.what)));
    lines.extend(cellere::TEST_CNPJS.iter().map(|test| format!("  {}  {}", test.cnpj, test.what)));
    lines.extend([t.links.to_owned(), String::new(), t.certiface.to_owned()]);
    set(
        &mut lines,
        &[
            ("KYC_CERTIFACE_BASE_URL", &sandbox.certiface_url()),
            ("KYC_CERTIFACE_RESULT_BASE_URL", &sandbox.certiface_result_url()),
            ("KYC_CERTIFACE_LOGIN", Sandbox::CERTIFACE_USER),
            ("KYC_CERTIFACE_PASSWORD", Sandbox::CERTIFACE_PASSWORD),
        ],
    );
    lines.push(t.certiface_cpfs.to_owned());
    lines.extend(certiface::TEST_CPFS.iter().map(|test| format!("  {}  {}", test.cpf, test.what)));
    lines.extend([String::new(), t.clearsale.to_owned()]);
    set(
        &mut lines,
        &[
            ("KYC_CLEARSALE_BASE_URL", &sandbox.clearsale_url()),
            ("KYC_CLEARSALE_CLIENT_ID", Sandbox::CLEARSALE_CLIENT_ID),
            ("KYC_CLEARSALE_CLIENT_SECRET", Sandbox::CLEARSALE_CLIENT_SECRET),
        ],
    );
    lines.push(t.clearsale_cpfs.to_owned());
    lines.extend(clearsale::TEST_CPFS.iter().map(|test| format!("  {}  {}", test.cpf, test.what)));
    lines.extend([String::new(), (t.stop)(&sandbox.url())]);
    lines.join("\n")
}
