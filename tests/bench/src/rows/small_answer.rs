//! A response of 3 kB, from a body in memory to a value.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use certiface::{Appkey, JourneyResult};
use serde_json::Value;

use super::result::APPKEY;
use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, compare, on_one_thread};
use crate::stub::{Stub, certiface, documented};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "small-answer",
    method: "\
The vendor's long example of a result, compact, without its photos and two of its documents, 3.2 kB of JSON, becomes a
`JourneyResult`: 200 turns of each side with 1 000 values each. *Ours* is
`Client::result` over a transport in the same process that has the body ready: besides decoding it builds the request,
checks whether the response is a refusal, and collects the fields that the type ignores. *Plain serde* is
`serde_json::from_slice` into the same type. Figures are for 1 000 values.",
    rows: &[Row {
        what: "Decoding of 1 000 responses of 3 kB: user + system, vs. plain serde",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.6),
    }],
    measure,
};

const TURNS: usize = 200;
const VALUES: usize = 1_000;

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let body = body()?;
        let client = certiface(Stub { answer: body.clone() })?;
        let appkey = Appkey::new(APPKEY);
        let ours = async || {
            for _ in 0..VALUES {
                look_at(client.result(&appkey).await?.value().as_ref().context("no result")?)?;
            }
            Ok(())
        };
        let plain = async || {
            for _ in 0..VALUES {
                look_at(&serde_json::from_slice(&body)?)?;
            }
            Ok(())
        };
        compare(part, TURNS, ours, plain).await
    })
}

fn look_at(result: &JourneyResult) -> Result<()> {
    ensure!(std::hint::black_box(result).liveness().is_yes(), "the response has no verdict");
    Ok(())
}

fn body() -> Result<Bytes> {
    let mut result: Value = serde_json::from_str(documented("result-200")?)?;
    remove(&mut result, "fotos")?;
    let documents = &mut result["analiseDocumento"]["responseClientDadosOcrDTO"];
    remove(documents, "ResponseClientDNIOcrDTO")?;
    remove(documents, "ResponseClientCINOcrDTO")?;
    Ok(result.to_string().into())
}

fn remove(object: &mut Value, key: &str) -> Result<()> {
    object.as_object_mut().and_then(|object| object.remove(key)).with_context(|| format!("no {key}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use certiface::kyc_core::decode;

    use super::*;

    #[test]
    fn every_field_is_known() {
        let body = body().unwrap();
        assert!((3_000..3_500).contains(&body.len()), "{}", body.len());
        let decoded = decode::<JourneyResult>(&body).unwrap();
        assert_eq!(decoded.ignored, [""; 0]);
        assert_eq!(decoded.value, serde_json::from_slice(&body).unwrap());
    }
}
