//! The operations: names, paths and scopes.

use axum::routing::MethodFilter;
use kyc_fixtures::bankly_kyc as documented;

use crate::counters::operations;

operations! {
    /// An operation of Bankly.
    pub enum Operation {
        /// `POST /oauth2/token`.
        Token = "token" in "token",
        /// `POST /connect/token`.
        LegacyToken = "legacy-token" in "token-with-a-secret",
        /// `POST /partners/{companyKey}/certificates`.
        Certificate = "certificate" in "certificate",
        /// `POST /oauth2/register`.
        Register = "register" in "client-registration",
        /// `PUT /document-analysis/{documentNumber}`.
        Upload = "upload" in "upload",
        /// `POST /document-analysis/{documentNumber}/deepface`.
        UploadDeepface = "upload-deepface" in "upload-with-id-one",
        /// `PUT /document-analysis/{cnpj}/corporation-business`.
        UploadCompany = "upload-company" in "company-documents",
        /// `GET /document-analysis/{documentNumber}`.
        Status = "status" in "status",
        /// `POST /webhooks/configurations`.
        WebhookCreate = "webhook-create" in "registering-a-webhook",
        /// `GET /webhooks/configurations`.
        WebhookList = "webhook-list" in "listing-webhooks",
        /// `GET /webhooks/configurations/{id}`.
        WebhookGet = "webhook-get" in "one-webhook",
        /// `PATCH /webhooks/configurations/{id}`.
        WebhookUpdate = "webhook-update" in "changing-a-webhook",
        /// `PATCH /webhooks/configurations/{id}/enable`.
        WebhookEnable = "webhook-enable" in "enabling-a-webhook",
        /// `PATCH /webhooks/configurations/{id}/disable`.
        WebhookDisable = "webhook-disable" in "disabling-a-webhook",
        /// `DELETE /webhooks/configurations/{id}`.
        WebhookDelete = "webhook-delete" in "deleting-a-webhook",
        /// `GET /webhooks/processed-messages`.
        Messages = "messages" in "delivered-messages",
        /// `POST /webhooks/processed-messages/{idempotencyKey}`.
        MessageResend = "message-resend" in "asking-for-a-resend",
    }
}

impl Operation {
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
            Self::WebhookGet | Self::WebhookUpdate | Self::WebhookDelete => "/webhooks/configurations/{id}",
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
            Self::WebhookUpdate | Self::WebhookEnable | Self::WebhookDisable => MethodFilter::PATCH,
            Self::WebhookDelete => MethodFilter::DELETE,
            _ => MethodFilter::POST,
        }
    }

    /// The scope that the token must have; `None` if no token is required.
    pub(super) fn scope(self) -> Option<&'static str> {
        match self {
            Self::Token | Self::LegacyToken | Self::Register => None,
            Self::Certificate => Some("certificate.create"),
            Self::Upload | Self::UploadCompany => Some("kyc.document.write"),
            Self::UploadDeepface => Some("kyc.document.deepface.write"),
            Self::Status => Some("kyc.document.read"),
            Self::WebhookCreate | Self::WebhookUpdate | Self::WebhookEnable | Self::WebhookDisable => {
                Some("webhook.write")
            }
            Self::WebhookList | Self::WebhookGet | Self::Messages | Self::MessageResend => {
                Some("webhook.read")
            }
            Self::WebhookDelete => Some("webhook.delete"),
        }
    }

    /// The body that a fault truncates if the request is not performed.
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
            // Their own responses are empty and cannot be truncated.
            Self::WebhookUpdate | Self::WebhookEnable | Self::WebhookDisable | Self::WebhookDelete => {
                documented::ERROR_401.body
            }
            Self::Messages => documented::MESSAGES_200.body,
            Self::MessageResend => documented::MESSAGE_RESEND_202.body,
        }
    }
}
