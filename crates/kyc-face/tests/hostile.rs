//! Files that somebody made to do harm.

use kyc_face::PictureError;
use proptest::prelude::*;

use crate::decode::{BASELINE, BMP, PROGRESSIVE, SAMPLE, decode};

/// The first frame header of a JPEG with other dimensions.
fn resized_jpeg(jpeg: &[u8], height: u16, width: u16) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let frame = bytes.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2])).expect("a frame");
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_be_bytes();
    let sum = crc32fast::hash(&[&kind[..], content].concat()).to_be_bytes();
    [&length[..], kind, content, &sum].concat()
}

fn png(width: u32, height: u32, more: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n", &chunk(b"IHDR", &header)[..], more, &chunk(b"IEND", &[])].concat()
}

#[test]
fn a_truncated_file_is_an_error() {
    for (name, bytes) in [("baseline", BASELINE), ("progressive", PROGRESSIVE), ("BMP", BMP)] {
        for end in (20..bytes.len() - 2).step_by(bytes.len() / 97) {
            assert!(decode(&bytes[..end]).is_err(), "{name}: {end}");
        }
    }
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_unread() {
    let webp = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xfe\xff\0\xfe\xff\0VP8 \0\0\0\0";
    let gif = b"GIF89a\xff\xff\xff\xff\0\0\0;";
    let mut bmp = BMP.to_vec();
    bmp[18..22].copy_from_slice(&65535_u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&65535_u32.to_le_bytes());
    for (name, bytes) in [
        ("JPEG", resized_jpeg(BASELINE, 65535, 65535)),
        ("progressive", resized_jpeg(PROGRESSIVE, 65535, 65535)),
        ("PNG", png(65535, 65535, &[])),
        ("GIF", gif.to_vec()),
        ("BMP", bmp),
        ("WebP", webp.to_vec()),
    ] {
        assert_eq!(
            decode(&bytes).err(),
            Some(PictureError::TooLarge { width: 65535, height: 65535 }),
            "{name}"
        );
    }
    let error = decode(&png(65535, 65535, &[])).expect_err("too large").to_string();
    assert_eq!(error, "has 65535 x 65535 pixels, more than 50 million: use a smaller picture");
}

#[test]
fn long_and_tiny_pictures_are_searched() {
    let detector = kyc_face::Detector::new().expect("weights");
    for (width, height) in [(1, 1), (1, 50_000), (50_000, 1), (31, 33), (3, 2000)] {
        let image = image::RgbImage::new(width, height);
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).expect("memory");
        let picture = decode(&bytes.into_inner()).expect("a picture");
        assert_eq!(detector.faces(&picture), Vec::new());
    }
}

#[test]
fn compressed_bombs_are_harmless() {
    // A text and a colour profile that unpack to 200 MB.
    let zeros = {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..200 {
            std::io::Write::write_all(&mut packed, &[0; 1024 * 1024]).expect("memory");
        }
        packed.finish().expect("memory")
    };
    for (kind, head) in
        [(b"zTXt", &b"Comment\0\0"[..]), (b"iCCP", b"profile\0\0"), (b"iTXt", b"Comment\0\x01\0\0\0")]
    {
        let bomb = png(2, 2, &chunk(kind, &[head, &zeros].concat()));
        // It has no pixel data, so it is an error in any case.
        assert!(decode(&bomb).is_err());
    }
    // As pixels: far more than the header says.
    let _ = decode(&png(2, 2, &chunk(b"IDAT", &zeros)));
}

/// A progressive JPEG whose last scan comes so often.
fn many_scans(times: usize) -> Vec<u8> {
    let last = PROGRESSIVE.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).expect("a scan");
    let (before, scan) = (&PROGRESSIVE[..last], &PROGRESSIVE[last..PROGRESSIVE.len() - 2]);
    [before, &scan.repeat(times), &[0xFF, 0xD9]].concat()
}

#[test]
fn thousands_of_scans_are_not_all_decoded() {
    let whole = decode(&many_scans(1)).expect("a picture");
    // Either an error or a picture of the same size, and soon: each scan would take as long as the picture.
    if let Ok(picture) = decode(&many_scans(3000)) {
        assert_eq!((picture.width(), picture.height()), (whole.width(), whole.height()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn spoilt_files_do_not_panic(
        which in 0_usize..4,
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
    ) {
        let mut bytes = [BASELINE, PROGRESSIVE, BMP, SAMPLE][which].to_vec();
        let count = bytes.len();
        for (place, value) in places {
            bytes[place.index(count)] = value;
        }
        let _ = decode(&bytes);
    }
}
