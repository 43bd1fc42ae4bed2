//! The contract of every [`DocumentReader`].

use std::time::Duration;

use kyc_core::{
    Delivery, DocumentKind, DocumentPage, DocumentReader, ErrorKind, Media, OperationId, Submission, Vendor,
};

/// A vendor with the inputs that its sandbox knows.
#[allow(missing_debug_implementations, reason = "contains a closure")]
pub struct Subject {
    /// The vendor.
    pub reader: Box<dyn DocumentReader>,
    /// The kinds of document that it reads.
    pub kinds: Vec<DocumentKind>,
    /// A kind of document that it does not know.
    pub unknown: DocumentKind,
    /// An image that it accepts.
    pub picture: Media,
    /// A file that it refuses before sending.
    pub refused_picture: Media,
    /// Returns the number of paid calls that the sandbox has counted.
    pub paid_calls: Box<dyn Fn() -> u64>,
}

const DEADLINE: Duration = Duration::from_secs(20);

/// Each kind of document is read as that kind, and no value is printed.
pub async fn each_kind_is_read(subject: &Subject) {
    for kind in &subject.kinds {
        let page = DocumentPage::new(kind.clone(), subject.picture.clone());
        let reading = subject.reader.read_document(&page, DEADLINE).await.expect("a reading");
        assert_eq!(reading.kind.as_ref(), Some(kind), "the kind of the page");
        let first = reading.fields.first().expect("a field at least");
        assert_eq!(reading.field(&first.name), Some(first.value.expose().as_str()));
        let is_share = |confidence: f64| (0.0..=1.0).contains(&confidence);
        assert!(reading.fields.iter().all(|field| field.confidence.is_none_or(is_share)));
        let shown = format!("{reading:?}");
        assert!(!shown.contains(first.value.expose().as_str()), "the value is not printed");
    }
}

/// A submission is paid for once, and queries are free.
pub async fn one_reading_is_paid_for_once(subject: &Subject) {
    let before = (subject.paid_calls)();
    let page = DocumentPage::new(subject.kinds[0].clone(), subject.picture.clone());
    let submitted = subject.reader.submit_document(&page).await.expect("taken");
    assert_eq!((subject.paid_calls)(), before + 1);
    let Submission::Pending(id) = submitted.into_inner() else { return };
    let id = OperationId::from_token(&id.to_token()).expect("its own token");
    let asked = subject.reader.document_reading_result(&id).await.expect("known");
    assert!(matches!(asked.into_inner(), Submission::Ready(_) | Submission::Pending(_)));
    assert_eq!((subject.paid_calls)(), before + 1, "a query is free");
}

/// A file that is not an image is refused before anything is sent.
pub async fn bad_input_is_not_sent(subject: &Subject) {
    let before = (subject.paid_calls)();
    let page = DocumentPage::new(subject.kinds[0].clone(), subject.refused_picture.clone());
    let error = subject.reader.read_document(&page, DEADLINE).await.expect_err("refused");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert_eq!(error.violations().len(), 1, "the field and the rule");
    assert_eq!((subject.paid_calls)(), before);
}

/// A kind that the vendor does not know costs nothing.
pub async fn an_unknown_kind_is_an_error(subject: &Subject) {
    let before = (subject.paid_calls)();
    let page = DocumentPage::new(subject.unknown.clone(), subject.picture.clone());
    subject.reader.read_document(&page, DEADLINE).await.expect_err("an unknown kind");
    assert_eq!((subject.paid_calls)(), before);
}

/// The id of another vendor is refused before anything is sent.
pub async fn ids_of_others_are_refused(subject: &Subject) {
    let foreign = OperationId::by_id(Vendor::new("somebody-else"), "document", "1");
    let error = subject.reader.document_reading_result(&foreign).await.expect_err("the id of another vendor");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
}
