//! The texts about verifications in English.

use crate::messages::{VerifyErrors, VerifyHelp, VerifyWords};

pub(super) const HELP: VerifyHelp = VerifyHelp {
    about: "Verifies one person: asks the vendors, applies a policy, and decides",
    long_about: "Verifies one person: asks the vendors, applies a policy, and decides.\n\n\
                 Without arguments, a sample applicant is verified on the embedded sandbox: nothing leaves this machine. With \
                 your own applicant, the vendors that are configured are asked in order, and the case is kept encrypted: what \
                 was sent is never sent again by itself, so that an interrupted case goes on with --resume.",
    store: "The file of the cases; by default kyc-verify.sqlite, for the sample kyc-verify-sample.sqlite",
    plain_text: "Keep the cases without encryption",
    cpf: "The person's CPF, or - to read it from standard input; without an applicant a sample is sent to the sandbox",
    name: "The person's full name",
    birth_date: "The person's date of birth, as 2001-11-15 or 15/11/2001",
    selfie: "A picture of the person's face, or - for standard input",
    front: "The side of the identity document with the face",
    back: "The other side of the document",
    kind: "The type of the document",
    capture: "The frames of a capture that your own user interface made, in order",
    reference: "Your reference: the same reference is the same case, and nothing is paid again; random by default",
    policy: "The policy that decides; by default that of the configuration, else the one of `kyc verify policy show`",
    vendor: "Ask only this vendor; may be repeated; by default each one that is configured",
    resume: "Go on with this case; with --selfie, --front, --back or --capture the person hands these in again",
    new_capture: "The person makes the capture by the vendor's kit again",
    batch: "Verify the applicants of this CSV file",
    timeout: "The time to wait for vendors and the person, in seconds",
    force: "Begin although another case of the same person is open",
    repeat_uncertain: "Send calls once more of which nothing tells what became of them; they may be paid twice",
    ls: "Lists the cases, newest first",
    show: "Shows a case as it stands; no call is made",
    review: "Shows what a person has to decide, and why",
    decide: "Writes a person's decision into a case",
    hold: "Holds a case, so that nothing of it is deleted, or releases it",
    forget: "Deletes what is personal in a case, and says what stays",
    check: "Checks that nobody changed or removed a record",
    key: "Prints a new key for the cases",
    policy_about: "Shows and checks policies",
    policy_show: "Prints the policy by which new cases are decided",
    policy_check: "Says in sentences what a policy does, and what a case may cost",
    policy_sample: "Print the policy of the sample run",
    policy_file: "The policy, a TOML file, or - for standard input",
    id: "The id of the case, as `kyc verify ls` prints",
    checked: "The id of a case; by default every case",
    open_only: "Only cases that are still to be decided",
    cpf_of: "Only cases of this person; - reads the CPF from standard input",
    limit: "List at most this many",
    who: "Who acts",
    why: "Why",
    verdict: "The decision",
    approve: "the person is approved",
    refuse: "the person is refused",
    release: "Release the case",
    show_kit: "Print what the vendor's kit needs for the capture; it may contain personal data",
    state: "Only cases in this state",
    reveal: "Also what is personal: what the person said, references, answers, who decided",
    export: "Prints everything that is kept of a case, as JSON",
    retain: "Deletes the pictures that the policies of their cases no longer keep",
    watch: "Asks the vendors who may report bad news after the decision",
    policy_test: "Decides stored cases anew under a policy; no call is made, and nothing is written",
    tested: "Test at most this many cases, the newest",
    report: "Write the case as a page for a person in compliance, HTML; it contains personal data",
    pictures: "End the page with the pictures that were handed in",
    replace: "Replace the file of --report",
};

pub(super) const WORDS: VerifyWords = VerifyWords {
    simulated: "sandbox: no vendor was asked, nothing was paid",
    no_key: "the cases need a key: set KYC_VERIFY_KEY, or key in [verify] of kyc.toml, to what `kyc verify key` prints; or choose \
             --plain-text",
    no_file: |path| format!("there are no cases yet: {path} does not exist; `kyc verify` verifies a sample"),
    encrypted: |path| format!("The cases are in {path}, encrypted."),
    plain_text: |path| format!("The cases are in {path}, in plain text."),
    keep_key: "Set KYC_VERIFY_KEY to it and keep a copy: without it, nobody can read the cases.",
    mixed: "some vendors are configured at a sandbox and some are not: a case never mixes them; choose with --vendor",
    no_vendor: |variables| {
        format!(
            "no vendor is configured: set the variables of one ({variables}), or its table in kyc.toml; or use --sandbox"
        )
    },
    sample_note: "A sample applicant, on the embedded sandbox: nothing leaves this machine. The case is kept in plain text, \
                  because nothing of it is real.",
    too_many_frames: |most| format!("must be at most {most} images"),
    only_pictures_again: "cannot be changed in a case that began: only pictures are handed in again",
    empty: "must not be empty",
    running: "verifying",
    asking: |vendor, step| format!("{vendor}: {step}"),
    interrupted: |case, options| format!("interrupted: case {case} goes on with `kyc verify {options}`"),
    interrupted_sample: |case| {
        format!("interrupted: the embedded sandbox has ended with case {case}; start anew with `kyc verify`")
    },
    row_case: "case",
    row_policy: "policy",
    row_disagree: "disagree",
    row_paid: "paid calls",
    row_not_covered: "not covered",
    row_watch: "watch",
    row_person: "tell them",
    row_kit: "for the kit",
    row_next: "next",
    row_rule: "why",
    row_kept: "stays",
    row_elsewhere: "elsewhere",
    row_hash: "hash",
    row_vendors: "vendors",
    head_check: "check",
    head_result: "result",
    case: |case, reference| format!("{case}, reference {reference}"),
    policy: |version, hash| format!("{version}, SHA-256 {hash}…"),
    registration: "registration",
    document: "document",
    face_document: "face document",
    face_register: "face register",
    liveness: "liveness",
    risk: "risk",
    cpf: "CPF",
    birth_date: "date of birth",
    name: "name",
    optional: " (optional)",
    disputed: "the vendors disagree",
    agree: |fields| format!("agrees: {fields}"),
    rate: |found, asked| format!("{found}, asked {asked}"),
    by_capture: "by capture",
    by_still: "by a still picture",
    in_simulation: "(simulated)",
    disagree: |check, yes, no| format!("{check}: {yes} says yes, {no} says no"),
    nothing: "nothing",
    paid: |paid, limit, list, uncertain| format!("{paid} of {limit}{list}; uncertain {uncertain}"),
    not_covered: "PEP, sanctions, address, income: no vendor of this program",
    left_out: |checks| format!("not in the policy: {checks}"),
    nothing_independent: "nothing that does not come from the applicant was compared with the face",
    watch: |vendor, until| format!("{vendor} may still report fraud until {until}"),
    approved: "APPROVED",
    refused: "REFUSED",
    review: "REVIEW",
    waits: "WAITING",
    alert: "ALERT",
    forgotten: "FORGOTTEN",
    by_person: "a person decided",
    waits_for_person: "the person has to do something",
    waits_for_vendor: "a vendor has not answered yet",
    is_running: "the case is not finished",
    alert_why: "bad news came after the approval",
    forgotten_why: "what was personal is deleted",
    next_resume: |command| format!("go on with {command}"),
    next_review: |command| format!("what is to be decided: {command}"),
    none: "no cases",
    more: |limit| format!("There are older ones: --limit is {limit}."),
    state_held: ", held",
    decide_by: "Decide with one of these:",
    held: "HELD",
    held_what: "nothing of the case is deleted until it is released",
    released: "RELEASED",
    released_what: "the case can be forgotten again",
    deleted: "DELETED",
    deleted_what: |pictures, records| {
        format!("{pictures} pictures and statements, and what was personal in {records} records")
    },
    kept_what: |records| {
        format!(
            "{records} records without anything personal: that steps were sent, what was decided, and when, as evidence"
        )
    },
    elsewhere: "the vendors keep what they were sent; ask each of them",
    sound: "SOUND",
    sound_what: |cases| match cases {
        1 => "1 case: no record was changed or removed".to_owned(),
        cases => format!("{cases} cases: no record was changed or removed"),
    },
    tampered: "TAMPERED",
    tampered_at: |case, seq| format!("{case} at position {seq}"),
    would: "DECIDED",
    would_what: |changed, all| format!("{changed} of {all} cases otherwise than before"),
    would_be: |was, would| format!("{was} -> {would}"),
    untested: |cases| format!("{cases} that are forgotten or incomplete"),
    retained: "DELETED",
    retained_what: |pictures| format!("{pictures} pictures that the policies no longer keep"),
    kept_pictures: |pictures, why| format!("{pictures} pictures: {why}"),
    valid: "VALID",
    all_vendors: |list| format!("{list} (none is configured, so all are shown)"),
    kit: |vendor, name| format!("{vendor}: {name}"),
    kit_until: |vendor, name, until| format!("{vendor}: {name}, until {until}"),
    written: |path| format!("The report is in {path}; it contains personal data, and only you can read it."),
    exists: "exists already: replace it with --replace, or name another file",
};

pub(super) const ERRORS: VerifyErrors = VerifyErrors {
    different_body: |case| {
        format!(
            "the reference is used already, for case {case} with another applicant or other pictures; nothing was sent"
        )
    },
    missing: |items| format!("the policy cannot be met without what is missing: {items}; nothing was sent"),
    person_has_case: |case| {
        format!(
            "case {case} of the same person is still open; go on with `kyc verify --resume {case}`, or begin another with --force"
        )
    },
    incomplete: |case| format!("case {case} is incomplete: begin it again with the same reference"),
    other_environment: |case| {
        format!("case {case} began elsewhere: a case never mixes the sandbox and the vendors")
    },
    unread_policy: |case| format!("the policy of case {case} cannot be read by this release: update"),
    closed: |case| format!("case {case} is decided or forgotten: nothing more is handed in"),
    silent: |vendor| format!("{vendor} could not be asked for news: try again"),
    out_of_attempts: "the person has handed this in as often as the policy allows",
    unrecorded: |step, why| {
        format!(
            "the answer to {step} arrived but could not be stored ({why}): it stands on standard output, contains personal data, \
             and exists nowhere else; the call may have been paid"
        )
    },
    unknown: |case| format!("there is no case {case}"),
    conflict: "another process wrote to the case meanwhile; try again",
    leased: |until| format!("another process runs the case until {until}, or until it ends; try again then"),
    forgotten: "what is personal in the case is deleted, so that it cannot go on",
    is_held: "the case is held: release it first, with `kyc verify hold --release`",
    person_busy: "another case of the same person has a call to the same vendor under way; try again",
    tampered: |case, seq| format!("the records of case {case} were changed at position {seq}"),
    full: "the store is full: there is no space left on its disk",
    busy: "the store is busy: another process holds it; try again",
    overloaded: "the store is overloaded: too many requests wait; try again",
    read_only: |why| format!("the store cannot be written: {why}"),
    wrong_key: |why| format!("the store's key does not fit: {why}"),
    newer: "the store was written by a newer release: update",
    not_durable: |why| format!("the store would not survive a power loss: {why}"),
    damaged: |why| format!("the store is damaged: {why}"),
    failed: |why| format!("the store failed: {why}"),
};
