//! `kyc sandbox`: runs the sandbox for clients in any language.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use kyc_sandbox::{Sandbox, bankly, cellere, certiface, clearsale};

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::{interrupt, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The port; 0 selects a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// The address to listen on
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Listen on, and send webhooks to, other addresses than this machine's own; anyone who can reach it can use it
    #[arg(long)]
    allow_non_loopback: bool,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let mut builder = Sandbox::builder().port(args.port).bind(args.bind);
    if args.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    let refused = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::InvalidInput => {
            Failure::Setup(format!("--bind {} needs --allow-non-loopback: {error}", args.bind))
        }
        _ => Failure::Setup(format!("cannot listen on {}, port {}: {error}", args.bind, args.port)),
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
    let url = sandbox.bankly_url();
    let mut text = format!(
        "\nBankly, for any client, without TLS:\n\
         \x20 export KYC_BANKLY_BASE_URL={url}\n\
         \x20 export KYC_BANKLY_AUTH_URL={url}\n\
         \x20 export KYC_BANKLY_CLIENT_ID={}\n\
         \x20 export KYC_BANKLY_CLIENT_SECRET={}\n\n\
         The CPF determines the result; with any other valid CPF every image is valid:\n",
        Sandbox::BANKLY_CLIENT_ID,
        Sandbox::BANKLY_CLIENT_SECRET,
    );
    for test in bankly::TEST_CPFS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}  {}", test.cpf, test.what);
    }
    let _ = write!(
        text,
        "\nCellere portal, for any client, with {} credits:\n\
         \x20 export KYC_CELLERE_BASE_URL={}\n\
         \x20 export KYC_CELLERE_TOKEN={}\n\n\
         The CPF or CNPJ determines the result; any other valid one is regular, or active:\n",
        sandbox.cellere().credits(),
        sandbox.cellere_url(),
        Sandbox::CELLERE_TOKEN,
    );
    for test in cellere::TEST_CPFS {
        let _ = writeln!(text, "  {}     {}", test.cpf, test.what);
    }
    for test in cellere::TEST_CNPJS {
        let _ = writeln!(text, "  {}  {}", test.cnpj, test.what);
    }
    text.push_str(
        "The file name in a meter's link determines the meter: digital, ciclometrico or analogico.\n",
    );
    let _ = write!(
        text,
        "\nCertiface, for any client:\n\
         \x20 export KYC_CERTIFACE_BASE_URL={}\n\
         \x20 export KYC_CERTIFACE_RESULT_BASE_URL={}\n\
         \x20 export KYC_CERTIFACE_LOGIN={}\n\
         \x20 export KYC_CERTIFACE_PASSWORD={}\n\n\
         The CPF determines the result; any other valid one is approved:\n",
        sandbox.certiface_url(),
        sandbox.certiface_result_url(),
        Sandbox::CERTIFACE_USER,
        Sandbox::CERTIFACE_PASSWORD,
    );
    for test in certiface::TEST_CPFS {
        let _ = writeln!(text, "  {}  {}", test.cpf, test.what);
    }
    let _ = write!(
        text,
        "\nClearSale Facematch, for any client:\n\
         \x20 export KYC_CLEARSALE_BASE_URL={}\n\
         \x20 export KYC_CLEARSALE_CLIENT_ID={}\n\
         \x20 export KYC_CLEARSALE_CLIENT_SECRET={}\n\n\
         The CPF determines the result; any other valid one, or none, results in confiability 6:\n",
        sandbox.clearsale_url(),
        Sandbox::CLEARSALE_CLIENT_ID,
        Sandbox::CLEARSALE_CLIENT_SECRET,
    );
    for test in clearsale::TEST_CPFS {
        let _ = writeln!(text, "  {}  {}", test.cpf, test.what);
    }
    let _ = write!(text, "\nHelp, state and faults: {}/_sandbox/   Stop with Ctrl-C.", sandbox.url());
    text
}
