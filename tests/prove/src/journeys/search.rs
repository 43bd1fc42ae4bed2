//! Searches a store's files for what must not be in them: a person's data as they are, and as hashes that anybody can compute.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use aho_corasick::AhoCorasick;
use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// The forms in which a value is searched for.
const FORMS: [&str; 6] =
    ["itself", "SHA-256", "SHA-256 in hex", "SHA-256 in HEX", "SHA-256 in base64", "… for URLs"];

fn forms(value: &str) -> [Vec<u8>; 6] {
    let hash = Sha256::digest(value.as_bytes());
    let hex = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    [
        value.as_bytes().to_vec(),
        hash.to_vec(),
        hex.clone().into_bytes(),
        hex.to_uppercase().into_bytes(),
        STANDARD_NO_PAD.encode(hash).into_bytes(),
        URL_SAFE_NO_PAD.encode(hash).into_bytes(),
    ]
}

/// What is searched for, each with what it is.
#[derive(Default)]
pub(super) struct Needles(Vec<(&'static str, String)>);

/// How many of the values were found, by what they are and the form.
pub(super) type Found = BTreeMap<(&'static str, &'static str), usize>;

impl Needles {
    pub(super) fn add(&mut self, what: &'static str, value: impl Into<String>) {
        self.0.push((what, value.into()));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns how many values there are of a kind.
    pub(super) fn count(&self, what: &str) -> usize {
        self.0.iter().filter(|(known, _)| *known == what).count()
    }

    pub(super) fn search(&self, files: &[PathBuf]) -> Result<Found> {
        let searched = AhoCorasick::new(self.0.iter().flat_map(|(_, value)| forms(value)))?;
        let mut hits = vec![false; self.0.len() * FORMS.len()];
        for path in files {
            for hit in searched.stream_find_iter(File::open(path)?) {
                hits[hit?.pattern().as_usize()] = true;
            }
        }
        let mut found = Found::new();
        for (at, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
            *found.entry((self.0[at / FORMS.len()].0, FORMS[at % FORMS.len()])).or_default() += 1;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_value_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let mut needles = Needles::default();
        needles.add("CPF", "52998224725");
        needles.add("name", "Maria");
        for (form, bytes) in FORMS.into_iter().zip(forms("52998224725")) {
            std::fs::write(&path, [&[0xFF; 100_000][..], &bytes, b"end"].concat()).expect("written");
            let found = needles.search(std::slice::from_ref(&path)).expect("searched");
            assert_eq!(found.get(&("CPF", form)), Some(&1), "{form}");
            assert!(found.keys().all(|(what, _)| *what == "CPF"), "{found:?}");
        }
        std::fs::write(&path, b"5299822472").expect("written");
        assert!(needles.search(&[path]).expect("searched").is_empty());
    }
}
