//! The comparison to make.

use std::path::Path;

use kyc_core::{Error, FacePair, Integration, Media, OperationId, Pii};
use kyc_sandbox::samples;

use super::Args;
use crate::commands::vendor;
use crate::failure::Failure;
use crate::input;
use crate::messages::{Messages, Said};
use crate::place::{self, Input};
use crate::vendors;

const SAMPLES: [(&str, &[u8]); 2] = [("a-2014.jpg", samples::A_2014), ("a-2025.jpg", samples::A_2025)];

pub(super) enum Job {
    Compare {
        integration: &'static Integration,
        pair: FacePair,
        names: [Said; 2],
        has_sample_images: bool,
        origin: Input,
    },
    Resume {
        integration: &'static Integration,
        id: OperationId,
    },
}

impl Job {
    pub(super) fn integration(&self) -> &'static Integration {
        match self {
            Self::Compare { integration, .. } | Self::Resume { integration, .. } => integration,
        }
    }

    pub(super) fn has_sample_images(&self) -> bool {
        matches!(self, Self::Compare { has_sample_images: true, .. })
    }

    pub(super) fn read(args: &Args) -> Result<Self, Failure> {
        if let Some(token) = &args.resume {
            return Self::resume(args, token);
        }
        let source = args.first.is_some().then_some(&args.source);
        let integration = vendor::or_usual(args.vendor, source, |able| able.face_match.is_some())?;
        refuse_unsupported(args, integration)?;
        let [(first, first_name), (second, second_name)] = match (&args.first, &args.second) {
            (Some(first), Some(second)) => {
                [image(|t| t.errors.first_image, first)?, image(|t| t.errors.second_image, second)?]
            }
            _ => [sample(0)?, sample(1)?],
        };
        let mut pair = FacePair::new(first, second);
        if let Some(text) = &args.cpf {
            pair.cpf = Some(input::cpf("--cpf", text)?);
        }
        if let Some(reference) = &args.reference {
            pair.reference = Pii::new(reference.clone());
        }
        pair.max_false_accept_rate = args.max_false_accept_rate;
        let has_sample_images = args.first.is_none();
        let is_test = |cpf: &str| place::is_test_input(integration.key(), cpf);
        let is_own_cpf = pair.cpf.as_ref().is_some_and(|cpf| !is_test(cpf.digits()));
        let origin = if has_sample_images && !is_own_cpf { Input::Sample } else { Input::Own };
        Ok(Self::Compare { integration, pair, names: [first_name, second_name], has_sample_images, origin })
    }

    /// The token names its vendor.
    fn resume(args: &Args, token: &str) -> Result<Self, Failure> {
        let named = |_: &Messages| "--resume".to_owned();
        let id = OperationId::from_token(token).map_err(|rule| Failure::refused(named, rule))?;
        let integration = match vendors::by_id(id.vendor()).or(args.vendor) {
            Some(integration) => integration,
            None => vendor::or_usual(None, None, |able| able.face_match.is_some())?,
        };
        refuse_unsupported(args, integration)?;
        if id.is_reference() {
            let what = "the response was lost, and the vendor has no query by reference";
            let error = Error::unsupported(integration.vendor(), what).with_operation_id(id);
            return Err(Failure::client(error));
        }
        Ok(Self::Resume { integration, id })
    }
}

/// Refuses the options that the vendor cannot honour, before anything is sent.
fn refuse_unsupported(args: &Args, integration: &Integration) -> Result<(), Failure> {
    let able = integration.capabilities().face_match.unwrap_or_default();
    let options = [
        ("--cpf", args.cpf.is_some(), able.cpf),
        ("--max-false-accept-rate", args.max_false_accept_rate.is_some(), able.max_false_accept_rate),
        ("--reference", args.reference.is_some(), able.reference),
        ("--resume", args.resume.is_some(), able.query),
    ];
    match options.into_iter().find(|(_, is_given, is_supported)| *is_given && !is_supported) {
        Some((option, ..)) => Err(Failure::input(|t| (t.facematch.unsupported)(option, integration.title()))),
        None => Ok(()),
    }
}

/// Returns the argument that a field of [`FacePair`] comes from.
pub(super) fn argument(t: &Messages, field: &str, [first, second]: &[Said; 2]) -> Option<String> {
    Some(match field {
        "first" => (t.errors.first_image)(first.of(t)),
        "second" => (t.errors.second_image)(second.of(t)),
        "max_false_accept_rate" => "--max-false-accept-rate".to_owned(),
        "reference" => "--reference".to_owned(),
        _ => return None,
    })
}

fn image(place: fn(&Messages) -> fn(&str) -> String, path: &Path) -> Result<(Media, Said), Failure> {
    let named = |t: &Messages| place(t)(&input::shown(t, path));
    let image = input::image(path).map_err(|rule| Failure::refused(named, rule))?;
    Ok((image, Said::new(|t| input::shown(t, path))))
}

fn sample(place: usize) -> Result<(Media, Said), Failure> {
    let (name, bytes) = SAMPLES[place];
    let name = Said::new(|t| (t.place.sample)(name));
    let image = Media::new(bytes).map_err(|rule| Failure::refused(|t| name.of(t).to_owned(), rule))?;
    Ok((image, name))
}
