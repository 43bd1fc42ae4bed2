//! The Brazilian taxpayer numbers CPF (persons) and CNPJ (companies), with their check digits.

use std::fmt;

use crate::validation::ValidationError;

/// A person's taxpayer number (CPF): eleven digits, the last two of which check the first nine.
///
/// A `Cpf` is always valid. It identifies a person, so neither `Debug` nor any error prints it, and there is no `Display`.
/// For numbers in a vendor's *response*, which may be invalid, use [`Lenient<Cpf>`](crate::Lenient).
///
/// ```
/// use kyc_core::Cpf;
/// let cpf: Cpf = "529.982.247-25".parse()?;
/// assert_eq!(cpf.digits(), "52998224725");
/// assert_eq!(format!("{cpf:?}"), "Cpf([redacted])");
/// assert!("529.982.247-26".parse::<Cpf>().is_err());
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cpf(Bare<11>);

/// A company's taxpayer number (CNPJ): twelve digits or, since July 2026, capital letters, and two check digits.
///
/// ```
/// use kyc_core::Cnpj;
/// let numeric: Cnpj = "11.222.333/0001-81".parse()?;
/// let alphanumeric: Cnpj = "12ABC34501DE35".parse()?;
/// assert_eq!(numeric.as_str(), "11222333000181");
/// assert_eq!(alphanumeric.formatted(), "12.ABC.345/01DE-35");
/// # Ok::<(), kyc_core::ValidationError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cnpj(Bare<14>);

/// The characters without punctuation, which are ASCII. Stored inline, since most responses contain a number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Bare<const N: usize>([u8; N]);

const CPF_MASK: &str = "###.###.###-##";
const CNPJ_MASK: &str = "##.###.###/####-##";

impl Cpf {
    /// Parses eleven digits, either without punctuation or in the form `999.999.999-99`.
    ///
    /// # Errors
    /// The text has another length or punctuation, repeats one digit eleven times (never issued), or has wrong check digits.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let bare = strip_mask(text, CPF_MASK)
            .filter(|bare: &Bare<11>| bare.0.iter().all(u8::is_ascii_digit))
            .ok_or_else(|| {
                ValidationError::new("must have 11 digits, plain or as 999.999.999-99").about("CPF")
            })?;
        if is_one_repeated(&bare.0) {
            return Err(ValidationError::new("must not repeat a single digit").about("CPF"));
        }
        if !check_digits_match(&bare.0, |from_right| from_right + 2) {
            return Err(ValidationError::new("check digits do not match").about("CPF"));
        }
        Ok(Self(bare))
    }

    /// Returns the eleven digits. This exposes personal data: keep it out of logs.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the form `999.999.999-99`. This exposes personal data: keep it out of logs.
    #[must_use]
    pub fn formatted(&self) -> String {
        apply_mask(self.0.as_str(), CPF_MASK)
    }
}

impl Cnpj {
    /// Parses fourteen characters, either without punctuation or in the form `AA.AAA.AAA/AAAA-99`. Letters must be capitals.
    ///
    /// # Errors
    /// The text has another length, punctuation or other characters, repeats one digit fourteen times, or has wrong check
    /// digits.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let bare = strip_mask(text, CNPJ_MASK)
            .filter(|bare: &Bare<14>| {
                let (body, check) = bare.0.split_at(12);
                body.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
                    && check.iter().all(u8::is_ascii_digit)
            })
            .ok_or_else(|| {
                ValidationError::new(
                    "must be 12 digits or capital letters and 2 digits, bare or as AA.AAA.AAA/AAAA-99",
                )
            })?;
        if is_one_repeated(&bare.0) {
            return Err(ValidationError::new("must not repeat a single digit").about("CNPJ"));
        }
        if !check_digits_match(&bare.0, |from_right| from_right % 8 + 2) {
            return Err(ValidationError::new("check digits do not match").about("CNPJ"));
        }
        Ok(Self(bare))
    }

    /// Returns the fourteen characters without punctuation.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the form `AA.AAA.AAA/AAAA-99`.
    #[must_use]
    pub fn formatted(&self) -> String {
        apply_mask(self.0.as_str(), CNPJ_MASK)
    }
}

impl<const N: usize> Bare<N> {
    fn as_str(&self) -> &str {
        // The characters are ASCII by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Returns the characters at the `#` positions of the mask, if `text` consists of exactly these or matches the mask.
fn strip_mask<const N: usize>(text: &str, mask: &str) -> Option<Bare<N>> {
    let text = text.as_bytes();
    if !text.is_ascii() {
        return None;
    }
    if let Ok(bare) = text.try_into() {
        return Some(Bare(bare));
    }
    let fits = text.len() == mask.len()
        && text.iter().zip(mask.bytes()).all(|(&found, wanted)| wanted == b'#' || found == wanted);
    let mut slots = text.iter().zip(mask.bytes()).filter(|(_, slot)| *slot == b'#').map(|(&found, _)| found);
    fits.then(|| Bare(std::array::from_fn(|_| slots.next().unwrap_or_default())))
}

fn apply_mask(bare: &str, mask: &str) -> String {
    let mut characters = bare.chars();
    mask.chars().filter_map(|slot| if slot == '#' { characters.next() } else { Some(slot) }).collect()
}

fn is_one_repeated(bare: &[u8]) -> bool {
    bare.windows(2).all(|pair| pair[0] == pair[1])
}

/// Verifies the two check digits. CPF and CNPJ use the same algorithm: each check digit is a weighted sum, modulo 11, of all
/// characters before it, where the value of a character is its ASCII code minus 48. Only the weights, by position from the
/// right, differ.
fn check_digits_match(characters: &[u8], weight: impl Fn(u32) -> u32) -> bool {
    let value = |byte: u8| u32::from(byte) - 48;
    (characters.len() - 2..characters.len()).all(|place| {
        let weighted = characters[..place].iter().rev().zip(0..);
        let sum: u32 = weighted.map(|(&byte, from_right)| value(byte) * weight(from_right)).sum();
        let digit = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        value(characters[place]) == digit
    })
}

macro_rules! text_traits {
    ($type:ident) => {
        impl std::str::FromStr for $type {
            type Err = ValidationError;
            fn from_str(text: &str) -> Result<Self, ValidationError> {
                Self::parse(text)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "([redacted])"))
            }
        }

        impl serde::Serialize for $type {
            /// Writes the number without punctuation, which exposes it.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            /// Deserializes strictly, for configuration and stored state. The error states the rule, never the value.
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)
                    .map_err(|_| serde::de::Error::custom(concat!(stringify!($type), " must be text")))?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}
text_traits!(Cpf);
text_traits!(Cnpj);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn valid_numbers_are_parsed() {
        for good in ["52998224725", "529.982.247-25", "00000014141", "12345678909"] {
            assert!(Cpf::parse(good).is_ok(), "{good}");
        }
        for good in ["12ABC34501DE35", "00000000000191", "11.222.333/0001-81"] {
            assert!(Cnpj::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn invalid_numbers_are_refused() {
        for bad in [
            "",
            "5299822472",
            "529982247255",
            "529.982.24725",
            "52998224726",
            "11111111111",
            "5299822472५",
            " 52998224725",
        ] {
            assert!(Cpf::parse(bad).is_err(), "{bad}");
        }
        for bad in
            ["", "12abc34501de35", "12ABC34501DE3A", "12ABC34501DE36", "00000000000000", "1122233300018"]
        {
            assert!(Cnpj::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_does_not_panic(text in "\\PC{0,20}") {
            let _ = Cpf::parse(&text);
            let _ = Cnpj::parse(&text);
        }

        #[test]
        fn one_wrong_check_digit_is_detected(body in 1u32..999_999_998, place in 0usize..11, other in 1u8..10) {
            let bare = format!("{body:09}");
            prop_assume!(!is_one_repeated(bare.as_bytes()));
            let cpf = (0..100).map(|check| format!("{bare}{check:02}")).find(|text| Cpf::parse(text).is_ok());
            let cpf = cpf.expect("every nine digits have their check digits");
            let mut wrong = cpf.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + other) % 10;
            let wrong = String::from_utf8(wrong).expect("digits");
            // Two remainders share the check digit 0, so a wrong digit before the check digits may go undetected. A wrong
            // check digit is always detected.
            if place >= 9 {
                prop_assert!(Cpf::parse(&wrong).is_err());
            }
        }

        #[test]
        fn strip_mask_reverses_apply_mask(bare in "[0-9]{11}") {
            let stripped: Option<Bare<11>> = strip_mask(&apply_mask(&bare, CPF_MASK), CPF_MASK);
            prop_assert_eq!(stripped.as_ref().map(Bare::as_str), Some(bare.as_str()));
        }
    }
}
