#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "sqlite")]
mod checkpoints;
#[cfg(feature = "sqlite")]
mod cipher;
mod error;
#[cfg(feature = "sqlite")]
mod file;
#[cfg(feature = "sqlite")]
mod key_table;
#[cfg(feature = "sqlite")]
mod keys;
#[cfg(feature = "sqlite")]
mod reader;
#[cfg(feature = "sqlite")]
mod schema;
#[cfg(feature = "sqlite")]
mod writer;

#[cfg(feature = "sqlite")]
pub use cipher::{Cipher, Meaning, Sealer, Tag};
#[cfg(feature = "sqlite")]
pub use error::file_error;
pub use error::{Result, StoreError};
#[cfg(feature = "sqlite")]
pub use file::{beside, open_reader, prepare};
#[cfg(feature = "sqlite")]
pub use key_table::{Protection, load};
#[cfg(feature = "sqlite")]
pub use keys::{KeyRing, StoreKey, random};
#[cfg(feature = "sqlite")]
pub use reader::Readers;
#[cfg(feature = "sqlite")]
pub use schema::Schema;
#[cfg(feature = "sqlite")]
pub use writer::{Admission, Writer};
