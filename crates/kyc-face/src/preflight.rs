//! Looks at pictures before they are sent anywhere, and says what may keep a vendor from reading them.

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, RgbImage};
use kyc_core::{DocumentKind, Media, MediaFormat, RetakeCause, RetakeItem};
use sha2::{Digest as _, Sha256};

use crate::detector::Detector;
use crate::face::Face;
use crate::picture::{Picture, PictureError};

/// The narrowest face, in pixels: about that of a portrait of 150 pixels' width, which vendors take.
const MIN_WIDTH: f32 = 48.0;
/// The largest tilt of the head in degrees.
const MAX_ROLL: f32 = 35.0;
/// The largest [`Face::turn`].
const MAX_TURN: f32 = 0.75;
/// How much of the box may be beyond the picture, on each side.
const MAX_BEYOND: f32 = 0.1;
/// Faces narrower than this part of the widest are not told: somebody in the background, or a picture on the wall.
const MIN_OTHER: f32 = 1.0 / 3.0;
const MIN_SHARPNESS: f32 = 0.006;
/// Of the brightest twentieth.
const MIN_LUMINANCE: u8 = 40;
/// Of half of the pixels.
const MAX_LUMINANCE: u8 = 250;
/// The width and height to which a region is scaled before it is measured, so that the resolution does not matter.
const SIDE: u32 = 64;
/// The part of a face that is measured: eyes, nose and mouth, without hair and background.
const INNER: f32 = 0.8;
/// The longer side of a picture that is turned on its side.
const LOOKED_AT: u32 = 640;

/// What a picture is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purpose {
    /// What it is of all that a person hands in.
    pub item: RetakeItem,
    /// For a side of a document: the kind, if it is known.
    pub document: Option<DocumentKind>,
}

impl Purpose {
    /// Creates a purpose, without a kind of document.
    #[must_use]
    pub const fn new(item: RetakeItem) -> Self {
        Self { item, document: None }
    }

    /// Creates the purpose of a side of a document.
    #[must_use]
    pub const fn of_document(item: RetakeItem, kind: DocumentKind) -> Self {
        Self { item, document: Some(kind) }
    }

    fn is_of_person(&self) -> bool {
        matches!(self.item, RetakeItem::Selfie | RetakeItem::Capture)
    }

    /// Whether a face has to be on it.
    fn has_face(&self) -> bool {
        let with_portrait = |kind: &DocumentKind| {
            matches!(
                kind,
                DocumentKind::Rg
                    | DocumentKind::Cnh
                    | DocumentKind::Cin
                    | DocumentKind::Dni
                    | DocumentKind::Rne
                    | DocumentKind::Crnm
                    | DocumentKind::Passport
            )
        };
        let is_front = self.item == RetakeItem::Front;
        self.is_of_person() || is_front && self.document.as_ref().is_some_and(with_portrait)
    }
}

/// What was seen on a picture. It is advice: a vendor may refuse a picture without any, and accept one with some.
///
/// How often it is wrong was not measured, in particular not by skin tone, age or disability: never refuse a person for it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// Width and height in pixels, upright as the EXIF orientation says; as stored, if the picture could not be looked at.
    pub dimensions: Option<(u32, u32)>,
    /// Why the picture could not be looked at.
    pub unseen: Option<PictureError>,
    /// The faces, the largest first. They are not searched on the back of a document.
    pub faces: Vec<Face>,
    /// What was measured: on a picture of a person the largest face, on a document the whole page.
    pub measures: Option<Measures>,
    /// What to do better.
    pub advice: Vec<RetakeCause>,
}

/// Measures of a face or a page, scaled to 64 × 64 pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Measures {
    /// How much brightness bends from pixel to pixel, in the direction in which it does so least: the variance of the second
    /// difference over the variance of the luminance. The larger, the sharper.
    pub sharpness: f32,
    /// The luminance that half of the pixels exceed, from 0 to 255.
    pub median: u8,
    /// The luminance that a twentieth of the pixels exceeds, from 0 to 255. It depends less on the skin than the median does.
    pub brightest: u8,
}

impl Detector {
    /// Looks at one picture.
    ///
    /// | | how it is found | bound |
    /// | --- | --- | --- |
    /// | no face, many faces | [`faces`](Self::faces) | others count from a third of the widest |
    /// | small | the width of the face | 48 pixels |
    /// | turned | [`Face::roll`], [`Face::turn`], [`Face::is_plausible`] | 35°, 0.75 |
    /// | cut off | the box is beyond the picture | 10 % of it |
    /// | blurred | [`Measures::sharpness`] | 0.006 |
    /// | too dark, too bright | [`Measures::brightest`], [`Measures::median`] | 40, 250 |
    ///
    /// Of a document it is told that there is no face on the front, if the kind has one there, that the face is tilted, and that the
    /// page is too dark. A file of a format that is not decoded here, such as PDF, is not looked at and gets no advice.
    ///
    /// Five portraits from 204 to 747 pixels wide, of three persons, made worse:
    ///
    /// | picture | sharpness | median | brightest | told |
    /// | --- | --- | --- | --- | --- |
    /// | as it is | 0.058 to 0.082 | 118 to 166 | 182 to 206 | nothing |
    /// | 150 pixels wide | 0.021 to 0.036 | 115 to 166 | 181 to 206 | nothing |
    /// | 1500 pixels wide | 0.048 to 0.078 | 119 to 166 | 182 to 205 | nothing |
    /// | JPEG of quality 15 | 0.059 to 0.084 | 118 to 166 | 182 to 205 | nothing |
    /// | turned by 10° | 0.044 to 0.080 | 124 to 170 | 183 to 207 | nothing |
    /// | blurred by 0.5/64 | 0.021 to 0.037 | 119 to 165 | 181 to 205 | nothing |
    /// | blurred by 2/64 | 0.002 to 0.003 | 117 to 162 | 176 to 200 | blurred |
    /// | blurred by 4/64 | 0.001 to 0.002 | 122 to 161 | 167 to 190 | blurred |
    /// | moved by 2/64 | 0.019 to 0.039 | 117 to 165 | 181 to 205 | nothing |
    /// | moved by 8/64 | 0.002 to 0.004 | 113 to 165 | 176 to 203 | blurred |
    /// | gamma 0.4 | 0.070 to 0.094 | 187 to 214 | 221 to 233 | nothing |
    /// | gamma 2.5 | 0.071 to 0.095 | 41 to 92 | 112 to 153 | nothing |
    /// | a third as bright | 0.060 to 0.088 | 39 to 55 | 60 to 68 | nothing |
    /// | a tenth as bright | 0.085 to 0.125 | 11 to 16 | 17 to 19 | too dark |
    /// | half as bright again | 0.058 to 0.091 | 161 to 236 | 253 to 255 | nothing |
    /// | four times as bright | 0.164 to 0.625 | 255 | 255 | too bright |
    /// | 70 pixels wide | 0.005 to 0.013 | 107 to 164 | 175 to 204 | small |
    /// | turned by 45° | 0.061 to 0.107 | 129 to 173 | 183 to 208 | turned |
    /// | cut through | 0.045 to 0.107 | 129 to 159 | 186 to 204 | cut off |
    /// | beside another | 0.059 to 0.089 | 121 to 166 | 183 to 205 | many faces |
    ///
    /// Blur and movement are in 64ths of the width of the face. No picture of a head turned to a side was at hand.
    ///
    /// This takes some milliseconds, and up to a second for a large picture: call it from `spawn_blocking` in an asynchronous program.
    #[must_use]
    pub fn report(&self, media: &Media, purpose: &Purpose) -> Report {
        match Picture::decode(media) {
            Ok(picture) => self.seen(&picture, purpose),
            Err(error) => unseen(media, error),
        }
    }

    /// Looks at all pictures that a person hands in, in this order, and tells also which of them repeat an earlier one: by their bytes, or
    /// by their pixels. Frames of a capture may be alike.
    #[must_use]
    pub fn reports(&self, pictures: &[(Purpose, Media)]) -> Vec<Report> {
        let mut known: Vec<[u8; 32]> = Vec::new();
        let look = |(purpose, media): &(Purpose, Media)| {
            let (mut report, digest) = match Picture::decode(media) {
                Ok(picture) => (self.seen(&picture, purpose), digest(&picture)),
                Err(error) => (unseen(media, error), Sha256::digest(media.bytes()).into()),
            };
            if purpose.item != RetakeItem::Capture {
                if known.contains(&digest) {
                    report.advice.push(RetakeCause::SamePicture);
                }
                known.push(digest);
            }
            report
        };
        pictures.iter().map(look).collect()
    }

    /// Whether a face is found once the picture is turned.
    fn is_on_its_side(&self, picture: &Picture) -> bool {
        let small = DynamicImage::from(picture.image().clone()).thumbnail(LOOKED_AT, LOOKED_AT).into_rgb8();
        let ways = [imageops::rotate90(&small), imageops::rotate180(&small), imageops::rotate270(&small)];
        ways.into_iter().any(|way| !self.faces(&Picture::of(way)).is_empty())
    }

    fn seen(&self, picture: &Picture, purpose: &Purpose) -> Report {
        let mut faces = if purpose.item == RetakeItem::Back { Vec::new() } else { self.faces(picture) };
        if let Some(first) = faces.first_mut() {
            // A closer look tells how it is tilted.
            *first = self.refine(picture, first).unwrap_or(*first);
        }
        let face = faces.first();
        let region = match (face, purpose.is_of_person()) {
            (Some(face), true) => Some(inner(picture.image(), face)),
            (None, true) => None,
            (_, false) => Some(scaled(picture.image(), [0.0, 0.0], [f32::MAX; 2])),
        };
        let measures = region.as_ref().map(Measures::of);
        let mut advice = Vec::new();
        match face {
            None if purpose.has_face() && self.is_on_its_side(picture) => advice.push(RetakeCause::Turned),
            None if purpose.has_face() => advice.push(RetakeCause::NoFace),
            None => {}
            Some(face) if purpose.is_of_person() => {
                advice.extend(of_person(picture, face, &faces[1..]));
            }
            Some(face) => advice.extend(is_tilted(face).then_some(RetakeCause::Turned)),
        }
        let light = measures.and_then(|measures| measures.advice(purpose.is_of_person()));
        // A small face is blurred once it is enlarged.
        let is_said = light == Some(RetakeCause::Blurred) && advice.contains(&RetakeCause::SmallFace);
        advice.extend(light.filter(|_| !is_said));
        Report {
            dimensions: Some((picture.width(), picture.height())),
            unseen: None,
            faces,
            measures,
            advice,
        }
    }
}

impl Measures {
    fn of(region: &GrayImage) -> Self {
        let mut values = region.as_raw().clone();
        values.sort_unstable();
        let at = |percent: usize| values.get(values.len() * percent / 100).copied().unwrap_or_default();
        Self { sharpness: sharpness(region), median: at(50), brightest: at(95) }
    }

    /// A page may be white, and its sharpness was compared with nothing.
    fn advice(&self, is_of_person: bool) -> Option<RetakeCause> {
        if self.brightest < MIN_LUMINANCE {
            Some(RetakeCause::TooDark)
        } else if is_of_person && self.median >= MAX_LUMINANCE {
            Some(RetakeCause::TooBright)
        } else {
            (is_of_person && self.sharpness < MIN_SHARPNESS).then_some(RetakeCause::Blurred)
        }
    }
}

/// A format that is only unknown here is no fault of the picture.
fn unseen(media: &Media, error: PictureError) -> Report {
    let is_fault = match error {
        PictureError::Format(format) => format == MediaFormat::Unknown,
        PictureError::TooLarge { .. } => false,
        PictureError::Animated | PictureError::Truncated | PictureError::Damaged(_) => true,
    };
    Report {
        dimensions: media.dimensions(),
        unseen: Some(error),
        faces: Vec::new(),
        measures: None,
        advice: is_fault.then_some(RetakeCause::Unviewable).into_iter().collect(),
    }
}

/// What to do better about the faces on a picture of a person, of which the first is the largest.
fn of_person(picture: &Picture, face: &Face, others: &[Face]) -> Vec<RetakeCause> {
    let is_other = |other: &Face| other.width >= MIN_OTHER * face.width;
    let told = [
        (others.iter().any(is_other), RetakeCause::ManyFaces),
        (face.width < MIN_WIDTH, RetakeCause::SmallFace),
        (is_tilted(face) || face.turn() > MAX_TURN || !face.is_plausible(), RetakeCause::Turned),
        (is_cut_off(picture, face), RetakeCause::CutOff),
    ];
    told.into_iter().filter(|(is_told, _)| *is_told).map(|(_, cause)| cause).collect()
}

fn is_tilted(face: &Face) -> bool {
    face.roll().abs() > MAX_ROLL
}

fn is_cut_off(picture: &Picture, face: &Face) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "pictures have at most 65,535 pixels a side")]
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let beyond = |from: f32, length: f32, end: f32| (-from).max(from + length - end) / length;
    beyond(face.corner.x, face.width, width).max(beyond(face.corner.y, face.height, height)) > MAX_BEYOND
}

/// Eyes, nose and mouth.
fn inner(image: &RgbImage, face: &Face) -> GrayImage {
    let points = face.landmarks.points();
    let middle = |of: fn(&crate::face::Point) -> f32| points.iter().map(of).sum::<f32>() / 5.0;
    let side = INNER * face.width;
    scaled(image, [middle(|point| point.x) - side / 2.0, middle(|point| point.y) - side / 2.0], [side; 2])
}

/// A part of the picture, as far as it is on it, in grey and of one size.
fn scaled(image: &RgbImage, [left, top]: [f32; 2], [width, height]: [f32; 2]) -> GrayImage {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut to the picture")]
    let pixels = |length: f32| length.max(0.0) as u32;
    let part = imageops::crop_imm(image, pixels(left), pixels(top), pixels(width), pixels(height));
    imageops::resize(&imageops::grayscale(&*part), SIDE, SIDE, FilterType::Triangle)
}

fn sharpness(region: &GrayImage) -> f32 {
    let (mut values, mut across, mut down) = (Vec::new(), Vec::new(), Vec::new());
    let at = |x: u32, y: u32| region.get_pixel_checked(x, y).map_or(0.0, |pixel| f32::from(pixel.0[0]));
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let twice = 2.0 * at(x, y);
            values.push(at(x, y));
            across.push(at(x - 1, y) + at(x + 1, y) - twice);
            down.push(at(x, y - 1) + at(x, y + 1) - twice);
        }
    }
    variance(&across).min(variance(&down)) / variance(&values).max(f32::EPSILON)
}

fn variance(values: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "the pixels of a small region")]
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count
}

fn digest(picture: &Picture) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(picture.width().to_le_bytes());
    digest.update(picture.height().to_le_bytes());
    digest.update(picture.rgb());
    digest.finalize().into()
}

#[cfg(test)]
mod tests;
