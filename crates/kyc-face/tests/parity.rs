//! The detector beside OpenCV's, on the same weights. `tests/faces` says how the reference was made.

use kyc_face::Detector;
use serde_json::Value;

use crate::decode::decode;

/// Pictures of at most 320 pixels are searched as they are, by both.
const AS_THEY_ARE: [&str; 10] = [
    "a-2014",
    "a-2014-coarse",
    "a-2014-narrow",
    "a-2014-rolled",
    "a-2025-coarse",
    "a-2025-narrow",
    "a-2025-rolled",
    "b-2022-coarse",
    "b-2022-narrow",
    "b-2022-rolled",
];

fn picture(name: &str) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    let folder =
        if name.matches('-').count() > 1 { "tests/pictures/variants" } else { "../kyc-sandbox/samples" };
    std::fs::read(format!("{root}/{folder}/{name}.jpg")).expect("a picture")
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().expect("an array").iter().map(|number| number.as_f64().expect("a number")).collect()
}

#[test]
fn faces_are_where_opencv_finds_them() {
    let reference: Value = serde_json::from_str(include_str!("reference.json")).expect("JSON");
    let detector = Detector::new().expect("weights");
    for name in AS_THEY_ARE {
        let theirs = &reference["faces"][name];
        let faces = detector.faces(&decode(&picture(name)).expect("a picture"));
        assert_eq!(faces.len(), 1, "{name}");
        let face = &faces[0];
        let ours = [face.corner.x, face.corner.y, face.width, face.height].map(f64::from);
        let mut off: Vec<f64> =
            ours.iter().zip(numbers(&theirs["box"])).map(|(ours, theirs)| (ours - theirs).abs()).collect();
        let landmarks = theirs["landmarks"].as_array().expect("an array");
        for (ours, theirs) in face.landmarks.points().iter().zip(landmarks) {
            let theirs = numbers(theirs);
            off.extend([(f64::from(ours.x) - theirs[0]).abs(), (f64::from(ours.y) - theirs[1]).abs()]);
        }
        // The decoders of JPEG differ by a shade here and there.
        assert!(off.iter().all(|off| *off < 1.0), "{name}: {off:?}");
        let score = theirs["score"].as_f64().expect("a number");
        assert!((f64::from(face.score) - score).abs() < 0.01, "{name}: {}", face.score);
    }
}
