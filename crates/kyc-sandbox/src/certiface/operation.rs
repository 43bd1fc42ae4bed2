//! The operations and their names.

use kyc_fixtures::certiface as documented;

use crate::counters::operations;

/// An example of an encrypted response.
const ENCRYPTED: &str = r#""UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG""#;

operations! {
    /// An operation of Certiface.
    pub enum Operation {
        /// `POST …/credencial`.
        Credencial = "credencial",
        /// `POST …/appkey`.
        Appkey = "appkey",
        /// `GET …/checkauth`.
        Checkauth = "checkauth",
        /// `POST …/challenge`.
        Challenge = "challenge",
        /// `POST` to `…` itself, the path of the service, which ends in `/captcha`.
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
        /// `POST …/result`: the result of liveness only.
        CaptchaResult = "captcha-result",
        /// `POST …/document` with `images`.
        Document = "document",
        /// `POST …/document` with `qrcode`.
        DocumentQrcode = "document-qrcode",
        /// `POST …/document/result`, at the base URL of the result.
        Result = "result",
    }
}

impl Operation {
    /// The body that a fault truncates if the request is not performed.
    pub(super) fn sample(self) -> &'static str {
        match self {
            Self::Credencial => documented::CREDENCIAL_200.body,
            Self::Appkey => documented::APPKEY_200.body,
            // Its own response is empty and cannot be truncated.
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
