//! Enums for vendors' closed lists that accept unknown values.

use std::fmt;

/// A value that this release does not know. Opaque, so that a later release may add a variant for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(String);

impl UnknownValue {
    #[doc(hidden)]
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the value as the vendor printed it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    /// Redacted: the text in place of a code may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Declares an enum for a vendor's closed list: the known variants, and `Unknown` for every other value.
///
/// The text form compares without regard to ASCII case, accepts further spellings (`= "Erro" | "Error"`) and writes the first
/// one. The number form reads numbers and numeric text (`200` equals `200.0`) and writes numbers.
///
/// ```
/// kyc_core::open_enum! {
///     /// The status of a transaction.
///     pub enum Status: text {
///         /// In progress.
///         Processing = "Processing",
///         /// Done.
///         Success = "Success",
///     }
/// }
/// assert_eq!(Status::from("success"), Status::Success);
/// let later = Status::from("Paused");
/// assert_eq!(later.as_str(), "Paused");
/// assert_eq!(format!("{later:?}"), "Unknown([redacted])");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: text {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $other:literal)*,)+
        }
    ) => {
        $crate::open_enum!(@declare [$(#[$meta])*] $name { $($(#[$variant_meta])* $variant,)+ });

        impl $name {
            /// Returns the value as the vendor spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                let known = text.trim();
                $(if known.eq_ignore_ascii_case($text) $(|| known.eq_ignore_ascii_case($other))* {
                    return Self::$variant;
                })+
                Self::Unknown($crate::UnknownValue::new(text.to_owned()))
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        $crate::__open_enum_schema!($name, "string", [$($text),+]);
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident: number { $($(#[$variant_meta:meta])* $variant:ident = $number:literal,)+ }
    ) => {
        $crate::open_enum!(@declare [$(#[$meta])*] $name { $($(#[$variant_meta])* $variant,)+ });

        impl $name {
            /// Returns the value as the vendor writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($number),)+
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                // Compared as text, so that no code is lost to float rounding.
                let number = $crate::__private::plain_number(text);
                $(if number == $crate::__private::plain_number(stringify!($number)) {
                    return Self::$variant;
                })+
                Self::Unknown($crate::UnknownValue::new(text.to_owned()))
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::__private::number_or_text(self.as_str(), serializer)
            }
        }

        $crate::__open_enum_schema!($name, ["number", "string"], [$($number),+]);
    };
    (@declare [$($meta:tt)*] $name:ident { $($(#[$variant_meta:meta])* $variant:ident,)+ }) => {
        $($meta)*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that this release does not know.
            Unknown($crate::UnknownValue),
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::read_scalar(deserializer, |text| Self::from(text))
            }
        }
    };
}

/// Expands according to this crate's feature, not to that of the crate that uses the macro.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_schema {
    ($name:ident, $kind:tt, $known:tt) => {
        impl $crate::__private::schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut $crate::__private::schemars::SchemaGenerator) -> $crate::__private::schemars::Schema {
                // A value outside the list is valid, so the known values are examples. An unknown number is written as a
                // number and need not be an integer.
                $crate::__private::schemars::json_schema!({ "type": $kind, "examples": $known })
            }
        }
    };
}

#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_schema {
    ($name:ident, $kind:tt, $known:tt) => {};
}
