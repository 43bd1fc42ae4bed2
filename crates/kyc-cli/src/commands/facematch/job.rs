//! The comparison to make, validated before there is a client.

use std::path::Path;

use cellere_portal::FaceMatchRequest;
use clearsale_facematch::{MatchLevel, MatchRequest, VENDOR};
use kyc_core::{Cpf, Error, FacePair, Media, OperationId, Pii};
use kyc_sandbox::clearsale::TEST_CPFS;
use kyc_sandbox::samples;

use super::{Args, VendorName};
use crate::failure::Failure;
use crate::input;
use crate::messages::{Messages, Said};
use crate::place::Input;

const SAMPLES: [(&str, &[u8]); 2] = [("a-2014.jpg", samples::A_2014), ("a-2025.jpg", samples::A_2025)];

pub(super) enum Job {
    Compare {
        pair: FacePair,
        names: [Said; 2],
        min_level: Option<String>,
        has_sample_images: bool,
        origin: Input,
    },
    Resume(OperationId),
}

impl Job {
    pub(super) fn input(&self) -> Input {
        match self {
            Self::Compare { origin, .. } => *origin,
            Self::Resume(_) => Input::Own,
        }
    }

    pub(super) fn has_sample_images(&self) -> bool {
        matches!(self, Self::Compare { has_sample_images: true, .. })
    }

    pub(super) fn read(args: &Args) -> Result<Self, Failure> {
        match args.vendor {
            VendorName::Clearsale => {}
            VendorName::Cellere => refuse_clearsale_options(args)?,
        }
        if let Some(token) = &args.resume {
            let id = OperationId::from_token(token)
                .map_err(|rule| Failure::refused(|_| "--resume".to_owned(), rule))?;
            if id.is_reference() {
                let what = "the response was lost, and ClearSale has no query by reference";
                let error = Error::unsupported(VENDOR, what).with_operation_id(id);
                return Err(Failure::client(error));
            }
            return Ok(Self::Resume(id));
        }
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
        let min_level = args.min_level.clone();
        let level = min_level.as_deref().map(MatchLevel::from);
        let names = [first_name, second_name];
        check(args, &pair, level.as_ref()).map_err(|error| {
            Failure::client(error).in_arguments(|t, field| argument(t, args, field, &names))
        })?;
        pair.max_false_accept_rate = level.as_ref().and_then(MatchLevel::false_accept_rate);
        let has_sample_images = args.first.is_none();
        let is_own_cpf = pair.cpf.as_ref().is_some_and(|cpf| !is_test_cpf(cpf));
        let origin = if has_sample_images && !is_own_cpf { Input::Sample } else { Input::Own };
        Ok(Self::Compare { pair, names, min_level, has_sample_images, origin })
    }
}

fn is_test_cpf(cpf: &Cpf) -> bool {
    TEST_CPFS.iter().any(|test| test.cpf == cpf.digits())
}

type Words = fn(&Messages) -> &'static str;

/// Refuses the options that only ClearSale has.
fn refuse_clearsale_options(args: &Args) -> Result<(), Failure> {
    let options = [
        (args.cpf.is_some(), "--cpf", (|t| t.facematch.no_cpf) as Words),
        (args.min_level.is_some(), "--min-level", |t| t.facematch.no_levels),
        (args.reference.is_some(), "--reference", |t| t.facematch.no_reference),
        (args.any_image, "--any-image", |t| t.facematch.any_image),
        (args.resume.is_some(), "--resume", |t| t.facematch.immediate),
    ];
    match options.into_iter().find(|(is_given, ..)| *is_given) {
        Some((_, option, why)) => Err(Failure::input(|t| (t.facematch.omit)(option, why(t)))),
        None => Ok(()),
    }
}

/// Validates the comparison by the library's rules.
fn check(args: &Args, pair: &FacePair, level: Option<&MatchLevel>) -> Result<(), Error> {
    let (first, second) = (pair.first.clone(), pair.second.clone());
    match args.vendor {
        VendorName::Cellere => FaceMatchRequest::new(first, second).check(),
        VendorName::Clearsale => {
            let reference = pair.reference.expose().as_str();
            let mut request = MatchRequest::new(first, second).with_identifier_id(reference);
            if let Some(level) = level {
                request = request.with_min_match_level(level.clone());
            }
            request.check(args.any_image)
        }
    }
}

/// Returns the argument that a field of the library comes from.
fn argument(t: &Messages, args: &Args, field: &str, [first, second]: &[Said; 2]) -> Option<String> {
    let images = match args.vendor {
        VendorName::Clearsale => ["image0", "image1"],
        VendorName::Cellere => ["image1", "image2"],
    };
    Some(match field {
        _ if field == images[0] => (t.errors.first_image)(first.of(t)),
        _ if field == images[1] => (t.errors.second_image)(second.of(t)),
        "min_match_level" => "--min-level".to_owned(),
        "identifier_id" => "--reference".to_owned(),
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
