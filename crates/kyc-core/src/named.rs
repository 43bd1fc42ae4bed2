//! Closed lists whose values have a name in configuration and arguments.

/// Implements `as_str`, `Display` and `FromStr` for an enum whose variants have names; the error of `FromStr` names the subject
/// and lists the names. For a vendor's list that may grow there is [`open_enum!`](crate::open_enum).
///
/// ```
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Environment { Sandbox, Production }
/// kyc_core::named!(Environment, "environment", Sandbox = "sandbox", Production = "production");
///
/// assert_eq!("production".parse(), Ok(Environment::Production));
/// assert_eq!(Environment::Sandbox.to_string(), "sandbox");
/// let error = "test".parse::<Environment>().unwrap_err();
/// assert_eq!(error.to_string(), "environment: must be sandbox or production");
/// ```
#[macro_export]
macro_rules! named {
    ($type:ident, $subject:literal, $($variant:ident = $name:literal),+ $(,)?) => {
        impl $type {
            pub(crate) const NAMES: [(&'static str, Self); [$($name),+].len()] = [$(($name, Self::$variant)),+];

            /// Returns the name, as `FromStr` parses it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::ValidationError;

            fn from_str(name: &str) -> ::std::result::Result<Self, $crate::ValidationError> {
                $crate::ValidationError::find_name(&Self::NAMES, name).map_err(|error| error.about($subject))
            }
        }
    };
}
