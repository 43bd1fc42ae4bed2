//! What happened, one record after another.

use std::collections::BTreeMap;

use kyc_core::RetakeCause;
use maud::{Markup, html};

use super::Page;
use super::parts::{Row, Tone, section as framed, table};
use super::words::Words;
use crate::case::{Asked, Entry, Record};
use crate::model::Outcome;

/// The step of an intent, and which attempt at it that was.
struct Sent<'a> {
    vendor: &'a str,
    step: &'a str,
    attempt: usize,
}

pub(super) fn section(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Linha do tempo", "Timeline");
    let sent = sent(&page.report.timeline);
    let heads = [words.of("Quando", "When"), words.of("Quem", "Who"), words.of("O quê", "What")];
    let rows: Vec<_> = page.report.timeline.iter().map(|entry| row(words, &sent, entry)).collect();
    let hint = words.of(
        "A intenção de cada consulta é gravada antes de ela ser enviada; nada é apagado desta lista.",
        "The intent of each call is written before it is sent; nothing is removed from this list.",
    );
    framed("timeline", title, &html! { p.hint { (hint) } (table(title, &heads, &rows)) })
}

fn sent(timeline: &[Entry]) -> BTreeMap<u64, Sent<'_>> {
    let mut attempts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut sent = BTreeMap::new();
    for entry in timeline {
        if let Record::Intended { vendor, step, .. } = &entry.record {
            let attempt = attempts.entry((vendor, step)).or_default();
            *attempt += 1;
            sent.insert(entry.seq, Sent { vendor, step, attempt: *attempt });
        }
    }
    sent
}

fn row(words: Words, sent: &BTreeMap<u64, Sent<'_>>, entry: &Entry) -> Row {
    let (tone, who, what) = told(words, sent, entry);
    Row { tone, cells: vec![html! { "#" (entry.seq) " " (words.time(entry.at)) }, html! { (who) }, what] }
}

type Told = (Tone, String, Markup);

fn told(words: Words, sent: &BTreeMap<u64, Sent<'_>>, entry: &Entry) -> Told {
    let program = || words.of("programa", "program").to_owned();
    let person = || words.of("pessoa", "person").to_owned();
    let team = || words.of("equipe", "team").to_owned();
    let policy = || words.of("política", "policy").to_owned();
    match &entry.record {
        Record::Started { policy_version, notice, .. } => (
            Tone::Plain,
            program(),
            html! {
                (words.of("o caso começou, política ", "the case began, policy ")) (policy_version)
                @if notice.is_some() { (words.of(", com aviso de privacidade", ", with a privacy notice")) }
            },
        ),
        Record::Intended { vendor, step, is_paid, repeats, .. } => {
            let attempt = sent.get(&entry.seq).map_or(1, |sent| sent.attempt);
            (Tone::Plain, program(), intended(words, vendor, step, *is_paid, attempt, *repeats))
        }
        Record::Answered { of, .. } => at_vendor(sent, *of, Tone::Good, words.of("respondeu", "answered")),
        Record::Pending { of, .. } => {
            at_vendor(sent, *of, Tone::Waiting, words.of("decide depois", "decides later"))
        }
        Record::Failed { of, failure } => {
            let what =
                words.of("não enviado ou rejeitado: nada foi pago", "not sent or refused: nothing was paid");
            // The message is the client's, which is English.
            let why =
                if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) };
            at_vendor(sent, *of, Tone::Waiting, &format!("{what} ({}{why})", words.failure(failure)))
        }
        Record::Uncertain { of, failure } => {
            let what = words.of(
                "pode ter sido pago, e nada diz o que houve",
                "may have been paid, and nothing tells what became of it",
            );
            at_vendor(sent, *of, Tone::Failed, &format!("{what} ({})", words.failure(failure)))
        }
        Record::LookedUp { of, found } => {
            let what = words.of("busca", "look-up");
            at_vendor(sent, *of, Tone::Plain, &format!("{what}: {}", words.found(*found)))
        }
        Record::Event { of, event_type, .. } => {
            let what = words.of("webhook recebido", "webhook received");
            at_vendor(sent, *of, Tone::Plain, &format!("{what}: {event_type}"))
        }
        Record::Superseded { item, of } => {
            let of: Vec<_> = of.iter().map(|of| format!("#{of}")).collect();
            let what = html! {
                (words.of("enviou de novo: ", "handed in anew: ")) (words.item(item))
                @if !of.is_empty() { (words.of("; não contam mais: ", "; no longer counts: ")) (of.join(", ")) }
            };
            (Tone::Plain, person(), what)
        }
        Record::Advised { retakes } if retakes.is_empty() => {
            let what = words.of("segue com as fotos como estão", "goes on with the pictures as they are");
            (Tone::Plain, program(), html! { (what) })
        }
        Record::Advised { retakes } => {
            let asked = |asked: &Asked| {
                let cause = asked.cause.parse().unwrap_or(RetakeCause::Other);
                format!("{} ({})", words.item(&asked.item), words.cause(cause))
            };
            let asked: Vec<_> = retakes.iter().map(asked).collect();
            let what = words
                .of("antes de enviar algo, pediu de novo: ", "before anything was sent, asked again for: ");
            (Tone::Waiting, program(), html! { (what) (asked.join(", ")) })
        }
        Record::CaptureOpened { vendor, expires, .. } => {
            let what = html! {
                (words.of("chave de captura entregue para ", "key of a capture handed out for ")) (vendor)
                @if let Some(expires) = expires { (words.of(", válida até ", ", valid until ")) (words.time(*expires)) }
            };
            (Tone::Plain, program(), what)
        }
        Record::Captured { vendor, .. } => {
            let what = html! { (words.of("captura terminada em ", "capture ended at ")) (vendor) };
            (Tone::Plain, program(), what)
        }
        Record::Decided { outcome, rule, .. } => {
            let (tone, outcome) = outcome_of(words, outcome);
            (tone, policy(), html! { strong { (outcome) } ", " code { (rule) } })
        }
        Record::Reviewed { outcome, .. } => {
            let (tone, outcome) = outcome_of(words, outcome);
            (tone, team(), html! { (words.of("decidiu: ", "decided: ")) strong { (outcome) } })
        }
        Record::ReviewRequested { .. } => {
            let what = words.of("pediu a revisão por uma pessoa", "asked for a review by a person");
            (Tone::Waiting, person(), html! { (what) })
        }
        Record::Alert { checks, .. } => {
            let checks: Vec<_> = checks.iter().map(|check| words.check(check)).collect();
            let what = words.of("alerta depois da decisão: ", "alert after the decision: ");
            (Tone::Failed, policy(), html! { (what) (checks.join(", ")) })
        }
        Record::Held { is_held, .. } => {
            let what = match is_held {
                true => words.of("proibiu apagar", "forbade to delete"),
                false => words.of("liberou para apagar", "released for deletion"),
            };
            (Tone::Plain, team(), html! { (what) })
        }
        Record::Forgotten => (
            Tone::Plain,
            program(),
            html! { (words.of("o que é pessoal foi apagado", "what is personal was deleted")) },
        ),
    }
}

fn intended(
    words: Words,
    vendor: &str,
    step: &str,
    is_paid: bool,
    attempt: usize,
    repeats: Option<u64>,
) -> Markup {
    let cost = if is_paid { words.of("paga", "paid") } else { words.of("gratuita", "free") };
    html! {
        (words.of("intenção: ", "intent: ")) (vendor) " " code { (step) } ", " (cost)
        @if attempt > 1 { (words.of(", tentativa ", ", attempt ")) (attempt) }
        @if let Some(seq) = repeats { (words.of(", repete a incerta #", ", repeats the uncertain #")) (seq) }
    }
}

fn at_vendor(sent: &BTreeMap<u64, Sent<'_>>, of: u64, tone: Tone, what: &str) -> Told {
    let sent = sent.get(&of);
    let who = sent.map_or_else(|| format!("#{of}"), |sent| sent.vendor.to_owned());
    let what = html! {
        @if let Some(sent) = sent { code { (sent.step) } " (#" (of) "): " }
        (what)
    };
    (tone, who, what)
}

pub(super) fn outcome_of(words: Words, name: &str) -> (Tone, &str) {
    name.parse().map_or((Tone::Waiting, name), |outcome: Outcome| {
        (Tone::of_outcome(outcome), outcome.in_language(words.0))
    })
}
