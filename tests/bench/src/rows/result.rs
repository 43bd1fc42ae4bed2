//! The result of a journey, with its photos or as 3 kB without them, from a body in memory to a value.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use certiface::kyc_core::Base64Bytes;
use certiface::{Appkey, Client, JourneyResult};
use serde_json::{Value, json};

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, compare, on_one_thread};
use crate::pictures::jpeg;
use crate::stub::{Stub, certiface, documented};

pub(crate) const RESULT: Comparison = Comparison {
    name: "result",
    method: "\
The vendor's long example of a result, compact, with three JPEGs of 1.5, 3 and 3 MB in it as base64, 10.0 MB of JSON: 100
turns. *Ours* is `Client::result` over a transport in the same process
that has the body ready, up to the value with its photos as bytes. *Tree* is `serde_json::from_slice` of the same body into
a `Value`, with each photo decoded by the `base64` crate's standard engine. The peak of the heap includes the value; its bound is
1.15 times the body.",
    rows: &[
        Row {
            what: "Decoding of a result of 10 MB with photos: user + system, vs. tree",
            quantity: Quantity::Cpu,
            bound: Bound::Ratio(1.3),
        },
        Row {
            what: "The same: peak heap above the body, vs. tree",
            quantity: Quantity::Heap,
            bound: Bound::Each(11.5e6),
        },
    ],
    measure,
};

pub(crate) const SMALL_ANSWER: Comparison = Comparison {
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
    measure: measure_small,
};

const PHOTOS: [usize; 3] = [1_500_000, 3_000_000, 3_000_000];
const TURNS: usize = 100;
const SMALL_TURNS: usize = 200;
const VALUES: usize = 1_000;
const APPKEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJjcGYiOiI1Mjk5ODIyNDcyNSJ9.c2lnbmF0dXJl";

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let body = body()?;
        let client = certiface(Stub { answer: body.clone() })?;
        let ours = async || read_photos(&client).await;
        let tree = async || decode_as_tree(&body);
        compare(part, TURNS, ours, tree).await
    })
}

fn body() -> Result<Bytes> {
    let mut result: Value = serde_json::from_str(documented("result-200")?)?;
    let [face, front, back] = PHOTOS.map(|length| STANDARD.encode(jpeg(length, length as u64)));
    result["fotos"] = json!({
        "facecaptcha": { "frontal": face },
        "documento": [
            { "descricao": "FACE A", "imagem": front },
            { "descricao": "FACE B", "imagem": back },
        ],
    });
    Ok(result.to_string().into())
}

async fn read_photos(client: &Client) -> Result<()> {
    let result = client.result(&Appkey::new(APPKEY)).await?.into_inner().context("no result")?;
    ensure!(photos(&result).context("no photos")? == PHOTOS, "a photo was not read");
    Ok(())
}

/// Returns the length of each photo.
fn photos(result: &JourneyResult) -> Option<Vec<usize>> {
    let length = |photo: &Option<Base64Bytes>| photo.as_ref()?.bytes().map(Bytes::len);
    let photos = result.fotos.as_ref()?;
    let documents = photos.documento.iter().flatten().map(|photo| length(&photo.imagem));
    [length(&photos.facecaptcha.as_ref()?.frontal)].into_iter().chain(documents).collect()
}

fn decode_as_tree(body: &Bytes) -> Result<()> {
    let result: Value = serde_json::from_slice(body)?;
    let photos = &result["fotos"];
    let documents = photos["documento"].as_array().into_iter().flatten().map(|photo| &photo["imagem"]);
    let decode = |photo: &Value| Ok(STANDARD.decode(photo.as_str().context("no photo")?)?);
    let photos: Vec<_> = [&photos["facecaptcha"]["frontal"]]
        .into_iter()
        .chain(documents)
        .map(decode)
        .collect::<Result<_>>()?;
    ensure!(photos.iter().map(Vec::len).eq(PHOTOS), "a photo was not read");
    std::hint::black_box((&result, &photos));
    Ok(())
}

fn measure_small(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let body = small_body()?;
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
        compare(part, SMALL_TURNS, ours, plain).await
    })
}

fn look_at(result: &JourneyResult) -> Result<()> {
    ensure!(std::hint::black_box(result).liveness().is_yes(), "the response has no verdict");
    Ok(())
}

fn small_body() -> Result<Bytes> {
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

    #[tokio::test]
    async fn both_sides_read_all_photos() {
        let body = body().unwrap();
        assert!((10_000_000..10_100_000).contains(&body.len()), "{}", body.len());
        decode_as_tree(&body).unwrap();
        read_photos(&certiface(Stub { answer: body }).unwrap()).await.unwrap();
    }

    #[test]
    fn every_field_of_a_small_response_is_known() {
        let body = small_body().unwrap();
        assert!((3_000..3_500).contains(&body.len()), "{}", body.len());
        let decoded = decode::<JourneyResult>(&body).unwrap();
        assert_eq!(decoded.ignored, [""; 0]);
        assert_eq!(decoded.value, serde_json::from_slice(&body).unwrap());
    }
}
