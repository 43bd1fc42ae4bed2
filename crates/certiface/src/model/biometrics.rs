//! The comparisons of faces in a result. (Our page: "The document".)

use kyc_core::{FiniteF64, Lenient, RedactedText, Verdict, response};

use super::codes::BiometricCode;

response! {
    /// The comparisons of a document with other images. (Vendor: `biometriaDocumento`; our page: "The document".)
    #[serde(rename_all = "camelCase")]
    pub struct DocumentBiometrics {
        /// The vendor's transaction number.
        pub protocolo: Option<RedactedText>,
        /// The comparison of the document's photograph with the selfie.
        pub facematch: Option<BiometricCheck>,
        /// The comparison with the image that Serpro holds.
        pub serpro: Option<BiometricCheck>,
    }
}

response! {
    /// One comparison of faces. (Vendor: `facematch` and `serpro`.)
    #[serde(rename_all = "camelCase")]
    pub struct BiometricCheck {
        /// The outcome.
        pub codigo: Option<BiometricCode>,
        /// The outcome as a message of the vendor.
        pub causa: Option<RedactedText>,
        /// The similarity of the faces, from 0 to 1. Present only if they were compared.
        pub score: Option<Lenient<FiniteF64>>,
    }
}

impl BiometricCheck {
    /// Returns whether the faces belong to one person: by the code, with which the score must agree. Inconclusive if they were
    /// not compared, or if code or score is missing, unreadable or contradictory: [`unclear_reason`](Self::unclear_reason) names
    /// which.
    pub fn verdict(&self) -> Verdict {
        self.judge().unwrap_or(Verdict::Inconclusive)
    }

    /// Returns why the verdict is [`Verdict::Inconclusive`].
    #[must_use]
    pub fn unclear_reason(&self) -> Option<&'static str> {
        self.judge().err()
    }

    fn judge(&self) -> Result<Verdict, &'static str> {
        let code = self.codigo.as_ref().ok_or("the code of the comparison is missing")?;
        let score = self.score.as_ref().and_then(Lenient::get).map(|score| score.get());
        match (code.verdict(), score) {
            (Verdict::Match, Some(score)) if score > 0.0 && score <= 1.0 => Ok(Verdict::Match),
            (Verdict::Match, Some(0.0)) => Err("the faces match, but their similarity is 0"),
            (Verdict::Match, _) => {
                Err("the faces match, but their similarity is missing, unreadable or out of range")
            }
            (Verdict::NoMatch, Some(score)) if score >= 1.0 => {
                Err("the faces do not match, but their similarity is the highest")
            }
            (Verdict::NoMatch, _) => Ok(Verdict::NoMatch),
            _ => Err("the faces were not compared, or the code is unknown"),
        }
    }
}
