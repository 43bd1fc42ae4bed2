//! The texts about webhooks in English.

use crate::messages::{
    InboxErrors, InboxHelp, InboxWords, Listen, ListenHelp, Refusals, Registration, TriggerHelp, TriggerWords,
};

pub(super) const LISTEN_HELP: ListenHelp = ListenHelp {
    source: "Receive only this webhook, such as certiface-completion; may be repeated; by default all that are configured",
    forward_to: "Post each event to this URL, with the query that the vendor sent; https, or http on this machine",
    allow_plain_http: "Allow --forward-to with http to another machine: anyone on the way can read the events",
    public_url: "The URL at which the vendors reach this program, as it is registered with them, without /webhooks/…",
    address: "The address and the port to listen on; 127.0.0.1:8760 by default, port 0 selects a free one",
    trusted_proxy: "Believe X-Forwarded-For of this address or network; may be repeated",
    sandbox_port: "The port of the embedded sandbox",
    json: "Print one JSON object a line",
};

pub(super) const INBOX_HELP: InboxHelp = InboxHelp {
    ls: "Lists events, the newest first",
    show: "Shows one event",
    replay: "Makes events due again, even if they were handled; with --forward-to delivers them here and now",
    dead: "Lists the events that were given up, with reasons",
    purge: "Deletes what was received for old events that are handled, dead or unexpected",
    forget: "Deletes what was received about one person",
    stats: "Counts the events by state",
    key: "Prints a new key for an inbox",
    store: "The inbox's file; kyc-inbox.sqlite by default",
    plain_text: "Keep the inbox in plain text, not encrypted",
    state: "Only events in this state; may be repeated",
    source: "Only events of this webhook",
    event_type: "Only events of this type",
    since: "Only events received since then: 12h, 90d, 2026-01-31 or 2026-01-31T08:00:00Z",
    limit: "List at most this many",
    id: "The id of the event, as `kyc inbox ls` prints it",
    ids: "The ids of the events, as `kyc inbox ls` prints them",
    body: "Print what was received, too: it contains personal data",
    forward_to: "Post the events once to this URL, here and now; the inbox stays as it is",
    older_than: "Events received longer ago than this: 90d, 12h, 2w",
    cpf: "The person's CPF, or - to read it from standard input",
};

pub(super) const TRIGGER_HELP: TriggerHelp = TriggerHelp {
    vendor: "The vendor",
    outcome: "The outcome",
    cpf: "The person's CPF, or - to read it from standard input: the outcome is also that of the person's requests from now \
          on; without it, the person of a test CPF",
    operation: "The operation, if the outcome is that of several",
    reason: "What the vendor gives as the reason, for outcomes that have one",
    delay: "How long the vendor takes, on the sandbox's clock",
    sandbox_url: "The address of the sandbox",
    allow_other_hosts: "Allow a sandbox on another machine",
};

pub(super) const LISTEN: Listen = Listen {
    simulated: |sandbox| format!("every event comes from the embedded sandbox at {sandbox}"),
    register: "Register these URLs:",
    registered: "Registered with the sandbox:",
    clients: |sandbox| format!("What clients of the sandbox need: {sandbox}/_sandbox/"),
    no_public_url: "No public URL is set: a vendor that signs the URL is accepted only if it calls exactly these; set \
                    --public-url.",
    not_encrypted: "Other machines can reach this address, and http is not encrypted: let only your proxy reach it.",
    encrypted: |path| format!("Events are stored in {path}, encrypted."),
    plain_text: |path| format!("Events are stored in {path}, in plain text."),
    temporary: |path| {
        format!(
            "Events are stored until this program ends; to see them: `kyc inbox ls --plain-text --store {path}`"
        )
    },
    forwarding: |url| format!("Events are forwarded to {url} until it answers 2xx."),
    no_forwarding: "Events are not forwarded: they stay new in the inbox, for another program or for --forward-to.",
    times: "Times are in UTC. Stop with Ctrl-C.",
    stopped: |open| match open {
        0 => "Stopped.".to_owned(),
        1 => "Stopped. 1 event is not handled yet and waits in the inbox.".to_owned(),
        open => format!("Stopped. {open} events are not handled yet and wait in the inbox."),
    },
    left_out: |lines| match lines {
        1 => "           1 more line is left out".to_owned(),
        lines => format!("           {lines} more lines are left out"),
    },
    no_sources: |variables| {
        format!(
            "no webhook is configured: set at least one of {variables}, or the same keys in kyc.toml; or add --sandbox"
        )
    },
    cannot_listen: |address, why| format!("cannot listen on {address}: {why}"),
    not_forwarding: |why| format!("events are not forwarded for now: {why}"),
    stored: "stored",
    duplicate: "duplicate",
    other_body: "duplicate with another body",
    unexpected: "unexpected",
    empty: "no event",
    refused: |why, status| format!("refused: {why} ({status})"),
    forwarded: |status| format!("forwarded {status}"),
    retry: |why, seconds| format!("{why}, retry in {seconds} s"),
    dead: |why| format!("dead: {why}"),
    answered: |status| status.to_string(),
    purged: "what was received is deleted",
};

pub(super) const REFUSALS: Refusals = Refusals {
    route: "no webhook at this path",
    method: "not POST",
    header: "no credentials",
    no_url: "no public URL is set",
    no_peer: "sender unknown",
    timestamp: "too old or too new",
    signature: "wrong signature",
    secret: "wrong secret",
    peer: "sender not allowed",
    too_large: "body too large",
    slow: "body too slow",
    incomplete: "body incomplete",
    busy: "too much at a time",
    store: "not stored",
    other: "not accepted",
};

pub(super) const REGISTRATION: Registration = Registration {
    bankly: "with Bankly, by its API: Client::create_webhook, with your private_key",
    certiface_completion: "with your contact at Certiface; append / and your completion_secret_path if you have one",
    certiface_status: "with your contact at Certiface, who names the addresses for status_peers",
    clearsale: "with your account manager at ClearSale, together with your token",
};

pub(super) const INBOX: InboxWords = InboxWords {
    no_key: "the inbox needs a key: set KYC_INBOX_KEY, or key in [inbox] of kyc.toml, to what `kyc inbox key` prints; or \
             choose plain text with --plain-text",
    no_file: |path| format!("{path}: there is no inbox; `kyc listen` creates it"),
    unknown: |id| format!("{id}: the inbox has no such event"),
    keep_key: "Set KYC_INBOX_KEY to it and keep a copy: without it, nobody can read the inbox.",
    none: "no events",
    more: |limit| format!("There are older ones: only {limit} are listed; see --limit."),
    attempts: |attempts, reason| match attempts {
        1 => format!("1 attempt: {reason}"),
        attempts => format!("{attempts} attempts: {reason}"),
    },
    attempts_of: |attempts, generation| match generation {
        0 => attempts.to_string(),
        generation => format!("{attempts} (replay {generation})"),
    },
    no_reason: "no reason",
    bytes: |bytes, is_shown| {
        let hidden = if is_shown { "" } else { " (hidden; show it with --body)" };
        format!("{bytes} bytes{hidden}")
    },
    purged: "deleted",
    replayed: "REPLAYED",
    due_again: |events| match events {
        0 => "no event fits, nothing changes".to_owned(),
        1 => "1 event is due again".to_owned(),
        events => format!("{events} events are due again"),
    },
    delivered: "DELIVERED",
    not_delivered: "NOT DELIVERED",
    delivered_of: |delivered, all| format!("{delivered} of {all}; the inbox stays as it is"),
    deleted: "DELETED",
    deleted_content: |events| match events {
        0 => "nothing".to_owned(),
        1 => "what was received for 1 event".to_owned(),
        events => format!("what was received for {events} events"),
    },
    kept_for_cases: |events| match events {
        1 => "1 event that a case relies on".to_owned(),
        events => format!("{events} events that cases rely on"),
    },
    kept_open: |events| match events {
        1 => "1 event that is not handled yet".to_owned(),
        events => format!("{events} events that are not handled yet"),
    },
    kept_for_case: |id, case| format!("{id}, for the case {case}"),
    oldest: |seconds| format!("due for {seconds} s"),
    state_new: "new",
    state_retrying: "retrying",
    state_done: "done",
    state_dead: "dead",
    state_unexpected: "unexpected",
    row_event: "event",
    row_source: "webhook",
    row_type: "type",
    row_trust: "trust",
    row_received: "received",
    row_state: "state",
    row_attempts: "attempts",
    row_due: "due",
    row_body: "body",
    row_query: "query",
    row_kept: "kept",
    row_oldest: "oldest",
};

pub(super) const INBOX_ERRORS: InboxErrors = InboxErrors {
    full: "the inbox is full: there is no space left on its disk",
    busy: "the inbox is busy: another process holds its file; try again",
    overloaded: "too many events wait to be stored; try again",
    already_dispatched: "another process forwards the events of this inbox already",
    read_only: |why| format!("the inbox cannot be written: {why}"),
    wrong_key: |why| format!("the inbox's key does not fit: {why}"),
    newer: "the inbox was written by a newer release of this program: update it",
    not_durable: |why| format!("the inbox would not survive a power loss: {why}"),
    damaged: |why| format!("the inbox's file is damaged: {why}"),
    failed: str::to_owned,
};

pub(super) const TRIGGER: TriggerWords = TriggerWords {
    usage: "kyc trigger VENDOR OUTCOME, with one of:",
    triggering: "triggering",
    triggered: "TRIGGERED",
    simulated: "no vendor was called: the sandbox made an outcome",
    webhooks: |count| match count {
        1 => "1 was sent".to_owned(),
        count => format!("{count} were sent"),
    },
    no_webhook: "none was sent: nobody is registered; `kyc listen --sandbox` is",
    row_webhooks: "webhooks",
    delivered: "delivered",
    pending: "will be repeated",
    given_up: "given up",
    not_local: "--sandbox-url: must be on this machine, unless you add --allow-other-hosts; nothing was sent",
    unreachable: |url, why| {
        format!("no sandbox answers at {url} ({why}): start one with `kyc listen --sandbox` or `kyc sandbox`")
    },
    refused: |why| format!("the sandbox refused: {why}"),
    no_sandbox: |url| format!("{url} answers, but is no sandbox of this release"),
};
