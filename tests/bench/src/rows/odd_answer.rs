//! Responses that a hostile or broken vendor sends: thousands of unknown keys, two spellings of one field, and 32 MiB that
//! cannot be decoded or hold nothing but a list.

use anyhow::{Result, ensure};
use certiface::kyc_core::decode;
use certiface::{JourneyResult, LivenessResponse};

use super::Comparison;
use crate::meter::{cpu_of, heap_in_turns, on_one_thread};
use crate::page::{Row, Unit};
use crate::samples::Samples;
use crate::stage::{Binary, Part, Stage};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "odd-answer",
    method: "\
A `LivenessResponse` is decoded from a body with 10, 100, 1 000 or 10 000 unknown keys, once with no other oddity and once with
one field in two spellings, which needs a repair: 40 turns over all sizes, each with as many decodings as make 20 000 keys.
The figure is the CPU time per key, and the ratio compares it with the time per key of the body with 100 keys in the same
turn. The heap of a `JourneyResult` is counted in a pass of its own by a counting allocator, as the peak above the body,
for three bodies of 32 MiB: a list of empty objects in a field, the same with the last byte missing, and the list in place of
the whole. *Beside it* is a plain copy of the body.",
    builds: false,
    conduct,
    parts: &[("time", time), ("heap", heap)],
};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const TURNS: usize = 40;
const KEYS_PER_TURN: usize = 20_000;
const HEAP_TURNS: usize = 3;
const LARGE: usize = 32 * 1024 * 1024;
/// The text once more while it is repaired, and the capped value.
const MAX_HEAP: f64 = 2.5 * LARGE as f64;

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let mut samples = stage.part("time", Binary::Plain, None)?;
    samples.merge(stage.part("heap", Binary::Counting, None)?);
    let mut rows = Vec::new();
    for (kind, what) in
        [("unknown", "unknown keys"), ("spellings", "unknown keys and one field in two spellings")]
    {
        let series = |size| samples.series(&format!("{kind}.{size}"));
        for size in SIZES.into_iter().filter(|size| *size != 100) {
            let name = format!("{kind}-keys-{size}");
            let text = format!("Decoding of {size} {what}: user + system per key, vs. 100 keys");
            let (ours, of_100) = (series(size)?, series(100)?);
            // With ten keys, the second look costs more than the keys.
            rows.push(if kind == "spellings" && size < 100 {
                Row::compared(&name, &text, Unit::Seconds, ours, of_100)?
            } else {
                Row::ratio(&name, &text, Unit::Seconds, ours, of_100, 1.5)?
            });
        }
    }
    for (name, what) in LARGE_BODIES {
        let (ours, copy) =
            (samples.series(&format!("{name}.heap"))?, samples.series(&format!("{name} copied.heap"))?);
        let text = format!("{what} of 32 MiB: peak heap above the body, vs. a copy of it");
        let row = Row::compared(&format!("{name}-heap"), &text, Unit::Bytes, ours, copy)?;
        rows.push(row.each_at_most(Unit::Bytes, ours, MAX_HEAP));
    }
    Ok(rows)
}

fn time(_: &Part) -> Result<Samples> {
    on_one_thread(async {
        let mut samples = Samples::default();
        let bodies: Vec<_> = SIZES
            .into_iter()
            .flat_map(|size| {
                [("unknown", size, unknown_keys(size, "")), ("spellings", size, two_spellings(size))]
            })
            .collect();
        for turn in 0..=TURNS {
            for (kind, size, body) in &bodies {
                let times = KEYS_PER_TURN / size;
                let spent = cpu_of(|| (0..times).try_for_each(|_| read(body)))?;
                // The first turn warms up.
                if turn > 0 {
                    samples.push(format!("{kind}.{size}"), spent.as_secs_f64() / KEYS_PER_TURN as f64);
                }
            }
        }
        Ok(samples)
    })
}

fn read(body: &[u8]) -> Result<()> {
    let decoded = decode::<LivenessResponse>(body)?;
    ensure!(!std::hint::black_box(decoded).ignored.is_empty(), "no unknown key was reported");
    Ok(())
}

fn unknown_keys(count: usize, first: &str) -> Vec<u8> {
    let keys: Vec<_> = (0..count).map(|key| format!("\"unknown{key}\":1")).collect();
    format!("{{{first}{}}}", keys.join(",")).into_bytes()
}

fn two_spellings(count: usize) -> Vec<u8> {
    unknown_keys(count, TWO_SPELLINGS)
}

const TWO_SPELLINGS: &str = r#""valid":null,"validado":true,"#;

const LARGE_BODIES: [(&str, &str); 3] = [
    ("cut-list", "Decoding of a list that is cut off"),
    ("root-list", "Decoding of a list in place of an object"),
    ("field-list", "Decoding of a long list"),
];

fn heap(part: &Part) -> Result<Samples> {
    let heap = part.heap()?;
    on_one_thread(async {
        let mut samples = Samples::default();
        for (name, _) in LARGE_BODIES {
            let body = large(name);
            let ours = async || {
                drop(std::hint::black_box(decode::<JourneyResult>(&body)));
                Ok(())
            };
            let copy = async || {
                drop(std::hint::black_box(body.clone()));
                Ok(())
            };
            samples.merge(
                heap_in_turns((heap, HEAP_TURNS), (name, ours), (&format!("{name} copied"), copy)).await?,
            );
        }
        Ok(samples)
    })
}

fn large(name: &str) -> Vec<u8> {
    let objects = |open: &str, close: &str| {
        let count = (LARGE - open.len() - close.len()) / 3;
        let mut body = Vec::with_capacity(LARGE);
        body.extend(open.bytes());
        body.extend(b"{},".repeat(count));
        body.pop();
        body.extend(close.bytes());
        body
    };
    match name {
        "root-list" => objects("[", "]"),
        "field-list" => objects(r#"{"fotos":{"documento":["#, "]}}"),
        _ => objects(r#"{"fotos":{"documento":["#, "]}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bodies_are_what_the_page_says() {
        for size in SIZES {
            read(&unknown_keys(size, "")).unwrap();
            read(&two_spellings(size)).unwrap();
        }
        for (name, _) in LARGE_BODIES {
            assert!((LARGE - 3..=LARGE).contains(&large(name).len()));
        }
        assert!(decode::<JourneyResult>(&large("cut-list")).is_err());
        assert!(decode::<JourneyResult>(&large("field-list")).is_ok());
    }
}
