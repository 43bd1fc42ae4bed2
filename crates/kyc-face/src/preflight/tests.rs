use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, imageops};
use kyc_core::RetakeCause::*;

use super::*;

/// Portraits of two persons; the variable `KYC_FACES` names a folder with more.
fn portraits() -> Vec<(String, Media)> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kyc-sandbox/samples");
    let named = ["a-2014.jpg", "a-2025.jpg", "b-2022.jpg"].map(|name| samples.join(name));
    let more = std::env::var_os("KYC_FACES").map(|folder| std::fs::read_dir(folder).expect("a folder"));
    let more = more.into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = named
        .into_iter()
        .chain(more)
        .filter(|path| path.extension().is_some_and(|end| end == "jpg"))
        .collect();
    paths.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    paths.dedup_by_key(|path| path.file_name().map(ToOwned::to_owned));
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, Media::read(&path).expect("a picture"))
    };
    paths.into_iter().map(read).collect()
}

fn each_channel(image: &RgbImage, change: impl Fn(f32) -> f32) -> RgbImage {
    let mut changed = image.clone();
    let part = |value: u8| (255.0 * change(f32::from(value) / 255.0)).clamp(0.0, 255.0) as u8;
    changed.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(part));
    changed
}

/// As a camera that moves sideways.
fn moved(image: &RgbImage, pixels: u32) -> RgbImage {
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let at = |channel: usize| {
            let pixel = |by: u32| u32::from(image.get_pixel((x + by).min(image.width() - 1), y).0[channel]);
            u8::try_from((0..pixels).map(pixel).sum::<u32>() / pixels).expect("a mean")
        };
        Rgb([at(0), at(1), at(2)])
    })
}

fn as_jpeg(image: &RgbImage, quality: u8) -> Media {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(image).expect("a picture");
    Media::new(bytes).expect("a picture")
}

fn resized(image: &RgbImage, width: u32) -> RgbImage {
    let height = image.height() * width / image.width();
    imageops::resize(image, width, height, FilterType::Triangle)
}

/// What is made worse, how, and what is told of it. Blur and movement are in 64ths of the width of the face.
type Change = (&'static str, fn(&RgbImage, f32) -> RgbImage, &'static [RetakeCause]);
const CHANGES: [Change; 20] = [
    ("as it is", |image, _| image.clone(), &[]),
    ("150 pixels wide", |image, _| resized(image, 150), &[]),
    ("1500 pixels wide", |image, _| resized(image, 1500), &[]),
    ("JPEG of quality 15", |image, _| Picture::decode(&as_jpeg(image, 15)).expect("it").image().clone(), &[]),
    ("turned by 10°", |image, _| turned(image, 10.0), &[]),
    ("blurred by 0.5/64", |image, face| imageops::blur(image, 0.5 * face / 64.0), &[]),
    ("blurred by 2/64", |image, face| imageops::blur(image, 2.0 * face / 64.0), &[Blurred]),
    ("blurred by 4/64", |image, face| imageops::blur(image, 4.0 * face / 64.0), &[Blurred]),
    ("moved by 2/64", |image, face| moved(image, (2.0 * face / 64.0) as u32), &[]),
    ("moved by 8/64", |image, face| moved(image, (8.0 * face / 64.0) as u32), &[Blurred]),
    ("gamma 0.4", |image, _| each_channel(image, |value| value.powf(0.4)), &[]),
    ("gamma 2.5", |image, _| each_channel(image, |value| value.powf(2.5)), &[]),
    ("a third as bright", |image, _| each_channel(image, |value| value / 3.0), &[]),
    ("a tenth as bright", |image, _| each_channel(image, |value| value / 10.0), &[TooDark]),
    ("half as bright again", |image, _| each_channel(image, |value| value * 1.5), &[]),
    ("four times as bright", |image, _| each_channel(image, |value| value * 4.0), &[TooBright]),
    ("70 pixels wide", |image, _| resized(image, 70), &[SmallFace]),
    ("turned by 45°", |image, _| turned(image, 45.0), &[Turned]),
    ("cut through", |image, _| cut(image), &[CutOff]),
    ("beside another", |image, _| beside(image), &[ManyFaces]),
];

fn turned(image: &RgbImage, degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (x0, y0) = (image.width() as f32 / 2.0, image.height() as f32 / 2.0);
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let (x, y) = (x as f32 - x0, y as f32 - y0);
        imageops::interpolate_bilinear(image, x0 + cos * x - sin * y, y0 + sin * x + cos * y)
            .unwrap_or(Rgb([90; 3]))
    })
}

/// Without a third of the face.
fn cut(image: &RgbImage) -> RgbImage {
    let face = faces(image)[0];
    let left = (face.corner.x + 0.3 * face.width) as u32;
    imageops::crop_imm(image, left, 0, image.width(), image.height()).to_image()
}

fn beside(image: &RgbImage) -> RgbImage {
    let mut both = RgbImage::new(2 * image.width(), image.height());
    imageops::replace(&mut both, image, 0, 0);
    imageops::replace(&mut both, &imageops::flip_horizontal(image), i64::from(image.width()), 0);
    both
}

fn detector() -> Detector {
    Detector::new().expect("the weights")
}

fn faces(image: &RgbImage) -> Vec<Face> {
    detector().faces(&Picture::of(image.clone()))
}

/// Read what it prints before the table of the documentation is changed.
#[test]
fn what_is_made_worse_is_told_and_nothing_else() {
    let detector = detector();
    let mut wrong = Vec::new();
    for (how, change, told) in CHANGES {
        for (name, media) in portraits() {
            let picture = Picture::decode(&media).expect("a picture");
            let changed = Picture::of(change(picture.image(), detector.faces(&picture)[0].width));
            let report = detector.seen(&changed, &Purpose::new(RetakeItem::Selfie));
            let line = format!("{how}; {name}; {:?}; {:?}", report.measures, report.advice);
            println!("{line}");
            if report.advice != told {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn plain(shade: u8) -> RgbImage {
    RgbImage::from_pixel(400, 300, Rgb([shade; 3]))
}

fn advice(media: &Media, purpose: &Purpose) -> Vec<RetakeCause> {
    detector().report(media, purpose).advice
}

#[test]
fn a_page_needs_a_face_only_where_the_document_has_one() {
    let page = as_jpeg(&plain(200), 90);
    let front = |kind| Purpose::of_document(RetakeItem::Front, kind);
    assert_eq!(advice(&page, &Purpose::new(RetakeItem::Selfie)), [NoFace]);
    assert_eq!(advice(&page, &Purpose::new(RetakeItem::Capture)), [NoFace]);
    assert_eq!(advice(&page, &front(DocumentKind::Rg)), [NoFace]);
    assert_eq!(advice(&page, &front(DocumentKind::ProofOfAddress)), []);
    assert_eq!(advice(&page, &Purpose::new(RetakeItem::Front)), []);
    assert_eq!(advice(&page, &Purpose::of_document(RetakeItem::Back, DocumentKind::Rg)), []);
    assert_eq!(advice(&as_jpeg(&plain(255), 90), &Purpose::new(RetakeItem::Back)), []);
    assert_eq!(advice(&as_jpeg(&plain(10), 90), &Purpose::new(RetakeItem::Back)), [TooDark]);
}

#[test]
fn a_document_on_its_side_is_turned() {
    let (_, portrait) = portraits().remove(0);
    let mut page = plain(190);
    imageops::replace(&mut page, Picture::decode(&portrait).expect("it").image(), 30, 30);
    let front = Purpose::of_document(RetakeItem::Front, DocumentKind::Cnh);
    assert_eq!(advice(&as_jpeg(&page, 90), &front), []);
    assert_eq!(advice(&as_jpeg(&imageops::rotate180(&page), 90), &front), [Turned]);
}

#[test]
fn what_cannot_be_looked_at_is_asked_for_again_only_if_the_file_is_at_fault() {
    let whole = as_jpeg(&plain(200), 90);
    let selfie = Purpose::new(RetakeItem::Selfie);
    let report = |bytes: &[u8]| detector().report(&Media::new(bytes.to_vec()).expect("bytes"), &selfie);
    let truncated = report(&whole.bytes()[..whole.len() - 2]);
    assert_eq!((truncated.unseen, &truncated.advice[..]), (Some(PictureError::Truncated), &[Unviewable][..]));
    assert_eq!(report(b"hello").advice, [Unviewable]);
    for bytes in [&b"%PDF-1.7"[..], b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"] {
        let report = report(bytes);
        assert!(report.unseen.is_some() && report.advice.is_empty(), "{report:?}");
    }
}

#[test]
fn the_same_picture_twice_is_told_by_bytes_and_by_pixels() {
    let (_, portrait) = portraits().remove(0);
    let mut with_comment = portrait.bytes().to_vec();
    with_comment.splice(2..2, *b"\xFF\xFE\0\x06once");
    let with_comment = Media::new(with_comment).expect("a picture");
    let other = as_jpeg(&plain(200), 90);
    let pdf = Media::new("%PDF-1.7").expect("a document");
    let said = |pictures: &[(RetakeItem, &Media)]| -> Vec<bool> {
        let named = pictures.iter().map(|(item, media)| (Purpose::new(*item), (*media).clone()));
        let reports = detector().reports(&named.collect::<Vec<_>>());
        reports.iter().map(|report| report.advice.contains(&SamePicture)).collect()
    };
    let (selfie, front, back) = (RetakeItem::Selfie, RetakeItem::Front, RetakeItem::Back);
    assert_eq!(said(&[(selfie, &portrait), (front, &other), (back, &portrait)]), [false, false, true]);
    assert_eq!(said(&[(selfie, &portrait), (front, &with_comment)]), [false, true]);
    assert_eq!(said(&[(front, &pdf), (back, &pdf)]), [false, true]);
    assert_eq!(said(&[(RetakeItem::Capture, &portrait), (RetakeItem::Capture, &portrait)]), [false, false]);
}
