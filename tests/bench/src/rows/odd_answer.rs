//! Responses with thousands of unknown keys: the time for each key does not rise with their number.

use anyhow::{Result, ensure};
use certiface::LivenessResponse;
use certiface::kyc_core::decode;

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, compare, on_one_thread};

pub(crate) const UNKNOWN_KEYS: Comparison = Comparison {
    name: "unknown-keys",
    method: "\
A `LivenessResponse` is decoded from a body with 10 000 unknown keys; the reference decodes one with 100 keys as often as
makes the same number of keys, 20 000 in each of 40 turns.",
    rows: &[Row {
        what: "Decoding of 10 000 unknown keys: user + system, vs. as many in bodies of 100 keys",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.5),
    }],
    measure: |part| measure(part, ""),
};

pub(crate) const TWO_SPELLINGS: Comparison = Comparison {
    name: "two-spellings",
    method: "As `unknown-keys`, with one field in two spellings in each body, which needs a repair.",
    rows: &[Row {
        what: "The same with one field in two spellings",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.5),
    }],
    measure: |part| measure(part, r#""valid":null,"validado":true,"#),
};

const TURNS: usize = 40;
const KEYS_PER_TURN: usize = 20_000;

fn measure(part: &Part, first: &str) -> Result<Pairs> {
    on_one_thread(async {
        let [many, few] = [10_000, 100].map(|size| (KEYS_PER_TURN / size, unknown_keys(size, first)));
        compare(part, TURNS, async || read(&many), async || read(&few)).await
    })
}

fn read((times, body): &(usize, Vec<u8>)) -> Result<()> {
    (0..*times).try_for_each(|_| {
        let decoded = decode::<LivenessResponse>(body)?;
        ensure!(!std::hint::black_box(decoded).ignored.is_empty(), "no unknown key was reported");
        Ok(())
    })
}

fn unknown_keys(count: usize, first: &str) -> Vec<u8> {
    let keys: Vec<_> = (0..count).map(|key| format!("\"unknown{key}\":1")).collect();
    format!("{{{first}{}}}", keys.join(",")).into_bytes()
}
