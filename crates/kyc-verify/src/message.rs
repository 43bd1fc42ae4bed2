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
        let mut texts: Vec<(String, String)> = Vec::new();
        for text in retakes.iter().map(|retake| retake_text(*retake)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        if texts.is_empty() {
            texts.push(said(AGAIN));
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
fn retake_text(retake: Retake) -> (String, String) {
    let (portuguese, english) = match retake.item {
        RetakeItem::Selfie => ("do seu rosto", "your face"),
        RetakeItem::Front => ("da frente do documento", "the front of your document"),
        RetakeItem::Back => ("do verso do documento", "the back of your document"),
        RetakeItem::Capture => {
            return said((
                "Abra a câmera de novo, em um lugar bem iluminado, sem óculos escuros, e siga as instruções na tela.",
                "Please open the camera again, in a well-lit place and without sunglasses, and follow the instructions.",
            ));
        }
        _ => return said(AGAIN),
    };
    let is_selfie = retake.item == RetakeItem::Selfie;
    let (como, how) = of_any_picture(retake.cause)
        .unwrap_or_else(|| if is_selfie { of_selfie(retake.cause) } else { of_document(retake) });
    (
        format!("Tire outra foto {portuguese}{como}."),
        format!("Please take another picture of {english}{how}."),
    )
}

fn said((portuguese, english): (&str, &str)) -> (String, String) {
    (portuguese.to_owned(), english.to_owned())
}

/// Returns how to do better with any picture, if it is the same with all.
fn of_any_picture(cause: RetakeCause) -> Option<(&'static str, &'static str)> {
    Some(match cause {
        RetakeCause::Blurred => {
            (", com a lente limpa e o celular parado", ", with a clean lens and holding the phone still")
        }
        RetakeCause::TooDark => (", em um lugar mais claro", ", in a brighter place"),
        RetakeCause::TooBright => {
            (", longe do sol e de luzes fortes", ", out of the sun and away from strong lights")
        }
        RetakeCause::SamePicture => {
            (": recebemos a mesma foto duas vezes", ": we received the same picture twice")
        }
        RetakeCause::Unviewable => {
            (": não conseguimos abrir a que recebemos", ": we could not open the one that we received")
        }
        _ => return None,
    })
}

fn of_selfie(cause: RetakeCause) -> (&'static str, &'static str) {
    match cause {
        RetakeCause::ManyFaces => (", sem outras pessoas por perto", ", with nobody else in it"),
        RetakeCause::SmallFace => (", um pouco mais de perto", ", from a little closer"),
        RetakeCause::Turned => (
            ", com a cabeça reta e de frente para a câmera",
            ", with your head upright and facing the camera",
        ),
        RetakeCause::CutOff => (", com ele inteiro na imagem", ", with all of it in the picture"),
        _ => (", com boa luz e sem óculos escuros", ", in good light and without sunglasses"),
    }
}

fn of_document(retake: Retake) -> (&'static str, &'static str) {
    match (retake.item, retake.cause) {
        (_, RetakeCause::NoDocument | RetakeCause::CutOff) => {
            (", com ele inteiro na imagem", ", with all of it in the picture")
        }
        (_, RetakeCause::Turned) => (", com ele reto na imagem", ", with it upright in the picture"),
        (_, RetakeCause::SmallFace) => (", um pouco mais de perto", ", from a little closer"),
        (RetakeItem::Front, RetakeCause::NoFace) => (
            ", do lado que tem a sua foto, com boa luz e sem reflexos",
            ", the side with your photograph, in good light and without glare",
        ),
        _ => (
            ", fora do plástico, com boa luz e sem reflexos",
            ", out of its cover, in good light and without glare",
        ),
    }
}
