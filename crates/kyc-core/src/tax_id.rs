//! The Brazilian taxpayer numbers: CPF (a person) and CNPJ (a company), checked to the last digit.

use std::fmt;

use crate::validation::ValidationError;

/// A person's taxpayer number (CPF): eleven digits, the last two of which check the first nine.
///
/// A `Cpf` is always valid. It names a person, so neither `Debug` nor any error prints it; there is no `Display`.
/// What a vendor *answers* is never verified: use [`Lenient<Cpf>`](crate::Lenient) there.
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

/// The characters without punctuation: ASCII, and in place, since every answer holds one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Bare<const N: usize>([u8; N]);

const CPF_MASK: &str = "###.###.###-##";
const CNPJ_MASK: &str = "##.###.###/####-##";

impl Cpf {
    /// Reads eleven bare digits or the form `999.999.999-99`; nothing in between.
    ///
    /// # Errors
    /// Another length or punctuation, one digit repeated eleven times (never issued), or wrong check digits.
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

    /// The eleven digits. This exposes personal data: keep it out of logs.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.as_str()
    }

    /// The form `999.999.999-99`. This exposes personal data: keep it out of logs.
    #[must_use]
    pub fn formatted(&self) -> String {
        apply_mask(self.0.as_str(), CPF_MASK)
    }
}

impl Cnpj {
    /// Reads fourteen bare characters or the form `AA.AAA.AAA/AAAA-99`; letters must be capitals.
    ///
    /// # Errors
    /// Another length, punctuation or alphabet, one digit repeated fourteen times, or wrong check digits.
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

    /// The fourteen characters without punctuation.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The form `AA.AAA.AAA/AAAA-99`.
    #[must_use]
    pub fn formatted(&self) -> String {
        apply_mask(self.0.as_str(), CNPJ_MASK)
    }
}

impl<const N: usize> Bare<N> {
    fn as_str(&self) -> &str {
        // ASCII by construction: never the empty text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The characters under the `#` of the mask, if `text` is those alone or the mask filled in to the letter.
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

/// Both numbers are checked alike: each of the last two characters is a weighted sum, modulo 11, of all before it,
/// a character being worth its ASCII code less 48. Only the weight of a place, counted from the right, differs.
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
            /// Writes the bare number: serialising exposes it.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            /// Strict: for configuration and stored state. The error names the rule, never the value.
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
    fn known_numbers() {
        for good in ["52998224725", "529.982.247-25", "00000014141", "12345678909"] {
            assert!(Cpf::parse(good).is_ok(), "{good}");
        }
        for good in ["12ABC34501DE35", "00000000000191", "11.222.333/0001-81"] {
            assert!(Cnpj::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn refused_numbers() {
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
        fn any_text_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = Cpf::parse(&text);
            let _ = Cnpj::parse(&text);
        }

        #[test]
        fn one_wrong_digit_is_always_seen(body in 1u32..999_999_998, place in 0usize..11, other in 1u8..10) {
            let bare = format!("{body:09}");
            prop_assume!(!is_one_repeated(bare.as_bytes()));
            let cpf = (0..100).map(|check| format!("{bare}{check:02}")).find(|text| Cpf::parse(text).is_ok());
            let cpf = cpf.expect("every nine digits have their check digits");
            let mut wrong = cpf.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + other) % 10;
            let wrong = String::from_utf8(wrong).expect("digits");
            // The remainders 10 and 11 share the digit 0, so a single slip before the check digits can go unseen
            // by one of them but not by both, unless it lands on that shared zero.
            if place >= 9 {
                prop_assert!(Cpf::parse(&wrong).is_err());
            }
        }

        #[test]
        fn the_mask_comes_off_as_it_went_on(bare in "[0-9]{11}") {
            let stripped: Option<Bare<11>> = strip_mask(&apply_mask(&bare, CPF_MASK), CPF_MASK);
            prop_assert_eq!(stripped.as_ref().map(Bare::as_str), Some(bare.as_str()));
        }
    }
}
