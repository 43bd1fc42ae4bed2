//! What the person is told.

use std::fmt;

use kyc_core::{Retake, RetakeCause, RetakeItem};

use crate::model::Outcome;
use crate::words::{Language, Sentence};

/// What the case waits for, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// The person has to do the capture.
    Capture,
    /// A vendor has not answered yet.
    Answer,
    /// A person looks at the case.
    Review,
}

/// What the person is told, in Portuguese and English: plain, kind, and what to do next.
///
/// It is made only of what the person has to do, what is waited for, and the outcome. It never holds a
/// [`Reason`](crate::Reason), a vendor's name or a value, and it never speaks of fraud.
///
/// ```
/// use kyc_verify::kyc_core::{Retake, RetakeCause, RetakeItem};
/// use kyc_verify::{Language, MessageToPerson};
/// let message = MessageToPerson::retake(&[Retake::new(RetakeItem::Selfie, RetakeCause::NoFace)]);
/// assert_eq!(
///     message.in_language(Language::Portuguese),
///     "Tire outra foto do seu rosto, com boa luz e sem óculos escuros."
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MessageToPerson(Sentence);

impl MessageToPerson {
    /// Creates a message that asks for pictures again. What is asked for twice is said once.
    #[must_use]
    pub fn retake(retakes: &[Retake]) -> Self {
        let mut texts: Vec<(&str, &str)> = Vec::new();
        for text in retakes.iter().map(|retake| retake_text(*retake)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        if texts.is_empty() {
            texts.push(AGAIN);
        }
        let (portuguese, english): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
        Self(Sentence::new(portuguese.join(" "), english.join(" ")))
    }

    /// Creates a message that tells what is waited for.
    #[must_use]
    pub fn waiting(waiting: Waiting) -> Self {
        let (portuguese, english) = match waiting {
            Waiting::Capture => (
                "Falta um passo: abra a câmera quando pedirmos, em um lugar bem iluminado, e siga as instruções na tela.",
                "One step is left: open the camera when we ask you to, in a well-lit place, and follow the instructions.",
            ),
            Waiting::Answer => (
                "Recebemos tudo e estamos conferindo. Você não precisa fazer nada agora; avisaremos quando terminar.",
                "We have everything and are checking it. You need not do anything now; we will tell you when it is done.",
            ),
            Waiting::Review => (
                "Uma pessoa da nossa equipe vai conferir seus dados. Você não precisa fazer nada agora; avisaremos \
                 quando terminar.",
                "A person of our team will check your data. You need not do anything now; we will tell you when it is done.",
            ),
        };
        Self(Sentence::new(portuguese, english))
    }

    /// Creates a message that tells the outcome.
    #[must_use]
    pub fn outcome(outcome: Outcome) -> Self {
        let (portuguese, english) = match outcome {
            Outcome::Approved => (
                "Tudo certo: seus dados foram confirmados. Você já pode continuar.",
                "All is well: your data are confirmed. You can go on now.",
            ),
            Outcome::Refused => (
                "Não pudemos confirmar seus dados. Você pode pedir que uma pessoa da nossa equipe reveja esta decisão; \
                 para isso, fale com o nosso atendimento.",
                "We could not confirm your data. You can ask for a person of our team to review this decision; \
                 please contact our support.",
            ),
            Outcome::Review => return Self::waiting(Waiting::Review),
        };
        Self(Sentence::new(portuguese, english))
    }

    /// Returns the text in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        self.0.in_language(language)
    }
}

impl fmt::Debug for MessageToPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MessageToPerson").field(&self.in_language(Language::English)).finish()
    }
}

const AGAIN: (&str, &str) = (
    "Envie as fotos de novo, com boa luz e sem nada na frente.",
    "Please send the pictures again, in good light and with nothing in the way.",
);

/// Returns what to do. Causes that would hint at a suspicion are told as any other.
fn retake_text(retake: Retake) -> (&'static str, &'static str) {
    match (retake.item, retake.cause) {
        (RetakeItem::Selfie, RetakeCause::ManyFaces) => (
            "Tire outra foto do seu rosto, sem outras pessoas por perto.",
            "Please take another picture of your face, with nobody else in it.",
        ),
        (RetakeItem::Selfie, _) => (
            "Tire outra foto do seu rosto, com boa luz e sem óculos escuros.",
            "Please take another picture of your face, in good light and without sunglasses.",
        ),
        (RetakeItem::Front, RetakeCause::NoDocument) => (
            "Tire outra foto da frente do documento, com ele inteiro na imagem.",
            "Please take another picture of the front of your document, with all of it in the picture.",
        ),
        (RetakeItem::Front, _) => (
            "Tire outra foto da frente do documento, fora do plástico, com boa luz e sem reflexos.",
            "Please take another picture of the front of your document, out of its cover, in good light and without glare.",
        ),
        (RetakeItem::Back, RetakeCause::NoDocument) => (
            "Tire outra foto do verso do documento, com ele inteiro na imagem.",
            "Please take another picture of the back of your document, with all of it in the picture.",
        ),
        (RetakeItem::Back, _) => (
            "Tire outra foto do verso do documento, fora do plástico, com boa luz e sem reflexos.",
            "Please take another picture of the back of your document, out of its cover, in good light and without glare.",
        ),
        (RetakeItem::Capture, _) => (
            "Abra a câmera de novo, em um lugar bem iluminado, sem óculos escuros, e siga as instruções na tela.",
            "Please open the camera again, in a well-lit place and without sunglasses, and follow the instructions.",
        ),
        _ => AGAIN,
    }
}
