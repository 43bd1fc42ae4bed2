//! What was handed in: hashes, where it is kept and until when; the notice; the records; the pictures.

use kyc_core::{Applicant, Media, MediaFormat};
use maud::{Markup, html};
use sha2::{Digest as _, Sha256};

use super::Page;
use super::parts::{Row, Tone, code, facts, nothing, section as framed, table};
use super::style::base64;
use crate::case::{Notice, Record};
use crate::vault::{BlobInfo, BlobKind};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Evidências", "Evidence");
    let body = html! {
        h3 { (words.of("O que a pessoa enviou", "What the person handed in")) }
        (stored(page))
        h3 { (words.of("Aviso de privacidade mostrado", "Privacy notice shown")) }
        (notice(page))
        h3 { (words.of("Registros", "Records")) }
        (records(page))
    };
    framed("evidence", title, &body)
}

fn stored(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("O que a pessoa enviou", "What the person handed in");
    if page.report.blobs.is_empty() {
        return nothing(words.of("Nada disso está guardado.", "Nothing of it is stored."));
    }
    let heads = [
        words.of("O quê", "What"),
        words.of("Guardado em", "Stored"),
        "Bytes",
        "SHA-256",
        words.of("Até", "Until"),
    ];
    let hashes = hashes(page);
    let rows: Vec<_> = page
        .report
        .blobs
        .iter()
        .zip(hashes)
        .map(|(blob, hash)| Row {
            tone: Tone::Plain,
            cells: vec![
                html! { (words.blob(blob.kind)) },
                words.time(blob.stored),
                html! { (blob.bytes) },
                hash,
                until(page, blob),
            ],
        })
        .collect();
    html! {
        p.hint {
            (words.of(
                "Tudo está no cofre do caso. O que a pessoa declarou não tem hash aqui: o hash de um CPF é o CPF.",
                "All of it is in the vault of the case. What the person said has no hash here: a hash of a CPF is the CPF.",
            ))
        }
        (table(title, &heads, &rows))
    }
}

/// Returns the hash of each blob. Only what was handed in last is at hand.
fn hashes(page: &Page<'_>) -> Vec<Markup> {
    let words = page.words;
    let blobs = &page.report.blobs;
    let mut frames = page.report.applicant.iter().flat_map(|applicant| &applicant.capture);
    let of_blob = |(at, blob): (usize, &BlobInfo)| {
        let media = match blob.kind {
            BlobKind::Applicant => return html! { "-" },
            BlobKind::Frame => frames.next(),
            kind => {
                let is_newest = blobs.iter().skip(at + 1).all(|later| later.kind != kind);
                page.report.applicant.as_ref().filter(|_| is_newest).and_then(|said| picture(said, kind))
            }
        };
        // The bytes are compared by their number, so that a hash never stands beside another picture.
        match media.filter(|media| media.len() as u64 == blob.bytes) {
            Some(media) => code(&hex(&Sha256::digest(media.bytes()))),
            None => html! { (words.of("substituído, não lido", "replaced, not read")) },
        }
    };
    blobs.iter().enumerate().map(of_blob).collect()
}

fn picture(applicant: &Applicant, kind: BlobKind) -> Option<&Media> {
    let document = applicant.document.as_ref();
    match kind {
        BlobKind::Selfie => applicant.selfie.as_ref(),
        BlobKind::Front => document.map(|document| &document.front),
        BlobKind::Back => document.and_then(|document| document.back.as_ref()),
        BlobKind::Applicant | BlobKind::Frame => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn until(page: &Page<'_>, blob: &BlobInfo) -> Markup {
    let words = page.words;
    let holds = page.report.timeline.iter().rev().find_map(|entry| match entry.record {
        Record::Held { is_held, .. } => Some(is_held),
        _ => None,
    });
    if holds == Some(true) {
        return html! { (words.of("retido: não se apaga", "held: not deleted")) };
    }
    match page.report.policy.retain_pictures.filter(|_| blob.kind != BlobKind::Applicant) {
        Some(kept) => words.time(blob.stored.saturating_add(kept)),
        None => html! { (words.of("sem prazo na política", "no limit in the policy")) },
    }
}

fn notice(page: &Page<'_>) -> Markup {
    let words = page.words;
    let notice = page.report.timeline.iter().find_map(|entry| match &entry.record {
        Record::Started { notice, .. } => notice.as_ref(),
        _ => None,
    });
    let Some(Notice { version, shown, legal_basis }) = notice else {
        return nothing(words.of("Nenhum aviso foi registrado.", "No notice is recorded."));
    };
    facts(&[
        (words.of("Versão", "Version"), html! { (words.free(version)) }),
        (words.of("Mostrado em", "Shown"), words.time(*shown)),
        (
            words.of("Base legal, segundo o usuário", "Legal basis, as the user states it"),
            html! { (words.free(legal_basis)) },
        ),
    ])
}

fn records(page: &Page<'_>) -> Markup {
    let words = page.words;
    let hash = match &page.options.chain_hash {
        Some(hash) => code(&hex(hash)),
        None => html! { (words.of("não conferido", "not checked")) },
    };
    facts(&[
        (words.of("Número", "Number"), html! { (page.report.timeline.len()) }),
        (words.of("Hash do mais novo", "Hash of the newest"), hash),
    ])
}

/// The pictures, if they are asked for.
pub(super) fn pictures(page: &Page<'_>) -> Markup {
    let words = page.words;
    let Some(applicant) = page.report.applicant.as_ref().filter(|_| page.options.has_pictures) else {
        return html! {};
    };
    let kinds = [BlobKind::Selfie, BlobKind::Front, BlobKind::Back];
    let mut all: Vec<_> =
        kinds.into_iter().filter_map(|kind| Some((kind, picture(applicant, kind)?))).collect();
    all.extend(applicant.capture.iter().map(|frame| (BlobKind::Frame, frame)));
    let body = html! {
        @if all.is_empty() { (nothing(words.of("Nenhuma imagem está guardada.", "No picture is stored."))) }
        @for (kind, media) in all { (figure(words.blob(kind), media, words)) }
    };
    framed("pictures", words.of("Imagens", "Pictures"), &body)
}

fn figure(name: &str, media: &Media, words: super::Words) -> Markup {
    let is_shown = matches!(
        media.format(),
        MediaFormat::Jpeg | MediaFormat::Png | MediaFormat::Gif | MediaFormat::Bmp | MediaFormat::Webp
    );
    html! {
        figure {
            figcaption { (name) ", " (media.format().name()) }
            @if is_shown {
                img alt=(name) src={ "data:" (media.format().mime()) ";base64," (base64(media.bytes())) };
            } @else {
                (nothing(words.of("Este formato não pode ser mostrado.", "This format cannot be shown.")))
            }
        }
    }
}
