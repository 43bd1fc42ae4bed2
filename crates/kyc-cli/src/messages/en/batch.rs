//! The texts about batches in English.

use crate::messages::{BatchHelp, BatchWords};

pub(super) const HELP: BatchHelp = BatchHelp {
    output: "With --batch: write the results to this file, and go on there after an interruption; by default they are printed",
    concurrency: "With --batch: how many applicants are verified at a time",
};

pub(super) const WORDS: BatchWords = BatchWords {
    reading: "reading the file",
    empty: "holds nothing; its first line must name the columns, such as reference, cpf, name",
    no_column: |name| format!("the first line names no column \"{name}\""),
    column_twice: |name| format!("the first line names the column \"{name}\" twice"),
    unread: |numbers| format!("columns that are not read: {numbers}"),
    line: |line, what| format!("line {line}: {what}"),
    line_too_long: "is longer than 16 KiB",
    too_many_cells: "has more than 100 cells",
    open_quote: "a quote is not closed",
    not_text: "must be text",
    too_long: "is longer than 200 characters",
    is_required: "is required",
    required_with_front: "is required with front",
    required_with_back: "is required with back",
    no_cpf: "must have 11 digits",
    check_digits: "the check digits do not match",
    no_date: "must be a date, as 31/01/1990",
    no_kind: "must be one of rg, cnh, cin, dni, rne, crnm, passport",
    outside: "must be below the folder of the file",
    runs_elsewhere: "another process runs the case of this reference: run the same command again later",
    not_results: "exists and does not hold results of this format: name another file",
    other_store: "the results in the file of --output belong to cases that are not in this store: name its store, or another file",
    so_far: |done, total| format!("{done} of {total}"),
    at_rate: |so_far, rate, left| format!("{so_far}; {rate}, {left} left"),
    summary: |approved, refused, review, waiting, took| {
        format!("approved {approved}, refused {refused}, review {review}, waiting {waiting}; {took}")
    },
    known: |count| format!("known before: {count}"),
    bad_lines: |count| format!("lines that cannot be used: {count}"),
    lost_zeros: |count| {
        format!(
            "CPFs that had lost their leading zeros: {count}; they were completed, and the check digits match"
        )
    },
    uncertain: |count| format!("calls that may have been paid, without an answer: {count}"),
    interrupted: "interrupted; the same command goes on, and pays nothing twice",
    vendor_fails: |count, vendor| {
        format!(
            "the calls of {vendor} failed for {count} applicants in a row, so that no more were begun; once the cause is \
             mended, the same command goes on"
        )
    },
};
