//! Compares faces: finds them with kyc-face, puts them upright, and measures how alike SFace thinks they are.
//!
//! What it computes of a face is biometric data. It is neither kept nor handed out, and it is wiped from memory.

use kyc_core::Media;
use kyc_face::network::{Activation, Convolution, Dense, Depthwise, Map, Pointwise, Weights};
use kyc_face::{Detector, Face, Landmarks, Picture, Point, WeightsError};
use zeroize::Zeroizing;

use super::{Comparison, Defect, Place};

/// The weights of SFace (Apache-2.0 licence), whose training data nobody disclosed: see MODEL_CARD.md of kyc-face.
const WEIGHTS: &[u8] = include_bytes!("../../weights/sface.safetensors");
const DIGEST: &str = "e5ac7a23ad960ffb1f517280265647c7fc1a319390a4a44aaf79efd847429432";

/// The width and height of the face that the network looks at.
const SIDE: usize = 112;
/// Where the network expects the landmarks there.
const EXPECTED: [(f32, f32); 5] =
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)];
/// Inputs, outputs and the stride of the network's blocks.
const BLOCKS: [(usize, usize, usize); 13] = [
    (32, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
    (128, 256, 2),
    (256, 256, 1),
    (256, 512, 2),
    (512, 512, 1),
    (512, 512, 1),
    (512, 512, 1),
    (512, 512, 1),
    (512, 512, 1),
    (512, 1024, 2),
    (1024, 1024, 1),
];
const NUMBERS: usize = 128;

/// Heads that are tilted further are not compared: what is cut out of such a picture is often no face.
const MAX_ROLL: f32 = 35.0;
/// The same for heads that are turned until the nose is above an eye.
const MAX_TURN: f32 = 1.0;
/// A face counts if it is at least this large beside the largest: people in the background do not.
const BESIDE: f32 = 0.25;

/// Finds and compares faces.
pub(super) struct Engine {
    detector: Detector,
    stem: (Convolution, Activation),
    blocks: Vec<Block>,
    dense: Dense,
}

struct Block {
    depth: (Depthwise, Activation),
    point: (Pointwise, Activation),
}

/// What the network makes of a face, of length 1.
type Embedding = Zeroizing<Vec<f32>>;

impl Engine {
    pub(super) fn new() -> Result<Self, WeightsError> {
        Self::read(&Weights::open(WEIGHTS, DIGEST)?)
    }

    fn read(weights: &Weights<'_>) -> Result<Self, WeightsError> {
        let slopes =
            |name: &str, channels| weights.get(&format!("{name}.slope"), &[channels]).map(Activation::Prelu);
        let block = |(place, &(inputs, outputs, stride)): (usize, &(usize, usize, usize))| {
            let (depth, point) = (format!("block.{place}.depth"), format!("block.{place}.point"));
            Ok(Block {
                depth: (Depthwise::read(weights, &depth, inputs, stride)?, slopes(&depth, inputs)?),
                point: (Pointwise::read(weights, &point, inputs, outputs)?, slopes(&point, outputs)?),
            })
        };
        Ok(Self {
            detector: Detector::new()?,
            stem: (Convolution::read(weights, "stem", 3, 32, 1)?, slopes("stem", 32)?),
            blocks: BLOCKS.iter().enumerate().map(block).collect::<Result<_, WeightsError>>()?,
            dense: Dense::read(weights, "dense", 1024 * 7 * 7, NUMBERS)?,
        })
    }

    /// Compares two pictures, which takes some hundred milliseconds of computing at most. A picture is compared with itself to know
    /// whether it can be.
    pub(super) fn compare(&self, one: &[u8], other: &[u8]) -> Comparison {
        let first = match self.embed(one) {
            Ok(first) => first,
            Err(defect) => return Comparison::Unusable(Place::First, defect),
        };
        if one == other {
            return Comparison::OneFace;
        }
        match self.embed(other) {
            Ok(second) => Comparison::Faces { similarity: cosine(&first, &second) },
            Err(defect) => Comparison::Unusable(Place::Second, defect),
        }
    }

    fn embed(&self, picture: &[u8]) -> Result<Embedding, Defect> {
        let (picture, face) = self.face(picture)?;
        Ok(self.infer(&aligned(&picture, &face.landmarks)))
    }

    /// The only face, which looks at the camera and is upright enough.
    fn face(&self, picture: &[u8]) -> Result<(Picture, Face), Defect> {
        let media = Media::new(picture.to_vec()).map_err(|_| Defect::Unreadable)?;
        let picture = Picture::decode(&media).map_err(|_| Defect::Unreadable)?;
        let faces = self.detector.faces(&picture);
        let largest = faces.first().ok_or(Defect::NoFace)?;
        if faces.iter().filter(|face| face.width >= BESIDE * largest.width).count() > 1 {
            return Err(Defect::ManyFaces);
        }
        // A face that is not found again is doubtful: it is not compared.
        let face = self.detector.refine(&picture, largest).ok_or(Defect::NoFace)?;
        if face.roll().abs() > MAX_ROLL || face.turn() > MAX_TURN || !face.is_plausible() {
            return Err(Defect::Turned);
        }
        Ok((picture, face))
    }

    fn infer(&self, face: &Map) -> Embedding {
        let (stem, activation) = &self.stem;
        let mut map = stem.run(face, activation);
        for Block { depth, point } in &self.blocks {
            map = point.0.run(&depth.0.run(&map, &depth.1), &point.1);
        }
        let mut numbers = Zeroizing::new(self.dense.run(&map.values));
        let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt().max(f32::EPSILON);
        numbers.iter_mut().for_each(|number| *number /= length);
        numbers
    }
}

fn cosine(one: &Embedding, other: &Embedding) -> f32 {
    one.iter().zip(other.iter()).map(|(one, other)| one * other).sum()
}

/// Cuts the face out, so that its landmarks are where the network expects them: red, green and blue from -1 to 1.
fn aligned(picture: &Picture, landmarks: &Landmarks) -> Map {
    // Fitted towards the network, as it was trained, and then turned around.
    let transform =
        Similarity::between(&landmarks.points(), &EXPECTED.map(|(x, y)| Point { x, y })).inverse();
    let mut map = Map::zeros(3, SIDE, SIDE);
    for place in 0..SIDE * SIDE {
        #[expect(clippy::cast_precision_loss, reason = "at most 112")]
        let point = Point { x: (place % SIDE) as f32, y: (place / SIDE) as f32 };
        let pixel = sample(picture, transform.apply(point));
        for (channel, value) in pixel.into_iter().enumerate() {
            map.values[channel * SIDE * SIDE + place] = (value - 127.5) / 128.0;
        }
    }
    map
}

/// A turn, a scale and a shift.
struct Similarity {
    along: f32,
    across: f32,
    shift: Point,
}

impl Similarity {
    /// The one that brings the points closest to the others, by least squares.
    fn between(from: &[Point; 5], to: &[Point; 5]) -> Self {
        let middle = |points: &[Point; 5]| {
            let sum = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.x, y + point.y));
            Point { x: sum.0 / 5.0, y: sum.1 / 5.0 }
        };
        let (of_from, of_to) = (middle(from), middle(to));
        let (mut along, mut across, mut square) = (0.0, 0.0, 0.0_f32);
        for (from, to) in from.iter().zip(to) {
            let (x, y) = (from.x - of_from.x, from.y - of_from.y);
            let (to_x, to_y) = (to.x - of_to.x, to.y - of_to.y);
            along += x * to_x + y * to_y;
            across += x * to_y - y * to_x;
            square += x * x + y * y;
        }
        let (along, across) = (along / square, across / square);
        let shift = Point {
            x: of_to.x - along * of_from.x + across * of_from.y,
            y: of_to.y - across * of_from.x - along * of_from.y,
        };
        Self { along, across, shift }
    }

    fn inverse(&self) -> Self {
        let square = (self.along * self.along + self.across * self.across).max(f32::EPSILON);
        let (along, across) = (self.along / square, -self.across / square);
        let Point { x, y } = self.shift;
        Self { along, across, shift: Point { x: across * y - along * x, y: -across * x - along * y } }
    }

    fn apply(&self, point: Point) -> Point {
        Point {
            x: self.along * point.x - self.across * point.y + self.shift.x,
            y: self.across * point.x + self.along * point.y + self.shift.y,
        }
    }
}

/// The colour between four pixels. Outside of the picture it is black.
fn sample(picture: &Picture, at: Point) -> [f32; 3] {
    let (left, top) = (at.x.floor(), at.y.floor());
    let (right, low) = (at.x - left, at.y - top);
    let corners = [
        (left, top, (1.0 - right) * (1.0 - low)),
        (left + 1.0, top, right * (1.0 - low)),
        (left, top + 1.0, (1.0 - right) * low),
        (left + 1.0, top + 1.0, right * low),
    ];
    let mut colour = [0.0; 3];
    for (x, y, share) in corners {
        for (sum, value) in colour.iter_mut().zip(pixel(picture, x, y)) {
            *sum += share * f32::from(value);
        }
    }
    colour
}

fn pixel(picture: &Picture, x: f32, y: f32) -> [u8; 3] {
    #[expect(clippy::cast_precision_loss, reason = "pictures have at most 65,535 pixels a side")]
    let is_inside = (0.0..picture.width() as f32).contains(&x) && (0.0..picture.height() as f32).contains(&y);
    if !is_inside {
        return [0; 3];
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside of the picture")]
    let start = 3 * (y as usize * picture.width() as usize + x as usize);
    let found = picture.rgb().get(start..start + 3).and_then(|pixel| pixel.try_into().ok());
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::samples::{self, A_2014, A_2025, B_2022};

    #[test]
    fn what_is_said_of_the_samples_is_what_the_engine_sees() {
        let engine = Engine::new().expect("weights");
        for one in [A_2014, A_2025, B_2022] {
            for other in [A_2014, A_2025, B_2022].into_iter().filter(|other| *other != one) {
                let known = samples::pair(one, other).expect("samples");
                let Comparison::Faces { similarity } = engine.compare(one, other) else {
                    panic!("two faces")
                };
                assert!((similarity - known.similarity).abs() < 0.005, "{similarity} {known:?}");
                let seen = Comparison::Faces { similarity };
                assert_eq!(seen.is_match(), Some(known.same));
                assert_eq!(seen.level(), Some(if known.same { 6 } else { 0 }));
            }
        }
    }

    /// What OpenCV found on the samples and on variants of them: rolled by 20 degrees, 150 pixels wide, JPEG quality 15. See
    /// tests/faces.
    const REFERENCE: &str = include_str!("../../../kyc-face/tests/reference.json");

    fn picture(name: &str) -> Vec<u8> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
        let folder = if name.matches('-').count() > 1 {
            "kyc-face/tests/pictures/variants"
        } else {
            "kyc-sandbox/samples"
        };
        std::fs::read(format!("{root}{folder}/{name}.jpg")).expect("a picture")
    }

    fn reference() -> serde_json::Value {
        serde_json::from_str(REFERENCE).expect("JSON")
    }

    fn text<'a>(pair: &'a serde_json::Value, field: &str) -> &'a str {
        pair[field].as_str().expect("a name")
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    fn cosines_are_those_of_opencv() {
        let (engine, reference) = (Engine::new().expect("weights"), reference());
        let faces = reference["faces"].as_object().expect("an object");
        // With the landmarks of OpenCV, so that this compares the alignment and the network alone.
        let embeddings: BTreeMap<_, _> = faces
            .iter()
            .map(|(name, face)| {
                let number = |place: usize, axis: usize| {
                    face["landmarks"][place][axis].as_f64().expect("a number") as f32
                };
                let point = |place| Point { x: number(place, 0), y: number(place, 1) };
                let landmarks = Landmarks {
                    right_eye: point(0),
                    left_eye: point(1),
                    nose: point(2),
                    right_mouth: point(3),
                    left_mouth: point(4),
                };
                let media = Media::new(picture(name)).expect("a file");
                let picture = Picture::decode(&media).expect("a picture");
                (name.as_str(), engine.infer(&aligned(&picture, &landmarks)))
            })
            .collect();
        let pairs = reference["pairs"].as_array().expect("an array");
        assert_eq!((faces.len(), pairs.len()), (12, 66));
        for pair in pairs {
            let ours = cosine(&embeddings[text(pair, "one")], &embeddings[text(pair, "other")]);
            let theirs = pair["cosine"].as_f64().expect("a number");
            assert!((f64::from(ours) - theirs).abs() < 0.03, "{ours} {pair}");
        }
    }

    #[test]
    fn variants_of_one_person_are_at_least_as_alike_as_for_opencv() {
        let (engine, reference) = (Engine::new().expect("weights"), reference());
        let names = reference["faces"].as_object().expect("an object").keys();
        let embed = |name: &str| engine.embed(&picture(name)).expect("one face");
        let embeddings: BTreeMap<_, _> = names.map(|name| (name.as_str(), embed(name))).collect();
        for pair in reference["pairs"].as_array().expect("an array") {
            let (one, other) = (text(pair, "one"), text(pair, "other"));
            let similarity = cosine(&embeddings[one], &embeddings[other]);
            let seen = Comparison::Faces { similarity };
            let same = one[..1] == other[..1];
            assert_eq!(seen.is_match(), Some(same), "{similarity} {pair}");
            let theirs = pair["cosine"].as_f64().expect("a number");
            // Faces that are tilted are put upright before, which OpenCV does not do.
            assert!(!same || f64::from(similarity) > theirs - 0.06, "{similarity} {pair}");
        }
    }

    #[test]
    fn changed_weights_are_refused() {
        let mut changed = WEIGHTS.to_vec();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        assert_eq!(Weights::open(&changed, DIGEST).err(), Some(WeightsError::Digest));
        assert_eq!(Weights::open(&changed[..last], DIGEST).err(), Some(WeightsError::Digest));
    }

    #[test]
    fn the_transform_brings_points_back() {
        let expected = EXPECTED.map(|(x, y)| Point { x, y });
        let moved = expected.map(|Point { x, y }| Point { x: 3.0 * x - y + 7.0, y: x + 3.0 * y - 20.0 });
        let transform = Similarity::between(&expected, &moved);
        for (from, to) in expected.into_iter().zip(moved) {
            let found = transform.apply(from);
            assert!((found.x - to.x).abs() < 0.01 && (found.y - to.y).abs() < 0.01, "{found:?} {to:?}");
            let back = transform.inverse().apply(to);
            assert!((back.x - from.x).abs() < 0.01 && (back.y - from.y).abs() < 0.01, "{back:?} {from:?}");
        }
    }
}
