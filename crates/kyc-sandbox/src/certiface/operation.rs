//! The operations and their names.

use kyc_fixtures::certiface as documented;

/// How an encrypted answer looks.
const ENCRYPTED: &str = r#""UktkdtBPFwVYBE3vJ5+7b5xjWeGNuHQxqSm10YSVwFVefPUiT/jO9LWYCqgFpkEG""#;

/// What can be asked of Certiface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST …/credencial`.
    Credencial,
    /// `POST …/appkey`.
    Appkey,
    /// `GET …/checkauth`.
    Checkauth,
    /// `POST …/challenge`.
    Challenge,
    /// `POST …/captcha`, where `…` ends: the service's own path.
    Captcha,
    /// `POST …/3d/initialize`.
    Initialize,
    /// `POST …/3d/session-token`.
    SessionToken,
    /// `POST …/3d/liveness`.
    Liveness,
    /// `POST …/3d/process-request`.
    ProcessRequest,
    /// `POST …/fortface/session-token`.
    FortfaceSessionToken,
    /// `POST …/fortface/liveness`.
    FortfaceLiveness,
    /// `POST …/result`: of the liveness alone.
    CaptchaResult,
    /// `POST …/document` with `images`.
    Document,
    /// `POST …/document` with `qrcode`.
    DocumentQrcode,
    /// `POST …/document/result`, at the result's own address.
    Result,
}

impl Operation {
    /// Every operation.
    pub const ALL: &[Self] = &[
        Self::Credencial,
        Self::Appkey,
        Self::Checkauth,
        Self::Challenge,
        Self::Captcha,
        Self::Initialize,
        Self::SessionToken,
        Self::Liveness,
        Self::ProcessRequest,
        Self::FortfaceSessionToken,
        Self::FortfaceLiveness,
        Self::CaptchaResult,
        Self::Document,
        Self::DocumentQrcode,
        Self::Result,
    ];

    /// The name on the control routes, such as `session-token`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Credencial => "credencial",
            Self::Appkey => "appkey",
            Self::Checkauth => "checkauth",
            Self::Challenge => "challenge",
            Self::Captcha => "captcha",
            Self::Initialize => "initialize",
            Self::SessionToken => "session-token",
            Self::Liveness => "liveness",
            Self::ProcessRequest => "process-request",
            Self::FortfaceSessionToken => "fortface-session-token",
            Self::FortfaceLiveness => "fortface-liveness",
            Self::CaptchaResult => "captcha-result",
            Self::Document => "document",
            Self::DocumentQrcode => "document-qrcode",
            Self::Result => "result",
        }
    }

    /// The operation of that [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

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
