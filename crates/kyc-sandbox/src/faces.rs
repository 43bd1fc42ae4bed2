//! Looks at the pictures: whether two show the same face. What it says is simulated, and it is never a verdict on a person.

#[cfg(feature = "faces")]
mod engine;
#[cfg(feature = "faces")]
mod looking;

use std::fmt;

use bytes::Bytes;

use crate::samples::{self, Pair};

/// What two pictures show.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(not(feature = "faces"), expect(dead_code, reason = "nobody looks"))]
pub(crate) enum Comparison {
    /// Both are samples of the sandbox, which knows whom they show.
    Samples(Pair),
    /// Both are the same picture, which has one face.
    OneFace,
    /// Both have one face.
    Faces {
        /// The cosine of what the network makes of them, from -1 to 1.
        similarity: f32,
    },
    /// One of them cannot be compared.
    Unusable(Place, Defect),
}

/// One of the two pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "faces"), expect(dead_code, reason = "nobody looks"))]
pub(crate) enum Place {
    First,
    Second,
}

/// Why a picture cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "faces"), expect(dead_code, reason = "nobody looks"))]
pub(crate) enum Defect {
    NoFace,
    ManyFaces,
    /// The face lies on its side, or only looks like one.
    Turned,
    /// The file cannot be decoded.
    Unreadable,
}

/// The lowest similarity of each level, from the first. Only that of the first is supported by data: see MODEL_CARD.md.
const LEVELS: [f32; 6] = [0.34, 0.36, 0.38, 0.40, 0.46, 0.51];
/// Where faces begin to match for a vendor without levels, as the authors of the network's port recommend.
const MATCH: f32 = 0.363;

impl Comparison {
    /// The match level from 0 to 6; `None` if there is none.
    pub(crate) fn level(self) -> Option<u8> {
        match self {
            Self::OneFace => Some(6),
            Self::Samples(pair) => Some(if pair.same { 6 } else { 0 }),
            Self::Faces { similarity } => {
                let reached = LEVELS.iter().filter(|level| similarity >= **level).count();
                u8::try_from(reached).ok()
            }
            Self::Unusable(..) => None,
        }
    }

    /// How sure a vendor would be that the faces match, from 0 to 1: one half where they begin to. Computed pictures only.
    pub(crate) fn likeness(self) -> Option<f64> {
        match self {
            Self::Faces { similarity } => {
                let above = f64::from(similarity) - f64::from(MATCH);
                // Steep enough that the highest level is above 0.9.
                let likeness = 1.0 / (1.0 + (-16.0 * above).exp());
                Some((likeness * 10_000.0).round() / 10_000.0)
            }
            _ => None,
        }
    }

    /// The distance between what the network makes of the faces, from 0 to 2. Computed pictures only.
    pub(crate) fn distance(self) -> Option<f64> {
        match self {
            Self::Faces { similarity } => {
                let distance = (2.0 - 2.0 * f64::from(similarity)).max(0.0).sqrt();
                Some((distance * 10_000.0).round() / 10_000.0)
            }
            _ => None,
        }
    }

    /// Whether the faces match for a vendor without levels; `None` if they cannot be compared.
    pub(crate) fn is_match(self) -> Option<bool> {
        match self {
            Self::OneFace => Some(true),
            Self::Samples(pair) => Some(pair.same),
            Self::Faces { similarity } => Some(similarity >= MATCH),
            Self::Unusable(..) => None,
        }
    }

    /// What is wrong with one of the pictures.
    pub(crate) fn defect(self) -> Option<(Place, Defect)> {
        match self {
            Self::Unusable(place, defect) => Some((place, defect)),
            _ => None,
        }
    }
}

impl fmt::Display for Comparison {
    /// What a response says of where its verdict comes from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneFace => f.write_str("one face"),
            Self::Samples(Pair { similarity, .. }) | Self::Faces { similarity } => {
                write!(f, "similarity {similarity:.3}")
            }
            Self::Unusable(place, defect) => {
                let place = match place {
                    Place::First => "first",
                    Place::Second => "second",
                };
                write!(f, "the {place} picture {defect}")
            }
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoFace => "has no face",
            Self::ManyFaces => "has more than one face",
            Self::Turned => "has a face that is turned",
            Self::Unreadable => "cannot be read",
        })
    }
}

/// Compares pictures, if the sandbox was told to look at them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Eyes {
    #[cfg(feature = "faces")]
    looking: Option<std::sync::Arc<looking::Looking>>,
}

impl Eyes {
    /// Eyes that are open.
    #[cfg(feature = "faces")]
    pub(crate) fn open() -> Self {
        Self { looking: Some(std::sync::Arc::default()) }
    }

    pub(crate) fn are_open(&self) -> bool {
        #[cfg(feature = "faces")]
        return self.looking.is_some();
        #[cfg(not(feature = "faces"))]
        false
    }

    /// Compares two pictures; `None` if the sandbox does not look at pictures. Two samples are known. Never called while a vendor's
    /// state is locked: it takes up to a second.
    pub(crate) async fn compare(&self, one: &Bytes, other: &Bytes) -> Option<Comparison> {
        if !self.are_open() {
            return None;
        }
        if let Some(pair) = samples::pair(one, other) {
            return Some(Comparison::Samples(pair));
        }
        #[cfg(feature = "faces")]
        if let Some(looking) = &self.looking {
            return Some(looking.compare(one, other).await);
        }
        None
    }

    /// Forgets what was compared.
    pub(crate) fn forget(&self) {
        #[cfg(feature = "faces")]
        if let Some(looking) = &self.looking {
            looking.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(similarity: f32) -> Comparison {
        Comparison::Faces { similarity }
    }

    #[test]
    fn levels_begin_at_their_similarity() {
        for (level, &from) in (1..).zip(&LEVELS) {
            assert_eq!(faces(from).level(), Some(level));
            assert_eq!(faces(from - 0.001).level(), Some(level - 1));
        }
        assert_eq!((faces(-1.0).level(), faces(1.0).level()), (Some(0), Some(6)));
        assert_eq!(Comparison::Unusable(Place::First, Defect::NoFace).level(), None);
    }

    #[test]
    fn a_likeness_of_one_half_is_where_faces_begin_to_match() {
        assert_eq!(faces(MATCH).likeness(), Some(0.5));
        assert!(faces(0.33).likeness() < Some(0.5) && faces(0.51).likeness() > Some(0.9));
        assert_eq!((faces(MATCH).is_match(), faces(0.362).is_match()), (Some(true), Some(false)));
    }

    #[tokio::test]
    async fn closed_eyes_see_nothing() {
        let picture = Bytes::from_static(samples::A_2014);
        assert_eq!(Eyes::default().compare(&picture, &picture).await, None);
    }
}
