//! Pictures of every kind become the same picture.

use kyc_face::kyc_core::{Media, MediaFormat};
use kyc_face::{Detector, Face, Picture, PictureError};

pub(crate) const SAMPLE: &[u8] = include_bytes!("../../kyc-sandbox/samples/a-2014.jpg");
pub(crate) const BASELINE: &[u8] = include_bytes!("pictures/baseline.jpg");
pub(crate) const PROGRESSIVE: &[u8] = include_bytes!("pictures/progressive.jpg");
const CMYK: &[u8] = include_bytes!("pictures/cmyk.jpg");
const SIXTEEN: &[u8] = include_bytes!("pictures/sixteen.png");
const GIF: &[u8] = include_bytes!("pictures/still.gif");
const WEBP: &[u8] = include_bytes!("pictures/still.webp");
pub(crate) const BMP: &[u8] = include_bytes!("pictures/still.bmp");
const ANIMATED: [&[u8]; 3] = [
    include_bytes!("pictures/animated.gif"),
    include_bytes!("pictures/animated.png"),
    include_bytes!("pictures/animated.webp"),
];

pub(crate) fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    Picture::decode(&Media::new(bytes.to_vec()).expect("a file"))
}

/// The only face.
fn face(bytes: &[u8]) -> Face {
    let picture = decode(bytes).expect("a picture");
    let detector = Detector::new().expect("weights");
    let faces = detector.faces(&picture);
    assert_eq!(faces.len(), 1, "{faces:?}");
    detector.refine(&picture, &faces[0]).expect("the face again")
}

/// An APP1 segment with this orientation, after the start of a JPEG.
fn oriented(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn every_coding_shows_the_same_face() {
    let expected = face(SAMPLE);
    for (name, bytes, scale) in [
        ("progressive", PROGRESSIVE, 1.0),
        ("CMYK", CMYK, 1.0),
        ("GIF", GIF, 1.0),
        ("WebP", WEBP, 1.0),
        ("16 bits", SIXTEEN, 0.5),
        ("BMP", BMP, 0.5),
    ] {
        let found = face(bytes);
        for (found, expected) in found.landmarks.points().iter().zip(expected.landmarks.points()) {
            let (x, y) = (expected.x * scale - found.x, expected.y * scale - found.y);
            assert!(x.hypot(y) < 0.06 * expected.x.max(1.0), "{name}: {found:?} {expected:?}");
        }
    }
}

#[test]
fn an_orientation_is_applied() {
    let upright = decode(SAMPLE).expect("a picture");
    for orientation in 1..=8 {
        let picture = decode(&oriented(SAMPLE, orientation)).expect("a picture");
        let sides = (picture.width(), picture.height());
        let expected = (upright.width(), upright.height());
        assert_eq!(sides, if orientation < 5 { expected } else { (expected.1, expected.0) }, "{orientation}");
    }
    // Garbage is that of a picture without one.
    for garbage in [0, 9, 255] {
        assert_eq!(decode(&oriented(SAMPLE, garbage)).expect("a picture").rgb(), upright.rgb());
    }
}

#[test]
fn a_turned_picture_is_upright_by_its_orientation_and_told_without() {
    let mut turned = image::load_from_memory(SAMPLE).expect("a picture");
    turned = turned.rotate270();
    let mut bytes = std::io::Cursor::new(Vec::new());
    turned.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("memory");
    let bytes = bytes.into_inner();
    assert!(face(&oriented(&bytes, 6)).roll().abs() < 15.0);
    let picture = decode(&bytes).expect("a picture");
    let detector = Detector::new().expect("weights");
    for face in detector.faces(&picture) {
        let roll = detector.refine(&picture, &face).map(|face| face.roll());
        assert!(roll.is_none_or(|roll| (75.0..105.0).contains(&roll.abs())), "{roll:?}");
    }
}

#[test]
fn what_cannot_be_looked_at_says_why() {
    for animated in ANIMATED {
        assert_eq!(decode(animated).err(), Some(PictureError::Animated));
    }
    for (bytes, format, text) in [
        (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], MediaFormat::Heic, "is HEIC, which cannot be looked at"),
        (b"%PDF-1.7\n", MediaFormat::Pdf, "is PDF, which cannot be looked at"),
        (b"hello", MediaFormat::Unknown, "is unknown, which cannot be looked at"),
    ] {
        let error = decode(bytes).expect_err("no picture");
        assert_eq!(error, PictureError::Format(format));
        assert!(error.to_string().starts_with(text), "{error}");
    }
}

#[test]
fn transparency_is_put_on_white() {
    let hidden = image::RgbaImage::from_fn(4, 4, |x, _| image::Rgba([0, 0, 0, if x < 2 { 0 } else { 255 }]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    hidden.write_to(&mut bytes, image::ImageFormat::Png).expect("memory");
    let picture = decode(&bytes.into_inner()).expect("a picture");
    assert_eq!(picture.rgb()[..12], [255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn debug_shows_the_size_only() {
    assert_eq!(format!("{:?}", decode(SAMPLE).expect("a picture")), "Picture(204 x 244)");
    assert_eq!(format!("{:?}", Detector::new().expect("weights")), "Detector { .. }");
}
