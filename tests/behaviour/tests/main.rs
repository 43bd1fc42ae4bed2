//! The suites, run for a user's own fake.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use async_trait::async_trait;
use kyc_core::{
    BackgroundChecker, Capability, Cnpj, CompanyCheck, CompanyStatus, Cpf, DocumentField, DocumentKind,
    DocumentPage, DocumentReader, DocumentReading, Error, FaceMatch, FaceMatcher, FacePair, FaceScore,
    FalseAcceptRate, Finding, Media, PersonCheck, PersonStatus, Response, Submission, ValidationError,
    Vendor, Verdict,
};
use kyc_sandbox::samples;

fn picture(bytes: &'static [u8]) -> Media {
    Media::new(bytes).unwrap()
}

fn cpf(text: &str) -> Cpf {
    Cpf::parse(text).unwrap()
}

fn pair(id: &str) -> FacePair {
    let mut pair = FacePair::new(picture(samples::A_2014), picture(samples::A_2025));
    pair.cpf = Some(cpf(id));
    pair
}

/// A user's own fake: a few lines per trait are enough to pass the suites.
#[derive(Debug, Default)]
struct Fake {
    paid: Arc<AtomicU64>,
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
        self.paid.fetch_add(1, SeqCst);
        let is_match = pair.cpf == Some(cpf("90000000680"));
        let mut verdict = FaceMatch::new(if is_match { Verdict::Match } else { Verdict::NoMatch });
        verdict.score = Some(FaceScore::Similarity(if is_match { 0.9 } else { 0.0 }));
        verdict.false_accept_rate = FalseAcceptRate::one_in(1000).filter(|_| is_match);
        Ok(Submission::Ready(verdict).into())
    }
}

fn paid_calls(fake: &Fake) -> Box<dyn Fn() -> u64> {
    let paid = Arc::clone(&fake.paid);
    Box::new(move || paid.load(SeqCst))
}

async fn faces() -> behaviour::face_matcher::Subject {
    let fake = Fake::default();
    behaviour::face_matcher::Subject {
        paid_calls: paid_calls(&fake),
        matcher: Box::new(fake),
        same_person: pair("90000000680"),
        two_people: pair("90000000094"),
        not_comparable: None,
        has_ids: true,
        takes_rates: true,
        refused_picture: picture(b"not a picture"),
    }
}

behaviour::face_matcher!(faces);

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
        self.paid.fetch_add(1, SeqCst);
        let mut reading = DocumentReading::default();
        reading.kind = Some(DocumentKind::Passport);
        reading.fields.push(DocumentField::new("surname", "EXEMPLO"));
        Ok(Submission::Ready(reading).into())
    }
}

#[async_trait]
impl BackgroundChecker for Fake {
    async fn check_person(&self, _: &Cpf) -> Result<Response<PersonCheck>, Error> {
        self.paid.fetch_add(1, SeqCst);
        let mut check = PersonCheck::default();
        check.status = Some(PersonStatus::Deceased);
        check.deceased = Finding::Yes;
        Ok(check.into())
    }

    async fn check_company(&self, _: &Cnpj) -> Result<Response<CompanyCheck>, Error> {
        self.paid.fetch_add(1, SeqCst);
        let mut check = CompanyCheck::default();
        check.status = Some(CompanyStatus::Active);
        Ok(check.into())
    }
}

async fn documents() -> behaviour::document_reader::Subject {
    let fake = Fake::default();
    behaviour::document_reader::Subject {
        paid_calls: paid_calls(&fake),
        reader: Box::new(fake),
        kinds: vec![DocumentKind::Passport],
        unknown: DocumentKind::Rg,
        picture: picture(samples::A_2014),
        refused_picture: picture(b"not a picture"),
    }
}

behaviour::document_reader!(documents);

async fn registers() -> behaviour::background_checker::Subject {
    let fake = Fake::default();
    behaviour::background_checker::Subject {
        paid_calls: paid_calls(&fake),
        checker: Box::new(fake),
        people: vec![(cpf("93000001360"), PersonStatus::Deceased)],
        companies: vec![(Cnpj::parse("93000001000117").unwrap(), CompanyStatus::Active)],
    }
}

behaviour::background_checker!(registers);
