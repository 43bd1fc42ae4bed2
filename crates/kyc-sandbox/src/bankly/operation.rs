//! The operations: names, paths and scopes.

use axum::routing::MethodFilter;
use kyc_fixtures::bankly_kyc as documented;

/// What can be asked of Bankly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /oauth2/token`.
    Token,
    /// `POST /connect/token`.
    LegacyToken,
    /// `POST /partners/{companyKey}/certificates`.
    Certificate,
    /// `POST /oauth2/register`.
    Register,
    /// `PUT /document-analysis/{documentNumber}`.
    Upload,
    /// `POST /document-analysis/{documentNumber}/deepface`.
    UploadDeepface,
    /// `PUT /document-analysis/{cnpj}/corporation-business`.
    UploadCompany,
    /// `GET /document-analysis/{documentNumber}`.
    Status,
    /// `POST /webhooks/configurations`.
    WebhookCreate,
    /// `GET /webhooks/configurations`.
    WebhookList,
    /// `GET /webhooks/configurations/{id}`.
    WebhookGet,
    /// `PATCH /webhooks/configurations/{id}/enable`.
    WebhookEnable,
    /// `PATCH /webhooks/configurations/{id}/disable`.
    WebhookDisable,
    /// `DELETE /webhooks/configurations/{id}`.
    WebhookDelete,
    /// `GET /webhooks/processed-messages`.
    Messages,
    /// `POST /webhooks/processed-messages/{idempotencyKey}`.
    MessageResend,
}

impl Operation {
    /// Every operation.
    pub const ALL: &[Self] = &[
        Self::Token,
        Self::LegacyToken,
        Self::Certificate,
        Self::Register,
        Self::Upload,
        Self::UploadDeepface,
        Self::UploadCompany,
        Self::Status,
        Self::WebhookCreate,
        Self::WebhookList,
        Self::WebhookGet,
        Self::WebhookEnable,
        Self::WebhookDisable,
        Self::WebhookDelete,
        Self::Messages,
        Self::MessageResend,
    ];

    /// The name on the control routes, such as `upload-deepface`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::LegacyToken => "legacy-token",
            Self::Certificate => "certificate",
            Self::Register => "register",
            Self::Upload => "upload",
            Self::UploadDeepface => "upload-deepface",
            Self::UploadCompany => "upload-company",
            Self::Status => "status",
            Self::WebhookCreate => "webhook-create",
            Self::WebhookList => "webhook-list",
            Self::WebhookGet => "webhook-get",
            Self::WebhookEnable => "webhook-enable",
            Self::WebhookDisable => "webhook-disable",
            Self::WebhookDelete => "webhook-delete",
            Self::Messages => "messages",
            Self::MessageResend => "message-resend",
        }
    }

    /// The operation of that [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Token => "/oauth2/token",
            Self::LegacyToken => "/connect/token",
            Self::Certificate => "/partners/{key}/certificates",
            Self::Register => "/oauth2/register",
            Self::Upload | Self::Status => "/document-analysis/{document}",
            Self::UploadDeepface => "/document-analysis/{document}/deepface",
            Self::UploadCompany => "/document-analysis/{document}/corporation-business",
            Self::WebhookCreate | Self::WebhookList => "/webhooks/configurations",
            Self::WebhookGet | Self::WebhookDelete => "/webhooks/configurations/{id}",
            Self::WebhookEnable => "/webhooks/configurations/{id}/enable",
            Self::WebhookDisable => "/webhooks/configurations/{id}/disable",
            Self::Messages => "/webhooks/processed-messages",
            Self::MessageResend => "/webhooks/processed-messages/{key}",
        }
    }

    pub(super) fn method(self) -> MethodFilter {
        match self {
            Self::Status | Self::WebhookList | Self::WebhookGet | Self::Messages => MethodFilter::GET,
            Self::Upload | Self::UploadCompany => MethodFilter::PUT,
            Self::WebhookEnable | Self::WebhookDisable => MethodFilter::PATCH,
            Self::WebhookDelete => MethodFilter::DELETE,
            _ => MethodFilter::POST,
        }
    }

    /// What the token must be good for; `None`: no token is wanted.
    pub(super) fn scope(self) -> Option<&'static str> {
        match self {
            Self::Token | Self::LegacyToken | Self::Register => None,
            Self::Certificate => Some("certificate.create"),
            Self::Upload | Self::UploadCompany => Some("kyc.document.write"),
            Self::UploadDeepface => Some("kyc.document.deepface.write"),
            Self::Status => Some("kyc.document.read"),
            Self::WebhookCreate | Self::WebhookEnable | Self::WebhookDisable => Some("webhook.write"),
            Self::WebhookList | Self::WebhookGet | Self::Messages | Self::MessageResend => {
                Some("webhook.read")
            }
            Self::WebhookDelete => Some("webhook.delete"),
        }
    }

    /// What a fault cuts in half when the request itself is not performed.
    pub(super) fn sample(self) -> &'static str {
        match self {
            Self::Token => documented::TOKEN_200.body,
            Self::LegacyToken => documented::LEGACY_TOKEN_200.body,
            Self::Certificate => documented::CERTIFICATE_200.body,
            Self::Register => documented::REGISTER_201.body,
            Self::Upload => documented::UPLOAD_202.body,
            Self::UploadDeepface => documented::UPLOAD_DEEPFACE_202.body,
            Self::UploadCompany => documented::UPLOAD_COMPANY_201.body,
            Self::Status => documented::STATUS_ANALYZING_200.body,
            Self::WebhookCreate => documented::WEBHOOK_CREATE_201.body,
            Self::WebhookList => documented::WEBHOOK_LIST_200.body,
            Self::WebhookGet => documented::WEBHOOK_GET_200.body,
            // Their own answers are empty, and nothing can be cut off that.
            Self::WebhookEnable | Self::WebhookDisable | Self::WebhookDelete => documented::ERROR_401.body,
            Self::Messages => documented::MESSAGES_200.body,
            Self::MessageResend => documented::MESSAGE_RESEND_202.body,
        }
    }
}
