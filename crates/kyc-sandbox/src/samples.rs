//! Samples: photographs of two persons, one of them twice, drawings of three meters, and an applicant. For authors and
//! licences of the images see `samples/CREDITS.md`.
//!
//! ```
//! use kyc_core::Media;
//! let image = Media::new(kyc_sandbox::samples::A_2014)?;
//! assert_eq!(image.dimensions(), Some((204, 244)));
//! # Ok::<(), kyc_core::ValidationError>(())
//! ```

use kyc_core::{Applicant, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii, ValidationError};

/// Person a in 2014 (CC BY-SA 3.0 fr: see the credits).
pub const A_2014: &[u8] = include_bytes!("../samples/a-2014.jpg");

/// Person a in 2025 (public domain).
pub const A_2025: &[u8] = include_bytes!("../samples/a-2025.jpg");

/// Person b in 2022 (public domain).
pub const B_2022: &[u8] = include_bytes!("../samples/b-2022.jpg");

/// A meter with a digital display that reads 012345.
pub const METER_DIGITAL: &[u8] = include_bytes!("../samples/meter-digital.png");

/// A meter whose drums read 04821.
pub const METER_CYCLOMETRIC: &[u8] = include_bytes!("../samples/meter-cyclometric.png");

/// A meter whose pointers read 7395.
pub const METER_ANALOG: &[u8] = include_bytes!("../samples/meter-analog.png");

/// What an applicant says, who is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SamplePerson {
    /// The CPF.
    pub cpf: &'static str,
    /// The full name.
    pub name: &'static str,
    /// The date of birth, as `yyyy-mm-dd`.
    pub birth_date: &'static str,
}

/// The applicant on whose documents every vendor of the sandbox reads the same.
pub const PERSON: SamplePerson =
    SamplePerson { cpf: "52998224725", name: "Maria Exemplo da Silva", birth_date: "1990-10-12" };

/// The number of frames that a capture takes.
pub const FRAMES: usize = 4;

/// Returns the applicant with everything that any vendor needs: pictures of a selfie, both sides of an RG and the frames of a
/// capture. No two are equal, since vendors refuse a picture that is sent twice.
///
/// # Errors
/// None: a test reads them.
pub fn applicant() -> Result<Applicant, ValidationError> {
    let picture = |label: &str| Media::new(labelled(label));
    let mut applicant = Applicant::new(Cpf::parse(PERSON.cpf)?);
    applicant.name = Some(Pii::new(PERSON.name.to_owned()));
    applicant.birth_date = Some(Pii::new(Date::parse(PERSON.birth_date)?));
    applicant.selfie = Some(picture("selfie")?);
    let document = IdentityDocument::new(DocumentKind::Rg, picture("front")?);
    applicant.document = Some(document.with_back(picture("back")?));
    for number in 1..=FRAMES {
        applicant.capture.push(picture(&format!("frame {number:02}"))?);
    }
    Ok(applicant)
}

/// The newest photograph with a comment, which tells it from others.
fn labelled(label: &str) -> Vec<u8> {
    let (start, rest) = A_2025.split_at(2);
    let length = u16::try_from(label.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    [start, &[0xFF, 0xFE], &length, label.as_bytes(), rest].concat()
}

/// The photographs.
const PHOTOGRAPHS: [&[u8]; 3] = [A_2014, A_2025, B_2022];

/// Two photographs that are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    /// Whether they show the same person.
    pub(crate) same: bool,
    /// How alike the faces are for the engine of the feature `faces`, which a test compares with this.
    pub(crate) similarity: f32,
}

/// Each photograph beside each.
const PAIRS: [[Pair; 3]; 3] = {
    const fn pair(same: bool, similarity: f32) -> Pair {
        Pair { same, similarity }
    }
    [
        [pair(true, 1.0), pair(true, 0.608), pair(false, -0.019)],
        [pair(true, 0.608), pair(true, 1.0), pair(false, 0.07)],
        [pair(false, -0.019), pair(false, 0.07), pair(true, 1.0)],
    ]
};

/// What is known of two images; `None` if one of them is no sample.
pub(crate) fn pair(one: &[u8], other: &[u8]) -> Option<Pair> {
    let place = |image| {
        let tail = unlabelled(image);
        PHOTOGRAPHS.iter().position(|known| image == *known || tail.is_some() && tail == known.get(2..))
    };
    PAIRS.get(place(one)?)?.get(place(other)?).copied()
}

/// What follows the comment of a photograph; `None` if it does not begin with one. Anything else before a photograph, such as
/// an orientation, changes what it shows.
fn unlabelled(image: &[u8]) -> Option<&[u8]> {
    let rest = image.strip_prefix(&[0xFF, 0xD8, 0xFF, 0xFE])?;
    let (length, _) = rest.split_first_chunk()?;
    rest.get(usize::from(u16::from_be_bytes(*length))..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_all_that_a_sample_may_have() {
        let same = |image: &[u8]| pair(image, A_2014).map(|pair| pair.same);
        assert_eq!(
            (same(A_2025), same(&labelled("front")), same(B_2022)),
            (Some(true), Some(true), Some(false))
        );
        // A segment with an orientation instead of a comment, another picture before it, a label of the wrong length.
        let turned = [&A_2025[..2], &[0xFF, 0xE1], &labelled("front")[4..]].concat();
        let after = [B_2022, A_2025].concat();
        let longer = [&labelled("front")[..4], &[0, 9], &labelled("front")[6..]].concat();
        for image in [&turned, &after, &longer, &A_2025[..2].to_vec(), &Vec::new()] {
            assert_eq!(same(image), None);
        }
    }
}
