//! Decodes a picture, within limits.

use std::fmt;
use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{
    AnimationDecoder as _, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
};
use kyc_core::{Media, MediaFormat};

/// A decoded picture, upright as its EXIF orientation says, on white where it is transparent.
///
/// `Debug` shows the size, never the content.
#[derive(Clone)]
pub struct Picture(RgbImage);

/// A picture that cannot be looked at. It says nothing about what a vendor makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The format is not one that is decoded here.
    #[error("is {0}, which cannot be looked at: use JPEG, PNG, WebP, GIF or BMP")]
    Format(MediaFormat),
    /// The picture moves.
    #[error("is animated: use a still picture")]
    Animated,
    /// The picture has more pixels than are decoded.
    #[error("has {width} x {height} pixels, more than {} million: use a smaller picture", Picture::MAX_PIXELS / 1_000_000)]
    TooLarge {
        /// The width in pixels.
        width: u32,
        /// The height in pixels.
        height: u32,
    },
    /// The end of the file is missing.
    #[error("is truncated: its end marker is missing")]
    Truncated,
    /// The file is not what its first bytes say.
    #[error("is a damaged {0}: it cannot be decoded")]
    Damaged(MediaFormat),
}

impl Picture {
    /// The largest picture that is decoded: 50 million pixels, fewer if each takes more than four bytes. While it is decoded it takes
    /// at most 400 MB.
    pub const MAX_PIXELS: u64 = 50_000_000;

    /// Decodes a picture and turns it upright as its EXIF orientation says.
    ///
    /// This takes up to some hundred milliseconds for a large picture: call it from `spawn_blocking` in an asynchronous program.
    ///
    /// # Errors
    /// The format is not decoded here, the picture is animated, too large, truncated or damaged.
    pub fn decode(media: &Media) -> Result<Self, PictureError> {
        let format = image_format(media.format())?;
        let damaged = PictureError::Damaged(media.format());
        let (width, height) = media.dimensions().ok_or(damaged)?;
        if u64::from(width) * u64::from(height) > Self::MAX_PIXELS {
            return Err(PictureError::TooLarge { width, height });
        }
        if !media.is_complete() {
            return Err(PictureError::Truncated);
        }
        if moves(format, media).ok_or(damaged)? {
            return Err(PictureError::Animated);
        }
        let mut reader = ImageReader::with_format(Cursor::new(media.bytes()), format);
        reader.limits(limits());
        let mut decoder = reader.into_decoder().map_err(|_| damaged)?;
        // An orientation that cannot be read is that of a picture without one.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        if decoder.total_bytes() > MAX_BYTES {
            return Err(PictureError::TooLarge { width, height });
        }
        let image = opaque(DynamicImage::from_decoder(decoder).map_err(|_| damaged)?);
        if orientation == Orientation::NoTransforms {
            return Ok(Self(image));
        }
        let mut image = DynamicImage::from(image);
        image.apply_orientation(orientation);
        Ok(Self(image.into_rgb8()))
    }

    /// Returns the width in pixels, once upright.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// Returns the height in pixels, once upright.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// Returns the pixels, three bytes each (red, green, blue), row by row from the top. A face is personal data.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        self.0.as_raw()
    }

    /// Wraps pixels.
    pub(crate) fn of(image: RgbImage) -> Self {
        Self(image)
    }

    pub(crate) fn image(&self) -> &RgbImage {
        &self.0
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} x {})", self.width(), self.height())
    }
}

fn image_format(format: MediaFormat) -> Result<ImageFormat, PictureError> {
    Ok(match format {
        MediaFormat::Jpeg => ImageFormat::Jpeg,
        MediaFormat::Png => ImageFormat::Png,
        MediaFormat::Gif => ImageFormat::Gif,
        MediaFormat::Bmp => ImageFormat::Bmp,
        MediaFormat::Webp => ImageFormat::WebP,
        other => return Err(PictureError::Format(other)),
    })
}

/// The largest result of a decoder: four bytes for each pixel.
const MAX_BYTES: u64 = 4 * Picture::MAX_PIXELS;

/// What a decoder may allocate.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(u32::from(u16::MAX));
    limits.max_image_height = Some(u32::from(u16::MAX));
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

/// Whether the picture has more than one frame; `None` if that cannot be read.
fn moves(format: ImageFormat, media: &Media) -> Option<bool> {
    let bytes = Cursor::new(media.bytes());
    match format {
        ImageFormat::Png => {
            PngDecoder::with_limits(bytes, limits()).and_then(|decoder| decoder.is_apng()).ok()
        }
        ImageFormat::WebP => WebPDecoder::new(bytes).map(|decoder| decoder.has_animation()).ok(),
        ImageFormat::Gif => {
            let mut decoder = GifDecoder::new(bytes).ok()?;
            decoder.set_limits(limits()).ok()?;
            Some(decoder.into_frames().take(2).count() > 1)
        }
        _ => Some(false),
    }
}

/// Puts the picture on white, so that what a viewer hides is hidden here, too.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        let over = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}
