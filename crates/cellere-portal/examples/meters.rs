//! Reads meters on a sandbox that this program starts itself: the picture as a file, as base64 and behind a link, with the
//! customer's own reading and without.
//!
//! `cargo run -p cellere-portal --example meters`

#![allow(clippy::print_stdout)]

use cellere_portal::kyc_core::{Lenient, Media, RedactedText};
use cellere_portal::{Client, Credentials, MeterRequest, MeterResponse, MeterService};
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().start().await?;
    // Of all the portal's paths this one is the least sure: `.endpoints(|endpoints| endpoints.meter = …)` sets another.
    let client =
        Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;

    let picture = |bytes: &'static [u8]| Media::new(bytes);
    // The portal fetches what is behind a link, so whoever knows the address sees the picture. The sandbox fetches
    // nothing: it goes by the name of the file.
    let link = "https://pictures.example.com/analogico-31.png?signature=c2VjcmV0";
    let requests = [
        ("a file", MeterRequest::file(MeterService::Energy, picture(samples::METER_DIGITAL)?)),
        ("base64", MeterRequest::base64(MeterService::Water, picture(samples::METER_CYCLOMETRIC)?)),
        ("a link", MeterRequest::link(MeterService::Energy, link)),
        (
            "a file, and a reading that agrees",
            MeterRequest::file(MeterService::Gas, picture(samples::METER_CYCLOMETRIC)?).with_reading("4821"),
        ),
        (
            "a link, and a reading that does not",
            MeterRequest::link(MeterService::Energy, link).with_reading("7,0"),
        ),
    ];
    for (what, request) in requests {
        let answer = client.meter(&request).await?;
        println!("{what}");
        show(answer.value().reading());
        if let Some(conciliation) = answer.value().conciliation() {
            println!("   {conciliation:?}");
        }
    }
    println!("paid for: {} readings", sandbox.cellere().paid_calls());

    // What the portal could not take is not even sent, and costs nothing.
    let photograph = MeterRequest::file(MeterService::Gas, Media::new("%PDF-1.4\n%%EOF\n")?);
    println!("{}", client.meter(&photograph).await.err().ok_or("it was read")?);
    Ok(())
}

fn show(meter: &MeterResponse) {
    // With the zeros in front that a number would lose.
    let reading = meter.read_result.as_ref().map_or("nothing", RedactedText::as_str);
    let sure = meter.confidence_read.as_ref().and_then(Lenient::get).map(|sure| sure.get());
    println!("   {:?} {:?}: {reading}, sure: {sure:?}", meter.service, meter.display_type);
    if let Some(code) = &meter.power_code {
        println!("   of the quantity {}", code.as_str());
    }
    if let Some(unbalanced) = meter.unbalanced_analogical.as_ref().and_then(Lenient::get) {
        println!("   pointers that contradict each other: {unbalanced}");
    }
}
