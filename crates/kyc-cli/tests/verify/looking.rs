//! Pictures that are looked at before anything is sent.

use kyc_sandbox::samples;

use super::desk::*;
use crate::support::*;

/// All pictures of the desk have the same pixels.
const ASKED: &str = "we received the same picture twice";

#[tokio::test]
async fn a_person_is_asked_once_and_nothing_is_paid_meanwhile() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    let run = verify(&desk, &["--preflight"]).await;
    assert!(
        run.code == Some(10)
            && run.says("WAITING")
            && run.stdout.replace("\n             ", " ").contains(ASKED),
        "{run:?}"
    );
    assert_eq!(paid(&sandbox), [0; 4]);
    // Nothing was handed in yet.
    let case = case_of(&run);
    let run = desk.run(&["verify", "--resume", &case, "--preflight"]).await;
    assert!(run.code == Some(10), "{run:?}");
    assert_eq!(paid(&sandbox), [0; 4]);
    // It goes on with pictures that are no better.
    let run = desk
        .run(&["verify", "--resume", &case, "--preflight", "--front", "front.jpg", "--back", "back.jpg"])
        .await;
    assert!(run.code == Some(0) && run.says("APPROVED"), "{run:?}");
}

#[tokio::test]
async fn the_configuration_has_pictures_looked_at_and_an_option_goes_on_with_them() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox).with("KYC_VERIFY_PREFLIGHT", "true");
    let run = verify(&desk, &[]).await;
    assert_eq!((run.code, paid(&sandbox)), (Some(10), [0; 4]), "{run:?}");
    let run = desk.run(&["verify", "--resume", &case_of(&run), "--ignore-advice"]).await;
    assert!(run.code == Some(0) && run.says("APPROVED"), "{run:?}");
}

#[tokio::test]
async fn a_picture_that_no_vendor_takes_is_refused_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    desk.file("small.png", png(100));
    desk.file("faces.toml", "version = \"1\"\n[check.face_document]\nby = [\"clearsale\", \"bankly\"]\nmin_similarity = { bankly = 0.95 }\n");
    let words =
        [&["verify"], &PERSON[..], &PICTURES[2..], &["--selfie", "small.png", "--policy", "faces.toml"]]
            .concat();
    let run = desk.run(&words).await;
    let told = "no vendor takes the selfie: must be at least 150 pixels wide, but is 100; nothing was sent";
    assert!(run.code == Some(3) && run.says(told), "{run:?}");
    assert_eq!(paid(&sandbox), [0; 4]);
    // ClearSale takes what is too small for Bankly.
    desk.file("small.jpg", samples::A_2014);
    let words =
        [&["verify"], &PERSON[..], &PICTURES[2..], &["--selfie", "small.jpg", "--policy", "faces.toml"]]
            .concat();
    assert_eq!(desk.run(&words).await.code, Some(0));
}
