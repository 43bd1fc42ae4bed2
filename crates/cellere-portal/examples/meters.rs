//! Reads meters, on a local sandbox that the program starts: the image as a file, as base64 and as a link, with and without
//! the customer's own reading.
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
    // No source confirms the path of this operation: `.endpoints(|endpoints| endpoints.meter = …)` sets another.
    let client =
        Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;

    let image = |bytes: &'static [u8]| Media::new(bytes);
    // The portal fetches the image from a link, so anyone who knows the URL can see it. The sandbox fetches nothing and uses
    // the file name only.
    let link = "https://images.example.com/analogico-31.png?signature=c2VjcmV0";
    let requests = [
        ("a file", MeterRequest::file(MeterService::Energy, image(samples::METER_DIGITAL)?)),
        ("base64", MeterRequest::base64(MeterService::Water, image(samples::METER_CYCLOMETRIC)?)),
        ("a link", MeterRequest::link(MeterService::Energy, link)),
        (
            "a file, and a reading that agrees",
            MeterRequest::file(MeterService::Gas, image(samples::METER_CYCLOMETRIC)?).with_reading("4821"),
        ),
        (
            "a link, and a reading that does not",
            MeterRequest::link(MeterService::Energy, link).with_reading("7,0"),
        ),
    ];
    for (what, request) in requests {
        let response = client.meter(&request).await?;
        println!("{what}");
        show(response.value().reading());
        if let Some(conciliation) = response.value().conciliation() {
            println!("   {conciliation:?}");
        }
    }
    println!("paid for: {} readings", sandbox.cellere().paid_calls());

    // A format that the portal does not accept is refused before anything is sent, and costs nothing.
    let pdf = MeterRequest::file(MeterService::Gas, Media::new("%PDF-1.4\n%%EOF\n")?);
    println!("{}", client.meter(&pdf).await.err().ok_or("the file was read")?);
    Ok(())
}

fn show(meter: &MeterResponse) {
    // As text, since a number would lose the leading zeros.
    let reading = meter.read_result.as_ref().map_or("nothing", RedactedText::as_str);
    let confidence = meter.confidence_read.as_ref().and_then(Lenient::get).map(|confidence| confidence.get());
    println!("   {:?} {:?}: {reading}, confidence: {confidence:?}", meter.service, meter.display_type);
    if let Some(code) = &meter.power_code {
        println!("   power code {}", code.as_str());
    }
    if let Some(unbalanced) = meter.unbalanced_analogical.as_ref().and_then(Lenient::get) {
        println!("   unbalanced: {unbalanced}");
    }
}
