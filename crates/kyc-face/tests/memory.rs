//! What the largest pictures take. A test of its own, because it counts what the whole process allocates.

use kyc_face::kyc_core::Media;
use kyc_face::{Picture, PictureError};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

fn png(colour: image::ExtendedColorType, width: u32, height: u32, bytes_per_pixel: usize) -> Vec<u8> {
    let pixels = vec![0; (width as usize) * (height as usize) * bytes_per_pixel];
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &pixels, width, height, colour).expect("memory");
    bytes
}

/// The most that is allocated while it is decoded, in megabytes.
fn peak(bytes: Vec<u8>) -> (Result<(u32, u32), PictureError>, f32) {
    let media = Media::new(bytes).expect("a file");
    let before = ALLOCATED.current_usage_as_mb();
    ALLOCATED.reset_peak_usage();
    let picture = Picture::decode(&media).map(|picture| (picture.width(), picture.height()));
    (picture, ALLOCATED.peak_usage_as_mb() - before)
}

#[test]
fn the_largest_pictures_take_at_most_400_megabytes() {
    let plain = png(image::ExtendedColorType::Rgb8, 7000, 7000, 3);
    let (picture, megabytes) = peak(plain.clone());
    assert_eq!(picture, Ok((7000, 7000)));
    assert!(megabytes < 200.0, "{megabytes}");
    // Turned by EXIF, in an eXIf chunk before the pixels.
    let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut chunk = b"eXIf".to_vec();
    chunk.extend(exif);
    let length = u32::try_from(exif.len()).expect("short").to_be_bytes();
    let turned =
        [&plain[..33], &length, &chunk, &crc32fast::hash(&chunk).to_be_bytes(), &plain[33..]].concat();
    let (picture, megabytes) = peak(turned);
    assert_eq!(picture, Ok((7000, 7000)));
    assert!((250.0..400.0).contains(&megabytes), "{megabytes}");
    let (picture, megabytes) = peak(png(image::ExtendedColorType::Rgba16, 4900, 5000, 8));
    assert_eq!(picture, Ok((4900, 5000)));
    assert!(megabytes < 400.0, "{megabytes}");
    let (picture, megabytes) = peak(png(image::ExtendedColorType::Rgba16, 5100, 5000, 8));
    assert_eq!(picture, Err(PictureError::TooLarge { width: 5100, height: 5000 }));
    assert!(megabytes < 10.0, "{megabytes}");
}
