//! Images that resemble photographs: the headers of a format around incompressible noise.

use bytes::Bytes;

/// Returns a JPEG of exactly `length` bytes, 2 000 × 1 500 pixels by its header. Each `seed` gives another image.
pub(crate) fn jpeg(length: usize, seed: u64) -> Bytes {
    const HEAD: &[u8] = &[
        0xFF, 0xD8, // start
        0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 2, 0, 0, 1, 0, 1, 0, 0, // JFIF
        0xFF, 0xC0, 0, 17, 8, 0x05, 0xDC, 0x07, 0xD0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, // frame
        0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0, // scan
    ];
    const END: [u8; 2] = [0xFF, 0xD9];
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(HEAD);
    let mut noise = fastrand::Rng::with_seed(seed);
    while bytes.len() + END.len() < length {
        let byte = noise.u8(..);
        bytes.push(byte);
        // As in every JPEG: within a scan, 0xFF is followed by a zero.
        if byte == 0xFF {
            bytes.push(0);
        }
    }
    bytes.truncate(length - END.len());
    if bytes.last() == Some(&0xFF) {
        bytes.pop();
        bytes.push(0);
    }
    bytes.extend_from_slice(&END);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use clearsale_facematch::kyc_core::{Media, MediaFormat};

    use super::*;

    #[test]
    fn images_are_valid_and_of_the_requested_size() {
        for (length, seed) in [(4_000_000, 1), (2_000_000, 2), (999, 3), (1_000, 4)] {
            let media = Media::new(jpeg(length, seed)).unwrap();
            assert_eq!(media.len(), length);
            assert_eq!(media.format(), MediaFormat::Jpeg);
            assert_eq!(media.dimensions(), Some((2_000, 1_500)));
            assert!(media.is_complete());
        }
        assert_ne!(jpeg(1_000, 1), jpeg(1_000, 3));
    }
}
