//! The suites, run for each vendor.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use async_trait::async_trait;
use behaviour::{background_checker, document_reader, face_matcher};
use kyc_core::{
    BackgroundChecker, Capability, Cnpj, CompanyCheck, CompanyStatus, Cpf, DocumentField, DocumentKind,
    DocumentPage, DocumentReader, DocumentReading, Error, FaceMatch, FaceMatcher, FacePair, FaceScore,
    FalseAcceptRate, Finding, Media, PersonCheck, PersonStatus, Response, Submission, ValidationError,
    Vendor, Verdict,
};
use kyc_sandbox::{Sandbox, samples};

fn picture(bytes: &'static [u8]) -> Media {
    Media::new(bytes).unwrap()
}

/// Two images of one person, for vendors whose sandbox chooses the outcome by CPF.
fn pair(cpf: Cpf) -> FacePair {
    let mut pair = FacePair::new(picture(samples::A_2014), picture(samples::A_2025));
    pair.cpf = Some(cpf);
    pair
}

fn cpf(text: &str) -> Cpf {
    Cpf::parse(text).unwrap()
}

#[tokio::test]
async fn clearsale_facematch() {
    let sandbox = Sandbox::builder().clearsale_match_delay(Duration::from_millis(300)).start().await.unwrap();
    let (id, secret) = (Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    let credentials = clearsale_facematch::Credentials::new(id, secret);
    let client = clearsale_facematch::Client::builder(credentials)
        .base_url(&sandbox.clearsale_url())
        .poll_interval(Duration::from_millis(100))
        .build()
        .unwrap();
    face_matcher::suite(&face_matcher::Subject {
        matcher: &client,
        same_person: pair(cpf("90000000680")),
        two_people: pair(cpf("90000000094")),
        not_comparable: Some(pair(cpf("90000001066"))),
        takes_rates: true,
        refused_picture: picture(b"not a picture"),
        paid_calls: &|| sandbox.clearsale().paid_calls(),
    })
    .await;
}

#[tokio::test]
async fn cellere_portal() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let credentials = cellere_portal::Credentials::new(Sandbox::CELLERE_TOKEN);
    let client =
        cellere_portal::Client::builder(credentials).base_url(&sandbox.cellere_url()).build().unwrap();
    let paid_calls = &|| sandbox.cellere().paid_calls();
    face_matcher::suite(&face_matcher::Subject {
        matcher: &client,
        same_person: FacePair::new(picture(samples::A_2014), picture(samples::A_2025)),
        two_people: FacePair::new(picture(samples::A_2014), picture(samples::B_2022)),
        not_comparable: None,
        takes_rates: false,
        refused_picture: picture(b"not a picture"),
        paid_calls,
    })
    .await;
    document_reader::suite(&document_reader::Subject {
        reader: &client,
        kinds: &[
            DocumentKind::Cnh,
            DocumentKind::Rg,
            DocumentKind::Passport,
            DocumentKind::Rne,
            DocumentKind::ProofOfAddress,
            DocumentKind::BirthCertificate,
            DocumentKind::MarriageCertificate,
            DocumentKind::CompanyRegistration,
            DocumentKind::from("art"),
        ],
        unknown: DocumentKind::from("shopping-list"),
        picture: picture(samples::A_2014),
        refused_picture: picture(b"not a picture"),
        paid_calls,
    })
    .await;
    background_checker::suite(&background_checker::Subject {
        checker: &client,
        people: &[
            (cpf("93000000127"), PersonStatus::Regular),
            (cpf("93000001018"), PersonStatus::Pending),
            (cpf("93000001107"), PersonStatus::Suspended),
            (cpf("93000001280"), PersonStatus::Cancelled),
            (cpf("93000001360"), PersonStatus::Deceased),
            (cpf("93000001441"), PersonStatus::Void),
        ],
        companies: &[
            (cnpj("93000001000117"), CompanyStatus::Active),
            (cnpj("93ABC001000170"), CompanyStatus::Active),
            (cnpj("93000010000108"), CompanyStatus::Closed),
            (cnpj("93000011000152"), CompanyStatus::Unfit),
            (cnpj("93000012000105"), CompanyStatus::Suspended),
            (cnpj("93000013000141"), CompanyStatus::Void),
        ],
        paid_calls,
    })
    .await;
}

fn cnpj(text: &str) -> Cnpj {
    Cnpj::parse(text).unwrap()
}

/// A user's own fake: a few lines per trait are enough to pass the suites.
#[derive(Debug, Default)]
struct Fake {
    paid: std::sync::atomic::AtomicU64,
}

const FAKE: Vendor = Vendor::new("fake");

impl Capability for Fake {
    fn vendor(&self) -> Vendor {
        FAKE
    }
}

#[async_trait]
impl FaceMatcher for Fake {
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error> {
        if pair.second.dimensions().is_none() {
            return Err(Error::invalid_input(FAKE, "second", &ValidationError::new("must be an image")));
        }
        self.paid.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let is_match = pair.cpf == Some(cpf("90000000680"));
        let mut verdict = FaceMatch::new(if is_match { Verdict::Match } else { Verdict::NoMatch });
        verdict.score = Some(FaceScore::Similarity(if is_match { 0.9 } else { 0.0 }));
        verdict.false_accept_rate = FalseAcceptRate::one_in(1000).filter(|_| is_match);
        Ok(Submission::Ready(verdict).into())
    }
}

#[tokio::test]
async fn a_users_own_fake() {
    let fake = Fake::default();
    face_matcher::suite(&face_matcher::Subject {
        matcher: &fake,
        same_person: pair(cpf("90000000680")),
        two_people: pair(cpf("90000000094")),
        not_comparable: None,
        takes_rates: true,
        refused_picture: picture(b"not a picture"),
        paid_calls: &|| fake.paid.load(std::sync::atomic::Ordering::SeqCst),
    })
    .await;
}

#[async_trait]
impl DocumentReader for Fake {
    async fn submit_document(
        &self,
        page: &DocumentPage,
    ) -> Result<Response<Submission<DocumentReading>>, Error> {
        if page.image.dimensions().is_none() {
            return Err(Error::invalid_input(FAKE, "picture", &ValidationError::new("must be an image")));
        }
        if page.kind != DocumentKind::Passport {
            return Err(Error::unsupported(FAKE, "only passports"));
        }
        self.paid.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut reading = DocumentReading::default();
        reading.kind = Some(DocumentKind::Passport);
        reading.fields.push(DocumentField::new("surname", "EXEMPLO"));
        Ok(Submission::Ready(reading).into())
    }
}

#[async_trait]
impl BackgroundChecker for Fake {
    async fn check_person(&self, _: &Cpf) -> Result<Response<PersonCheck>, Error> {
        self.paid.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut check = PersonCheck::default();
        check.status = Some(PersonStatus::Deceased);
        check.deceased = Finding::Yes;
        Ok(check.into())
    }

    async fn check_company(&self, _: &Cnpj) -> Result<Response<CompanyCheck>, Error> {
        self.paid.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut check = CompanyCheck::default();
        check.status = Some(CompanyStatus::Active);
        Ok(check.into())
    }
}

#[tokio::test]
async fn a_users_own_fake_of_the_other_capabilities() {
    let fake = Fake::default();
    let paid_calls = &|| fake.paid.load(std::sync::atomic::Ordering::SeqCst);
    document_reader::suite(&document_reader::Subject {
        reader: &fake,
        kinds: &[DocumentKind::Passport],
        unknown: DocumentKind::Rg,
        picture: picture(samples::A_2014),
        refused_picture: picture(b"not a picture"),
        paid_calls,
    })
    .await;
    background_checker::suite(&background_checker::Subject {
        checker: &fake,
        people: &[(cpf("93000001360"), PersonStatus::Deceased)],
        companies: &[(cnpj("93000001000117"), CompanyStatus::Active)],
        paid_calls,
    })
    .await;
}
