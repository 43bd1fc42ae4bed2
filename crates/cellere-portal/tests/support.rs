//! Images of every format, requests and clients.

use cellere_portal::kyc_core::{ClientOptions, Cnpj, Cpf, Error, Media, MediaFormat, ReqwestTransport};
use cellere_portal::{
    Client, ClientBuilder, Credentials, DocumentRequest, DocumentType, FaceMatchRequest, MeterRequest,
    MeterService,
};
use kyc_sandbox::Sandbox;
use test_support::clock::SkippingClock;
pub use test_support::png;

/// The name of each operation and whether it costs credits.
pub const OPERATIONS: [(&str, bool); 6] = [
    ("document", true),
    ("cpf", true),
    ("cnpj", true),
    ("meter", true),
    ("facematch", true),
    ("balance", false),
];

pub const LINK: &str = "https://example.com/digital.jpeg?sig=a%2Fb";

pub fn cpf() -> Cpf {
    Cpf::parse("529.982.247-25").unwrap()
}

pub fn cnpj() -> Cnpj {
    Cnpj::parse("11.222.333/0001-81").unwrap()
}

pub fn media(bytes: impl Into<Vec<u8>>) -> Media {
    Media::new(bytes.into()).unwrap()
}

pub fn image() -> Media {
    media(png(150))
}

/// Returns a complete image of that format, without content.
pub fn of_format(format: MediaFormat) -> Media {
    let image = match format {
        MediaFormat::Jpeg => media(
            &b"\xFF\xD8\xFF\xC0\0\x11\x08\0\x60\0\x60\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xFF\xD9"[..],
        ),
        MediaFormat::Png => image(),
        MediaFormat::Gif => media(&b"GIF89a\x01\0\x01\0\0\0\0;"[..]),
        MediaFormat::Bmp => media(&b"BM\x1A\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\x01\0\x01\0\x01\0\x18\0"[..]),
        MediaFormat::Webp => media(&b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2F\0\0\0\0\0"[..]),
        MediaFormat::Heic => media(&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x2Cmeta\0\0\0\0\0\0\0\x20iprp\0\0\0\x18ipco\0\0\0\x14ispe\0\0\0\0\0\0\0\x01\0\0\0\x01"[..]),
        MediaFormat::Pdf => media(&b"%PDF-1.4\n%%EOF\n"[..]),
        _ => media("hello"),
    };
    assert_eq!(image.format(), format);
    image
}

pub fn document() -> DocumentRequest {
    DocumentRequest::new(DocumentType::Cnh, image())
}

pub fn meter() -> MeterRequest {
    MeterRequest::base64(MeterService::Energy, image())
}

/// Returns a request with two different images.
pub fn faces() -> FaceMatchRequest {
    FaceMatchRequest::new(image(), of_format(MediaFormat::Jpeg))
}

/// Calls the operation of that name.
pub async fn call(client: &Client, operation: &str) -> Result<(), Error> {
    match operation {
        "document" => client.document(&document()).await.map(drop),
        "cpf" => client.cpf(&cpf()).await.map(drop),
        "cnpj" => client.cnpj(&cnpj()).await.map(drop),
        "meter" => client.meter(&meter()).await.map(drop),
        "facematch" => client.facematch(&faces()).await.map(drop),
        "balance" => client.balance().await.map(drop),
        other => panic!("{other}"),
    }
}

/// Returns a builder whose client does not wait between attempts.
pub fn builder(base_url: &str) -> ClientBuilder {
    Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN))
        .base_url(base_url)
        .options(ClientOptions::new().clock(SkippingClock::running()))
}

/// Returns the options of a builder, with the shared transport.
fn options() -> ClientOptions {
    ClientOptions::new().clock(SkippingClock::running()).transport(transport())
}

pub fn client(base_url: &str) -> Client {
    builder(base_url).options(options()).build().unwrap()
}

thread_local! {
    static TRANSPORT: ReqwestTransport = ReqwestTransport::new().unwrap();
}

/// Returns the transport that a test's clients share: loading the root certificates for each of a hundred clients takes
/// seconds.
pub fn transport() -> ReqwestTransport {
    TRANSPORT.with(Clone::clone)
}

/// Returns a client that makes one attempt.
pub fn once(base_url: &str) -> Client {
    builder(base_url).options(options().max_attempts(1)).build().unwrap()
}
