//! Faces of several sizes on one picture, and faces that are not ones of a person who looks at the camera.

use image::{Rgb, RgbImage, imageops};
use kyc_face::kyc_core::Media;
use kyc_face::{Detector, Face, Landmarks, Picture, Point};

use crate::decode::decode;

/// Puts samples, so many pixels high, on a grey picture.
fn collage(width: u32, height: u32, parts: &[(&str, u32, (i64, i64))]) -> Picture {
    let mut canvas = RgbImage::from_pixel(width, height, Rgb([170, 180, 190]));
    for (name, high, (x, y)) in parts {
        let root = env!("CARGO_MANIFEST_DIR");
        let sample = image::open(format!("{root}/../kyc-sandbox/samples/{name}.jpg")).expect("a picture");
        let wide = sample.width() * high / sample.height();
        let sample = imageops::resize(&sample.into_rgb8(), wide, *high, imageops::FilterType::Triangle);
        imageops::overlay(&mut canvas, &sample, *x, *y);
    }
    let mut bytes = Vec::new();
    canvas.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Bmp).expect("a file");
    Picture::decode(&Media::new(bytes).expect("a file")).expect("a picture")
}

/// At 320 pixels the smaller face is eight pixels wide.
#[test]
fn a_small_face_is_found_beside_one_that_is_not_large() {
    let detector = Detector::new().expect("weights");
    let alone = collage(1500, 2000, &[("a-2025", 400, (100, 700))]);
    assert_eq!(detector.faces(&alone).len(), 1);
    let both = collage(1500, 2000, &[("a-2025", 400, (100, 700)), ("b-2022", 150, (950, 850))]);
    let faces = detector.faces(&both);
    assert_eq!(faces.len(), 2, "{faces:?}");
    assert!(faces[0].width > 2.0 * faces[1].width, "{faces:?}");
    assert!(faces[1].corner.x > 900.0, "{faces:?}");
}

#[test]
fn a_face_seen_from_the_side_is_not_plausible() {
    let sample = include_bytes!("../../kyc-sandbox/samples/a-2025.jpg");
    let detector = Detector::new().expect("weights");
    let face: Face = detector.faces(&decode(sample).expect("a picture"))[0];
    assert!(face.is_plausible());
    let Landmarks { right_eye, left_eye, nose, .. } = face.landmarks;
    let mut aside = face;
    // Beyond the left eye by a fifth of the distance between the eyes.
    aside.landmarks.nose = Point { x: left_eye.x + 0.2 * (left_eye.x - right_eye.x), y: nose.y };
    assert!(!aside.is_plausible(), "{}", aside.turn());
}
