//! The contract of each capability, the same for every vendor. A vendor's tests call it with a function that makes a subject, as
//! `behaviour::face_matcher!(faces);`: each promise becomes a test of its name. The suites know the traits of kyc-core and no
//! vendor.

pub mod background_checker;
pub mod document_reader;
pub mod face_matcher;

/// The programs of the repository's README, run unchanged.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

/// The programs of the guide to webhooks.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/webhooks.md")]
pub struct Webhooks;

/// The programs of the guide to verifications.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/verification.md")]
pub struct Verifications;

/// Makes a module with a test for each promise of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! promises {
    ($subject:ident, $suite:ident: $($promise:ident)*) => {
        mod $suite {
            $(
                #[tokio::test]
                async fn $promise() {
                    $crate::$suite::$promise(&super::$subject().await).await;
                }
            )*
        }
    };
}

/// Tests a [`kyc_core::FaceMatcher`].
#[macro_export]
macro_rules! face_matcher {
    ($subject:ident) => {
        $crate::promises!($subject, face_matcher:
            one_person_matches
            two_people_do_not
            bad_input_is_not_sent
            an_unsupported_rate_is_an_error
            a_verdict_outlives_the_process
            a_pair_that_cannot_be_compared_is_an_error
            ids_of_others_are_refused);
    };
}

/// Tests a [`kyc_core::DocumentReader`].
#[macro_export]
macro_rules! document_reader {
    ($subject:ident) => {
        $crate::promises!($subject, document_reader:
            each_kind_is_read
            one_reading_is_paid_for_once
            bad_input_is_not_sent
            an_unknown_kind_is_an_error
            ids_of_others_are_refused);
    };
}

/// Tests a [`kyc_core::BackgroundChecker`].
#[macro_export]
macro_rules! background_checker {
    ($subject:ident) => {
        $crate::promises!($subject, background_checker:
            every_registration_status_is_a_result
            a_check_is_paid_for_once);
    };
}
