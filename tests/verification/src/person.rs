//! The person of every case, who is nobody.

use certiface::{Client, Credentials, Journey, LivenessResponse};
use kyc_core::{Applicant, ClientOptions, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii};
use kyc_sandbox::{Sandbox, samples};

/// The CPF of the sandbox's sample person.
pub const CPF: &str = samples::PERSON.cpf;

/// Returns the person with everything that any vendor needs.
pub fn applicant() -> Applicant {
    let mut applicant = applicant_without_frames();
    applicant.capture = (0..4).map(frame).collect();
    applicant
}

/// Returns the person who has yet to make a capture with the vendor's kit.
pub fn applicant_without_frames() -> Applicant {
    let mut applicant = Applicant::new(Cpf::parse(CPF).unwrap());
    applicant.name = Some(Pii::new(samples::PERSON.name.to_owned()));
    applicant.birth_date = Some(Pii::new(Date::parse(samples::PERSON.birth_date).unwrap()));
    applicant.selfie = Some(picture());
    applicant.document = Some(IdentityDocument::new(DocumentKind::Rg, picture()).with_back(picture()));
    applicant
}

/// Returns a picture that every vendor accepts: a PNG of 640 × 480 pixels without content.
pub fn picture() -> Media {
    let mut bytes = test_support::png(640);
    // The height.
    bytes[20..24].copy_from_slice(&480_u32.to_be_bytes());
    Media::new(bytes).unwrap()
}

/// Returns a frame of a capture: a JPEG of a few bytes with its number, so that no two are equal.
pub fn frame(number: u8) -> Media {
    let mut bytes = b"\xFF\xD8\xFF\xFE\0\x09no 000".to_vec();
    bytes.push(b'0' + number % 10);
    bytes.extend(b"\xFF\xC0\0\x0B\x08\0\x60\0\x60\x01\x01\x11\0\xFF\xD9");
    Media::new(bytes).unwrap()
}

/// Makes the capture, as the vendor's kit does on the person's device.
pub async fn capture(sandbox: &Sandbox, appkey: &str) -> LivenessResponse {
    let credentials = Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
    let client = Client::builder(credentials)
        .base_url(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
        .options(ClientOptions::new().clock(sandbox.clock()))
        .build()
        .unwrap();
    let mut journey = Journey::from_appkey(&client, appkey.into());
    journey.challenge().await.unwrap();
    let frames = [vec![frame(0), frame(1)], vec![frame(2), frame(3)]];
    journey.captcha(&frames).await.unwrap().into_inner()
}
