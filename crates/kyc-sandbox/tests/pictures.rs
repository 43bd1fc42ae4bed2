//! Pictures made from the samples, none of which the sandbox knows.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use kyc_sandbox::{Sandbox, samples};

use crate::support::builder;

/// A sandbox that looks at pictures.
pub(crate) async fn sandbox() -> Sandbox {
    builder().look_at_pictures(true).start().await.expect("a free port")
}

fn open(sample: &[u8]) -> RgbImage {
    image::load_from_memory(sample).expect("a sample").into_rgb8()
}

fn encoded(image: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image).write_to(&mut bytes, format).expect("memory");
    bytes.into_inner()
}

fn jpeg(image: RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Jpeg)
}

/// The sample in another file, large enough for every vendor.
pub(crate) fn copy(sample: &[u8]) -> Vec<u8> {
    let image = open(sample);
    let (width, height) = (image.width(), image.height());
    let longer = width.max(height);
    jpeg(imageops::resize(
        &image,
        700 * width / longer,
        700 * height / longer,
        imageops::FilterType::Triangle,
    ))
}

/// Person a and person b side by side, of unlike sizes.
pub(crate) fn two_persons() -> Vec<u8> {
    let (a, b) = (open(samples::A_2014), open(samples::B_2022));
    let mut both = RgbImage::new(a.width() + b.width(), b.height());
    imageops::replace(&mut both, &a, 0, 0);
    imageops::replace(&mut both, &b, i64::from(a.width()), 0);
    jpeg(both)
}

/// A wall in the evening.
pub(crate) fn nobody() -> Vec<u8> {
    jpeg(RgbImage::from_fn(700, 700, |x, y| {
        let shade = u8::try_from((x / 4 + y / 8) % 256).unwrap_or_default();
        Rgb([shade, 100, 255 - shade])
    }))
}

/// The sample on its side.
pub(crate) fn on_its_side(sample: &[u8]) -> Vec<u8> {
    jpeg(imageops::rotate90(&open(sample)))
}

/// A file that begins as a picture and is none.
pub(crate) fn spoilt() -> Vec<u8> {
    let mut bytes = encoded(open(samples::A_2025), ImageFormat::Png);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2000].fill(0);
    bytes
}

/// What a response says of the pictures.
pub(crate) fn seen(response: &reqwest::Response) -> Option<&str> {
    response.headers().get("x-sandbox-simulated").map(|seen| seen.to_str().expect("ASCII"))
}

/// How alike the faces are, as a response says it.
pub(crate) fn similarity(seen: &str) -> f32 {
    let similarity = seen.strip_prefix("similarity ").expect("two faces");
    similarity.parse().expect("a number")
}
