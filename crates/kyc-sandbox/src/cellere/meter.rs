//! OCR of meters.

use kyc_core::{MediaFormat, MediaRules};
use kyc_fixtures::{Fixture, cellere_portal as documented};
use serde_json::Value;
use url::Url;

use super::errors::{bad_request, image_required};
use super::outcomes::AnswerEffect;
use super::request::{Fields, Image, Request, body_of};
use crate::reply::Reply;
use crate::samples;

const FORMATS: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Gif, MediaFormat::Heic],
    max_bytes: None,
    min_pixels: None,
};

const ENERGY: &str = "energia";
const SERVICES: &[&str] = &[ENERGY, "agua", "gas"];
/// Fields that only electricity meters have.
const OF_ENERGY: &[&str] = &["power_code", "unbalanced_analogical"];

/// A kind of meter: its sample, the prefix of the file name in a link, and its response.
struct Meter {
    sample: &'static [u8],
    file_name: &'static str,
    reply: &'static Fixture,
}

/// Any other meter is a digital one.
const METERS: &[Meter] = &[
    Meter {
        sample: samples::METER_CYCLOMETRIC,
        file_name: "ciclometrico",
        reply: &documented::METER_CICLOMETRICO_200,
    },
    Meter { sample: samples::METER_ANALOG, file_name: "analogico", reply: &documented::METER_ANALOGICO_200 },
];

pub(super) fn reply(
    request: &Request,
    effect: Option<AnswerEffect>,
    conciliation: Option<AnswerEffect>,
) -> Result<Value, Reply> {
    let fields = request.fields()?;
    let (name, meter) = shown(&fields)?;
    let service = fields
        .text("service")?
        .filter(|word| SERVICES.contains(word))
        .ok_or_else(|| bad_request("service must be energia, agua or gas"))?;
    let reading = fields.text("reading")?;
    if reading.is_some_and(|reading| !reading.contains(|letter: char| letter.is_ascii_digit())) {
        return Err(bad_request("reading has no digit"));
    }
    let mut body = match (effect, meter) {
        (Some(AnswerEffect::Body(fixture)), _) => body_of(fixture),
        (_, Some(meter)) => body_of(meter.reply),
        _ => request.documented_reply(),
    };
    body["image"] = name.into();
    body["service"] = service.into();
    if let Some(fields) = body.as_object_mut().filter(|_| service != ENERGY) {
        fields.retain(|name, _| !OF_ENERGY.contains(&name.as_str()));
    }
    if let Some(reading) = reading {
        let agrees = body["read_result"].as_str().is_some_and(|read| digits(read) == digits(reading));
        body["status"] = match conciliation {
            Some(AnswerEffect::Conciliation(status)) => status,
            _ if agrees => "conciliated",
            _ => "not conciliated",
        }
        .into();
    }
    Ok(body)
}

/// The name of the image, and the meter on it. Nothing is fetched from a link.
fn shown(fields: &Fields) -> Result<(String, Option<&'static Meter>), Reply> {
    let file = fields.image("image", &FORMATS)?;
    let encoded = fields.image("base64", &FORMATS)?;
    match (file, encoded, fields.text("link")?) {
        (Some(image), None, None) | (None, Some(image), None) => {
            let meter = METERS.iter().find(|meter| image.media.bytes() == meter.sample);
            let Image { media, name } = image;
            Ok((name.unwrap_or_else(|| media.format().mime().replace('/', ".")), meter))
        }
        (None, None, Some(link)) => {
            let name = file_name(link).ok_or_else(|| bad_request("link is not an http or https URL"))?;
            let meter = METERS.iter().find(|meter| name.starts_with(meter.file_name));
            Ok((name, meter))
        }
        (None, None, None) => Err(image_required("image, base64 and link are missing")),
        _ => Err(bad_request("only one of image, base64 and link may be sent")),
    }
}

fn file_name(link: &str) -> Option<String> {
    let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.path_segments()?.next_back().map(str::to_owned)
}

/// The digits only, without leading zeros.
fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}
