//! What the person is told.

use kyc_verify::kyc_core::{CheckKind, Retake, RetakeCause, RetakeItem};
use kyc_verify::{CheckState, Language, MessageToPerson, Outcome, Reason, Rule, Waiting, check_name};

const ITEMS: [RetakeItem; 4] = [RetakeItem::Selfie, RetakeItem::Front, RetakeItem::Back, RetakeItem::Capture];
const CAUSES: [RetakeCause; 15] = [
    RetakeCause::NoFace,
    RetakeCause::ManyFaces,
    RetakeCause::NoDocument,
    RetakeCause::Unreadable,
    RetakeCause::NoLiveness,
    RetakeCause::FacesDiffer,
    RetakeCause::SmallFace,
    RetakeCause::Turned,
    RetakeCause::CutOff,
    RetakeCause::Blurred,
    RetakeCause::TooDark,
    RetakeCause::TooBright,
    RetakeCause::SamePicture,
    RetakeCause::Unviewable,
    RetakeCause::Other,
];
const LANGUAGES: [Language; 2] = [Language::Portuguese, Language::English];

fn every_message() -> Vec<MessageToPerson> {
    let pairs = ITEMS.iter().flat_map(|item| CAUSES.iter().map(|cause| Retake::new(*item, *cause)));
    let mut messages: Vec<_> = pairs.map(|retake| MessageToPerson::retake(&[retake])).collect();
    messages.push(MessageToPerson::retake(&[]));
    messages.extend([Waiting::Capture, Waiting::Answer, Waiting::Review].map(MessageToPerson::waiting));
    messages.extend(Outcome::ALL.iter().map(|outcome| MessageToPerson::outcome(*outcome)));
    messages
}

#[test]
fn no_message_speaks_of_fraud_registers_technology_or_vendors() {
    let unspoken = [
        "fraud",
        "suspe",
        "spoof",
        "fals",
        "golpe",
        "fake",
        "óbito",
        "death",
        "risco",
        "risk",
        "vida",
        "live",
        "biometr",
        "serpro",
        "receita",
        "cadastro",
        "register",
        "certiface",
        "bankly",
        "clearsale",
        "cellere",
        "score",
        "match",
        "diferente",
        "differ",
    ];
    for message in every_message() {
        for language in LANGUAGES {
            let text = message.in_language(language);
            let lower = text.to_lowercase();
            assert!(unspoken.iter().all(|word| !lower.contains(word)), "{text}");
            assert!(text.ends_with('.') && !text.contains("  "), "{text}");
        }
    }
}

#[test]
fn no_reason_reaches_the_person() {
    for message in every_message() {
        for language in LANGUAGES {
            let text = message.in_language(language).to_lowercase();
            assert!(
                Reason::ALL.iter().all(|reason| !text.contains(&reason.in_language(language).to_lowercase()))
            );
        }
    }
}

#[test]
fn what_is_asked_for_twice_is_said_once() {
    let dark = Retake::new(RetakeItem::Selfie, RetakeCause::NoFace);
    let unlike = Retake::new(RetakeItem::Selfie, RetakeCause::FacesDiffer);
    let back = Retake::new(RetakeItem::Back, RetakeCause::NoDocument);
    assert_eq!(
        MessageToPerson::retake(&[dark, unlike, back]).in_language(Language::English),
        "Please take another picture of your face, in good light and without sunglasses. \
         Please take another picture of the back of your document, with all of it in the picture."
    );
}

#[test]
fn a_refusal_tells_how_to_have_it_reviewed() {
    let message = MessageToPerson::outcome(Outcome::Refused);
    assert!(
        message.in_language(Language::Portuguese).contains("uma pessoa da nossa equipe reveja esta decisão")
    );
    assert!(message.in_language(Language::English).contains("a person of our team to review this decision"));
}

#[test]
fn every_text_is_there_and_differs_between_the_languages() {
    let texts = Reason::ALL
        .iter()
        .map(|reason| LANGUAGES.map(|language| reason.in_language(language)))
        .chain(Rule::ALL.iter().map(|rule| LANGUAGES.map(|language| rule.in_language(language))))
        .chain(CheckState::ALL.iter().map(|state| LANGUAGES.map(|language| state.in_language(language))))
        .chain(CheckKind::ALL.iter().map(|check| LANGUAGES.map(|language| check_name(*check, language))));
    for [portuguese, english] in texts {
        assert!(!portuguese.is_empty() && !english.is_empty() && portuguese != english, "{portuguese}");
    }
}

#[test]
fn names_of_reasons_and_rules_are_read_back() {
    for reason in Reason::ALL {
        assert_eq!(reason.as_str().parse(), Ok(*reason));
    }
    for rule in Rule::ALL {
        assert_eq!(rule.as_str().parse(), Ok(*rule));
    }
}
