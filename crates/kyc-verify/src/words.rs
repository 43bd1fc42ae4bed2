//! Sentences in both languages.

use kyc_core::CheckKind;

/// A language of the texts for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Portuguese, as it is written in Brazil.
    Portuguese,
    /// English.
    English,
}

kyc_core::named!(Language, "language", Portuguese = "pt", English = "en");

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    portuguese: String,
    english: String,
}

impl Sentence {
    pub(crate) fn new(portuguese: impl Into<String>, english: impl Into<String>) -> Self {
        Self { portuguese: portuguese.into(), english: english.into() }
    }

    /// Returns the text in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Portuguese => &self.portuguese,
            Language::English => &self.english,
        }
    }
}

/// Declares an enum each of whose variants has a name and a text in every language. A missing text does not compile.
macro_rules! worded {
    (
        $(#[$meta:meta])*
        pub enum $type:ident: $subject:literal {
            $($(#[$variant_meta:meta])* $variant:ident = $name:literal, $portuguese:literal, $english:literal;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$variant_meta])* $variant,)+
        }

        kyc_core::named!($type, $subject, $($variant = $name),+);

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the text for people.
            #[must_use]
            pub const fn in_language(self, language: $crate::words::Language) -> &'static str {
                use $crate::words::Language::{English, Portuguese};
                match (self, language) {
                    $(
                        (Self::$variant, Portuguese) => $portuguese,
                        (Self::$variant, English) => $english,
                    )+
                }
            }
        }
    };
}
pub(crate) use worded;

/// Returns what a check is called.
#[must_use]
pub fn check_name(check: CheckKind, language: Language) -> &'static str {
    let (portuguese, english) = match check {
        CheckKind::Registration => ("situação do CPF", "registration of the CPF"),
        CheckKind::Document => ("documento", "document"),
        CheckKind::FaceDocument => ("rosto e documento", "face and document"),
        CheckKind::FaceRegister => ("rosto e cadastro", "face and register"),
        CheckKind::Liveness => ("prova de vida", "liveness"),
        CheckKind::Risk => ("risco", "risk"),
        other => (other.as_str(), other.as_str()),
    };
    match language {
        Language::Portuguese => portuguese,
        Language::English => english,
    }
}
