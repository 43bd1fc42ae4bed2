//! Two photographs of one person, years apart, to try things with. Authors and licences: `samples/CREDITS.md`.
//!
//! ```
//! use kyc_core::Media;
//! let picture = Media::new(kyc_sandbox::samples::A_2014)?;
//! assert_eq!(picture.dimensions(), Some((204, 244)));
//! # Ok::<(), kyc_core::Invalid>(())
//! ```

/// Person a in 2014 (CC BY-SA 3.0 fr: see the credits).
pub const A_2014: &[u8] = include_bytes!("../samples/a-2014.jpg");

/// Person a in 2025 (public domain).
pub const A_2025: &[u8] = include_bytes!("../samples/a-2025.jpg");
