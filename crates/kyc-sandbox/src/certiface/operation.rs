//! The operations and their names.

use kyc_fixtures::certiface as documented;

use crate::counters::operations;

/// How an encrypted answer looks.
const ENCRYPTED: &str = r#""UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG""#;

operations! {
    /// What can be asked of Certiface.
    pub enum Operation {
        /// `POST …/credencial`.
        Credencial = "credencial",
        /// `POST …/appkey`.
        Appkey = "appkey",
        /// `GET …/checkauth`.
        Checkauth = "checkauth",
        /// `POST …/challenge`.
        Challenge = "challenge",
        /// `POST …/captcha`, where `…` ends: the service's own path.
        Captcha = "captcha",
        /// `POST …/3d/initialize`.
        Initialize = "initialize",
        /// `POST …/3d/session-token`.
        SessionToken = "session-token",
        /// `POST …/3d/liveness`.
        Liveness = "liveness",
        /// `POST …/3d/process-request`.
        ProcessRequest = "process-request",
        /// `POST …/fortface/session-token`.
        FortfaceSessionToken = "fortface-session-token",
        /// `POST …/fortface/liveness`.
        FortfaceLiveness = "fortface-liveness",
        /// `POST …/result`: of the liveness alone.
        CaptchaResult = "captcha-result",
        /// `POST …/document` with `images`.
        Document = "document",
        /// `POST …/document` with `qrcode`.
        DocumentQrcode = "document-qrcode",
        /// `POST …/document/result`, at the result's own address.
        Result = "result",
    }
}

impl Operation {
    /// What a fault cuts in half when the request itself is not performed.
    pub(super) fn sample(self) -> &'static str {
        match self {
            Self::Credencial => documented::CREDENCIAL_200.body,
            Self::Appkey => documented::APPKEY_200.body,
            // Its own answer is empty, and nothing can be cut off that.
            Self::Checkauth => documented::CHECKAUTH_401.body,
            Self::Challenge | Self::Initialize | Self::SessionToken => ENCRYPTED,
            Self::Captcha => documented::CAPTCHA_200.body,
            Self::Liveness => documented::LIVENESS_FACETEC_200.body,
            Self::ProcessRequest => documented::PROCESS_REQUEST_FINAL_200.body,
            Self::FortfaceSessionToken => documented::FORTFACE_SESSION_TOKEN_200.body,
            Self::FortfaceLiveness => documented::FORTFACE_LIVENESS_200.body,
            Self::CaptchaResult => documented::CAPTCHA_RESULT_200.body,
            Self::Document => documented::DOCUMENT_200.body,
            Self::DocumentQrcode => documented::DOCUMENT_QRCODE_200.body,
            Self::Result => documented::RESULT_PROCESSING_200.body,
        }
    }
}
