use kyc_core::{ErrorKind, FacePair, Media};
use own_face_matcher::{ByLength, admits};

fn picture(padding: usize) -> Media {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(vec![0; padding]);
    Media::new(bytes).unwrap()
}

#[tokio::test]
async fn a_fake_replaces_a_vendor() {
    let fake = ByLength::after(3);
    assert!(admits(&fake, FacePair::new(picture(64), picture(64))).await.unwrap());
    assert_eq!(fake.asked(), 3, "it was polled");
    assert!(!admits(&ByLength::after(1), FacePair::new(picture(64), picture(65))).await.unwrap());
}

#[tokio::test]
async fn polling_ends_with_the_timeout() {
    let never = ByLength::after(u32::MAX);
    let pair = FacePair::new(picture(64), picture(64));
    let wait = std::time::Duration::from_millis(50);
    let error = kyc_core::FaceMatcher::compare_faces(&never, &pair, wait).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.operation_id().is_some(), "to query it later");
}
