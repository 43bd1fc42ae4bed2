//! Types that several operations share.

use kyc_core::RedactedText;

/// The vendor's id of a comparison.
pub type ComparisonId = RedactedText;
