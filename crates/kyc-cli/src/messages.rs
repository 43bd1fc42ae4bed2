//! The texts of the program: one file for each language.
//!
//! A plain table and no translation crate: a text that a language lacks, or one with other values, does not compile.

mod en;
mod pt;

use std::sync::OnceLock;

use clap::ValueEnum;
use kyc_core::ValidationError;

/// The language of the texts. `--json` does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// Português
    #[value(alias = "pt-BR")]
    Pt,
}

static LANG: OnceLock<Lang> = OnceLock::new();

/// Returns the texts in the language of this run.
pub(crate) fn text() -> &'static Messages {
    in_language(LANG.get().copied().unwrap_or(Lang::En))
}

pub(crate) fn in_language(lang: Lang) -> &'static Messages {
    match lang {
        Lang::En => &en::MESSAGES,
        Lang::Pt => &pt::MESSAGES,
    }
}

/// Sets the language of this run: that of `--lang`, else that of the environment, else English.
pub(crate) fn choose(named: Option<Lang>) {
    let variable = |name: &str| std::env::var(name).ok();
    let _ = LANG.set(named.unwrap_or_else(|| of_environment(variable)));
}

/// Returns the language of the first of the variables that is set, as POSIX orders them.
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default();
    if locale.to_ascii_lowercase().starts_with("pt") { Lang::Pt } else { Lang::En }
}

/// A text in the language of the user, and in English for `--json`.
#[derive(Debug)]
pub(crate) struct Said(Box<InLanguages>);

#[derive(Debug)]
struct InLanguages {
    english: String,
    shown: String,
}

impl Said {
    pub(crate) fn new(words: impl Fn(&Messages) -> String) -> Self {
        Self(Box::new(InLanguages { english: words(in_language(Lang::En)), shown: words(text()) }))
    }

    /// Returns the text in the language of these messages, to be part of another text.
    pub(crate) fn of(&self, messages: &Messages) -> &str {
        if messages.lang == Lang::En { &self.0.english } else { &self.0.shown }
    }

    pub(crate) fn english(&self) -> &str {
        &self.0.english
    }

    pub(crate) fn shown(&self) -> &str {
        &self.0.shown
    }
}

/// The libraries' texts are English in every language.
impl From<ValidationError> for Said {
    fn from(rule: ValidationError) -> Self {
        Self::new(|t| (t.errors.rule)(rule.rule()))
    }
}

/// Defines the groups of texts. A text with values is a function of them.
macro_rules! catalogue {
    ($($(#[$doc:meta])* $group:ident: $name:ident { $($key:ident $(($($value:ty),+))?),* $(,)? })*) => {
        /// All texts in one language.
        pub(crate) struct Messages {
            pub(crate) lang: Lang,
            $($(#[$doc])* pub(crate) $group: $name,)*
        }

        $($(#[$doc])* pub(crate) struct $name { $(pub(crate) $key: catalogue!(@type $($($value),+)?),)* })*
    };
    (@type) => { &'static str };
    (@type $($value:ty),+) => { fn($($value),+) -> String };
}

catalogue! {
    /// The meanings of the outcomes.
    outcomes: Outcomes {
        yes, no, wrong_usage, bad_input, configuration, credentials_refused, refused, unavailable, undecodable, unclear,
        retake, not_yet, may_have_been_paid, other, interrupted, terminated,
    }

    /// The headings of the help, and the errors of the command line itself.
    usage: Usage {
        usage, commands, steps, arguments, options, some_options, a_command, a_step, default(&str), values(&str), help, version, help_command,
        unknown_argument(&str), similar(&str), unknown_command(&str), invalid_value(&str, &str), missing_value(&str),
        invalid(&str, &str), conflict(&str, &str), missing(&str), missing_command(&str), rate, not_utf8, other(&str), more,
    }

    /// The help of the program and of the options that several commands have.
    help: Help {
        about, long_about, environment, exit_codes, background, bankly, bankly_long, certiface, certiface_long, document,
        facematch, sandbox, cellere, vendor, completions, shell, man, man_dir, lang, color, json, profile, config, use_sandbox, simulated_cpf,
        own_simulated_cpf, person, listen, listen_long, inbox, trigger, trigger_long,
    }

    /// The help of `kyc background`.
    background_help: BackgroundHelp { cpf, cnpj }

    /// The help of `kyc bankly`.
    bankly_help: BanklyHelp {
        upload, status, onboarding, cpf, kind, force, not_received, selfie, front, back, wait, interval, show_personal_data,
        show_tokens,
    }

    /// The help of `kyc certiface`.
    certiface_help: CertifaceHelp {
        appkey, challenge, captcha, session, liveness, document, result, journey, cpf, name, birth_date, reference,
        force, show_appkey, out, frames, user_agent, show_token, files, qr_code, wait, interval, appkey_stdin,
        show_personal_data, photos,
    }

    /// The help of `kyc document`.
    document_help: DocumentHelp { image, kind, other_type, deskewed }

    /// The help of `kyc facematch`.
    facematch_help: FacematchHelp {
        first, second, cpf, rate, reference, resume, timeout,
    }

    /// The help of `kyc cellere`.
    cellere_help: CellereHelp { background, document, meter, kind }

    /// The help of `kyc cellere meter`.
    meter_help: MeterHelp { image, link, service, reading, base64 }

    /// The help of `kyc sandbox`.
    sandbox_help: SandboxHelp { port, bind, allow_non_loopback, seed, certificates, env, quiet, json }

    /// The help of `kyc listen`.
    listen_help: ListenHelp {
        source, forward_to, allow_plain_http, public_url, address, trusted_proxy, sandbox_port, json,
    }

    /// The help of `kyc inbox`, and of the options that name an inbox.
    inbox_help: InboxHelp {
        ls, show, replay, dead, purge, forget, stats, key, store, plain_text, state, source, event_type, since, limit, id,
        ids, body, forward_to, older_than, cpf,
    }

    /// The help of `kyc trigger`.
    trigger_help: TriggerHelp { vendor, outcome, cpf, operation, reason, delay, sandbox_url, allow_other_hosts }

    /// The help of `kyc init`, `kyc config` and `kyc doctor`.
    config_help: ConfigHelp { about, show, init, doctor, file, vendor, force, checked }

    /// Results of `kyc init`.
    init: Init { head, required, done, written(&str), next, exists }

    /// Results of `kyc config`.
    config: ConfigWords { not_configured, missing }

    /// Results of `kyc doctor`.
    doctor: Doctor {
        ok, warning, failed, configuration, address, clock, certificate, login, not_checked, checking(&str), none(&str), any_vendor,
        encrypted, not_encrypted, check_network, accepted, skew(u64, bool), set_clock, certificate_end(&str), renew,
    }

    /// Errors.
    errors: Errors {
        error(&str), not_sent(&str), cause(&str), vendor_message(&str), vendor_field(&str, &str), detail(&str), rule(&str),
        not_found, permission_denied, already_exists, no_space, subject(&str, &str), cannot_read(&str), does_not_exist,
        is_directory, is_not_folder, is_not_file, writable_by_others, is_too_large, folder_missing(&str, &str), cannot_write(&str, &str),
        too_many_kib(u64), not_utf8, stdin, stdin_once, stdin_unreadable(&str), unwritten(&str), signals(&str),
        image(&str), first_image(&str), second_image(&str), document(&str), frame(&str), frames(&str), missing(&str),
        misspelt(&str, &str), token_cache(&str, &str), interrupted, interrupted_call, sandbox_start(&str), person_format,
    }

    /// Errors of the configuration.
    setup: Setup {
        no_credentials(&str, &str), no_credentials_for_steps(&str, &str, &str), no_credentials_to_resume(&str),
        sandbox_for_steps, not_a_test_cpf(&str), no_vendor, set_certificate(&str, &str, &str), authority_alone(&str),
        certificate_file(&str, &str, &str, &str), path(&str, &str),
    }

    /// What to do after a failure.
    next: Next {
        paid, credits, over, webhook(&str), transaction(&str), resume, journey, images,
    }

    /// Where a call went.
    place: PlaceWords {
        simulated, simulated_sandbox, simulated_samples(&str), sandbox, sandbox_at(&str), at(&str), production, homologation,
        samples_are_free(&str), sample(&str), sample_photograph(&str),
    }

    /// The names of rows, and words that several results have.
    rows: RowWords {
        simulated, vendor, images, image, time, transaction, reference, reason, status, deceased, origin, name, document,
        tags, deskewed, query, meter, number, model, power_code, pointers, next, stored_in, liveness, genuine, face_match,
        risk, photos, additional, advice, vendor_says, token, similarity, lost, face(usize), protocol, url, key,
        challenge, captcha, yes, no, unclear, seconds(f64), percent(&str), confidence(&str, &str), kept(&str),
        no_kind, hidden_fields(&str, &str), and,
    }

    /// The names of the fields of a document, by their names in `--json`.
    fields: Fields {
        name, cpf, birth_date, birthplace, father, mother, number, issue_date, expiry, issuer, issued_in, state, licence,
        classes, licensed, signed, black_and_white, never, unknown_kind,
    }

    /// Results of `kyc background`.
    background: Background {
        simulated, looking_up_cpf, looking_up_cnpj, deceased, unclear, no_status, regular, pending, suspended, cancelled,
        void, active, closed, unfit, holder_deceased, death_recorded, in_order, death_not_stated, tax_missing,
        data_incorrect, cpf_cancelled, registration_void, unknown_status, cpf_not_stated, in_operation, company_closed,
        company_unfit, registration_suspended, cnpj_not_stated,
    }

    /// Results of `kyc document`.
    document: DocumentWords {
        simulated, sending, waiting, read, nothing_read, fields(usize, &str), quality(&str), page(&str), no_file,
        personal_files(&str),
    }

    /// Results of `kyc meter`.
    meter: Meter {
        simulated, sending, link, nothing_read, unclear, read, agrees, disagrees, inconsistent, consistent, no_reading, equal(&str),
        different(&str), not_stated(&str), energy, water, gas, cyclometric, digital, analog,
    }

    /// Results of `kyc facematch`.
    facematch: Facematch {
        simulated_by_image, submitting(&str), waiting(&str, u64), interrupted_sending, interrupted_waiting, matched,
        no_match, unclear, similarity(&str), computed(&str), saw(&str), no_score, level(u8), rate(u32), required(&str), higher_required, unsupported(&str, &str),
    }

    /// Results of `kyc certiface`.
    certiface: Certiface {
        key, challenge, whole, spent, no_challenge, no_session, requesting_key, next_key, created, created_until(&str),
        requesting_challenge, some_frames, frames(i64), pace(i64), make_faces(usize, &str), instruction(&str, &str),
        submit_frames(&str), submitting_frames, no_frames, files_and_folders, not_numbered, too_large(u64), uneven(usize, usize),
        too_many(usize), is_not_journey, no_journey, has_journey, requesting_session, session_iproov, session_facetec,
        session_none, session, provider(&str), unknown, querying_verdict, approved, not_approved, blocked, no_verdict,
        next_document, next_attempt, next_key_attempt, next_none, code(&str), no_code, submitting_document, accepted,
        being_read, unclear_document, retake, take_again, querying, waiting, no_result, no_result_why,
        see_more, photos_written(&str), not_empty, unusable(&str), one_appkey, passed, not_passed, unfinished, unclear,
        no_status, liveness_passed, liveness_not_passed, with_code(&str, &str), no_information(&str), risk_of(&str, &str),
        same_person, different_person, score(f64), risk_very_low, risk_low, risk_medium, risk_high, risk_very_high,
        whole_key, whole_challenge(usize, i64), whole_approved(&str), whole_not_approved(&str), whole_document,
        whole_retake(&str), no_reason, running,
    }

    /// Results of `kyc bankly`.
    bankly: Bankly {
        whole(&str), mutual_tls, selfie, front, back, submitting, accepted, in_progress(&str), waiting, querying, valid,
        not_valid(&str), analysed(&str), being_analysed, not_known, no_live_person, no_face, many_faces, unmatched,
        no_document, unreadable, analysis_failed, no_reason, complete, may_open, may_open_by_tokens, headline_valid, so_far(&str),
        headline_invalid, headline_unclear, contradictory(&str), headline_pending, headline_unknown, not_yet_known(&str),
        headline_doubt, lost(&str), headline_none, none, arrived, not_arrived, next_later, next_tokens, submitted_times(&str, usize),
        none_submitted, whole_lost(&str), other_person, no_onboarding, is_not_onboarding, running,
    }

    /// The introduction of `kyc sandbox`.
    sandbox: SandboxWords { console, inputs(&str), variables(&str), no_port, port_in_use(&str, u16), closed }

    /// The lines of `kyc listen`.
    listen: Listen {
        simulated(&str), register, registered, clients(&str), no_public_url, not_encrypted, encrypted(&str), plain_text(&str), temporary(&str),
        forwarding(&str), no_forwarding, times, stopped(u64), left_out(u64), no_sources(&str), cannot_listen(&str, &str),
        not_forwarding(&str), stored, duplicate, other_body, unexpected, empty, refused(&str, u16), forwarded(u16),
        retry(&str, u64), dead(&str), answered(u16), purged,
    }

    /// Why a request was refused.
    refusals: Refusals {
        route, method, header, no_url, no_peer, timestamp, signature, secret, peer, too_large, slow, incomplete, busy, store,
        other,
    }

    /// How a webhook is registered with its vendor.
    registration: Registration { bankly, certiface_completion, certiface_status, clearsale }

    /// Results of `kyc inbox`.
    inbox: InboxWords {
        no_key, no_file(&str), unknown(&str), keep_key, none, more(u32), attempts(u32, &str), attempts_of(u32, u32), no_reason,
        bytes(usize, bool), purged, replayed, due_again(u64), delivered, not_delivered, delivered_of(usize, usize), deleted,
        deleted_content(u64), kept_for_cases(u64), kept_open(u64), kept_for_case(&str, &str), oldest(u64), state_new,
        state_retrying, state_done, state_dead, state_unexpected, row_event, row_source, row_type, row_trust, row_received,
        row_state, row_attempts, row_due, row_body, row_query, row_kept, row_oldest,
    }

    /// Failures of the inbox. The details are the library's own.
    inbox_errors: InboxErrors {
        full, busy, overloaded, already_dispatched, read_only(&str), wrong_key(&str), newer, not_durable(&str), damaged(&str),
        failed(&str),
    }

    /// The help of `kyc preflight`.
    preflight_help: PreflightHelp { about, long_about, files, item, kind, vendor }

    /// Results of `kyc preflight`.
    preflight: Preflight {
        note, row_note, good, retake, refused, unseen, file(&str, &str), selfie, front, back, capture, row_picture,
        pixels(u32, u32), size(usize), row_faces, faces(usize, i64, i64), no_face, not_searched, row_measures,
        measures(&str, u8), row_unseen, no_picture, other_format(&str), animated,
        too_large(u32, u32), truncated, damaged(&str), row_refused, refusal(&str, &str, &str), row_advice, row_say,
        many_faces, small_face, turned, cut_off, blurred, too_dark, too_bright, same_picture, unviewable, too_many(usize),
    }

    /// The help of `kyc verify`.
    verify_help: VerifyHelp {
        about, long_about, store, plain_text, cpf, name, birth_date, selfie, front, back, kind, capture, reference, policy,
        vendor, resume, new_capture, batch, timeout, force, repeat_uncertain, ls, show, review, decide, hold, forget, check,
        key, policy_about, policy_show, policy_check, policy_sample, policy_file, id, checked, open_only, cpf_of, limit, who,
        why, verdict, approve, refuse, release, report, pictures, replace, show_kit, state, reveal,
        export, retain, watch, policy_test, tested, preflight, ignore_advice,
    }

    /// Results of `kyc verify`.
    verify: VerifyWords {
        simulated, no_key, no_file(&str), encrypted(&str), plain_text(&str), keep_key, mixed, no_vendor(&str), sample_note,
        too_many_frames(usize), only_pictures_again, empty, running, asking(&str, &str), interrupted(&str, &str),
        interrupted_sample(&str), row_case, row_policy, row_disagree, row_paid, row_not_covered, row_watch, row_person, row_kit,
        row_next, row_rule, row_kept, row_elsewhere, row_hash, row_vendors, head_check, head_result, case(&str, &str),
        policy(&str, &str), registration, document, face_document, face_register, liveness, risk, cpf, birth_date, name, optional, disputed,
        agree(&str), rate(&str, &str), by_capture, by_still, in_simulation, disagree(&str, &str, &str), nothing,
        paid(u32, u32, &str, u32), not_covered, left_out(&str), nothing_independent, watch(&str, &str), approved, refused,
        review, waits, alert, forgotten, by_person, waits_for_person, waits_for_vendor, is_running, alert_why, forgotten_why,
        next_resume(&str), next_review(&str), none, more(u32),
        state_held, state_requested, review_requested, decide_by, held, held_what, released, released_what, deleted, deleted_what(u64, u64), kept_what(u64),
        elsewhere, sound, sound_what(u64), tampered, tampered_at(&str, u64), would, would_what(usize, usize), would_be(&str, &str),
        untested(usize), retained, retained_what(u64), kept_pictures(u64, &str), valid, all_vendors(&str), written(&str), exists, kit(&str, &str), kit_until(&str, &str, &str),
    }

    /// Failures of `kyc verify`. The details are the library's own.
    verify_errors: VerifyErrors {
        different_body(&str), missing(&str), refused_picture(&str, &str), person_has_case(&str), incomplete(&str), other_environment(&str), unread_policy(&str),
        closed(&str), silent(&str), out_of_attempts, unrecorded(&str, &str), unknown(&str), conflict, leased(&str), forgotten, is_held, person_busy,
        tampered(&str, u64), full, busy, overloaded, read_only(&str), wrong_key(&str), newer, not_durable(&str),
        damaged(&str), failed(&str),
    }

    /// The help of `kyc verify --batch`.
    batch_help: BatchHelp { output, concurrency }

    /// Results of `kyc verify --batch`.
    batch: BatchWords {
        reading, empty, no_column(&str), column_twice(&str), unread(&str), line(u64, &str), line_too_long, too_many_cells,
        open_quote, not_text, too_long, is_required, required_with_front, required_with_back, no_cpf, check_digits, no_date,
        no_kind, outside, runs_elsewhere, not_results, other_store, so_far(&str, &str), at_rate(&str, &str, &str),
        summary(&str, &str, &str, &str, &str), known(&str), bad_lines(&str), lost_zeros(&str), uncertain(&str), interrupted,
        vendor_fails(u32, &str),
    }

    /// Results of `kyc trigger`.
    trigger: TriggerWords {
        usage, triggering, triggered, simulated, webhooks(usize), no_webhook, row_webhooks, delivered, pending, given_up,
        not_local, unreachable(&str, &str), refused(&str), no_sandbox(&str),
    }
}

/// Returns the help of an option that the sandbox's library defines.
pub(crate) fn of_library_option(id: &str) -> Option<&'static str> {
    let t = &text().sandbox_help;
    Some(match id {
        "port" => t.port,
        "bind" => t.bind,
        "allow_non_loopback" => t.allow_non_loopback,
        "seed" => t.seed,
        "bankly-tls" | "bankly_tls" => t.certificates,
        _ => return None,
    })
}

/// An error of a library in other words than its own; `None` if its own are in the language.
pub(crate) fn library_error(error: &kyc_core::Error) -> Option<String> {
    match text().lang {
        Lang::En => None,
        Lang::Pt => Some(pt::library_error(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_language() {
        let lang = |set: &[(&str, &str)]| {
            of_environment(|name| {
                set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(lang(&[]), Lang::En);
        assert_eq!(lang(&[("LANG", "pt_BR.UTF-8")]), Lang::Pt);
        assert_eq!(lang(&[("LANG", "pt_BR.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")]), Lang::En);
        assert_eq!(lang(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "pt_PT")]), Lang::Pt);
        assert_eq!(lang(&[("LC_ALL", ""), ("LANG", "pt")]), Lang::Pt);
        assert_eq!(lang(&[("LANG", "de_DE")]), Lang::En);
    }
}
