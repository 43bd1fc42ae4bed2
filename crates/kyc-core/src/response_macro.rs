//! Responses and events of vendors, whose fields may all be absent.

/// Declares a response or an event of a vendor. Every field is an `Option`, and one that is absent is left out when the value is
/// written. The type gets the derives of all such types, `JsonSchema` with the crate's feature `schema`, and
/// `#[non_exhaustive]`. The crate needs `serde`, and `schemars` for the feature.
///
/// ```
/// use kyc_core::{Lenient, RedactedText};
///
/// kyc_core::response! {
///     /// The state of a journey.
///     #[serde(rename_all = "camelCase")]
///     pub struct Journey {
///         /// The person's name.
///         pub full_name: Option<RedactedText>,
///         /// The number of attempts.
///         #[serde(alias = "tries")]
///         pub attempts: Option<Lenient<i64>>,
///     }
/// }
///
/// let journey: Journey = serde_json::from_str(r#"{"tries": "2"}"#)?;
/// assert_eq!(serde_json::to_string(&journey)?, r#"{"attempts":2}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! response {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)*
        }
    ) => {
        #[derive(Clone, Debug, Default, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $(#[$meta])*
        #[non_exhaustive]
        $vis struct $name {
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                $field_vis $field: $type,
            )*
        }
    };
}
