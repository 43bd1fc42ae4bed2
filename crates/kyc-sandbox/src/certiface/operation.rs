//! The operations and their names.

use kyc_fixtures::certiface as documented;

use crate::counters::operations;

/// An example of an encrypted response.
const ENCRYPTED: &str = r#""UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG""#;

operations! {
    /// An operation of Certiface.
    pub enum Operation {
        /// `POST …/credencial`.
        Credencial = "credencial" in "credential",
        /// `POST …/appkey`.
        Appkey = "appkey" in "appkey",
        /// `GET …/checkauth`.
        Checkauth = "checkauth" in "checking-an-appkey",
        /// `POST …/challenge`.
        Challenge = "challenge" in "challenge",
        /// `POST` to `…` itself, the path of the service, which ends in `/captcha`.
        Captcha = "captcha" in "captcha",
        /// `POST …/3d/initialize`.
        Initialize = "initialize" in "initialising-facetec",
        /// `POST …/3d/session-token`.
        SessionToken = "session-token" in "3d-session",
        /// `POST …/3d/liveness`.
        Liveness = "liveness" in "3d-liveness",
        /// `POST …/3d/process-request`.
        ProcessRequest = "process-request" in "facetec-in-one-operation",
        /// `POST …/fortface/session-token`.
        FortfaceSessionToken = "fortface-session-token" in "fortface-session",
        /// `POST …/fortface/liveness`.
        FortfaceLiveness = "fortface-liveness" in "fortface-liveness",
        /// `POST …/result`: the result of liveness only.
        CaptchaResult = "captcha-result" in "result-of-the-liveness-alone",
        /// `POST …/document` with `images`.
        Document = "document" in "document",
        /// `POST …/document` with `qrcode`.
        DocumentQrcode = "document-qrcode" in "document-by-qr-code",
        /// `POST …/document/result`, at the base URL of the result.
        Result = "result" in "result",
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
