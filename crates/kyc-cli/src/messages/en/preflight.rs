//! The texts of `kyc preflight` in English.

use crate::messages::{Preflight, PreflightHelp};

pub(super) const HELP: PreflightHelp = PreflightHelp {
    about: "Looks at pictures on this machine before a vendor is paid for them",
    long_about: "Looks at pictures on this machine before a vendor is paid for them: whether a vendor's documented limits \
                 refuse them, and what may keep it from reading them.\n\n\
                 Nothing leaves this machine, and no configuration is needed. It is advice, not a verdict: how often it is \
                 wrong was not measured, in particular not by skin tone, age or disability. Never refuse a person for it.\n\n\
                 Ends with 1 if a vendor refuses a picture by its limits, with 10 if there is advice, with 9 if a picture \
                 could not be looked at, and with 0 otherwise.",
    files: "The pictures, or - for standard input",
    item: "What the pictures are meant to be; repeat it for each file in order, the last one stands for the rest",
    kind: "The type of the document: whether it has a face on its front depends on it",
    vendor: "Check the limits of this vendor; may be repeated; by default of those configured, or else of all",
};

pub(super) const WORDS: Preflight = Preflight {
    note: "looked at on this machine alone; this is advice, not a verdict",
    row_note: "LOCAL",
    good: "GOOD",
    retake: "RETAKE",
    refused: "REFUSED",
    unseen: "NOT SEEN",
    file: |file, item| format!("{file}, as {item}"),
    selfie: "a picture of the face",
    front: "the front of a document",
    back: "the back of a document",
    capture: "a frame of a capture",
    row_picture: "picture",
    pixels: |width, height| format!("{width} x {height} pixels"),
    size: |kib| format!("{kib} KiB"),
    row_faces: "faces",
    faces: |count, width, roll| format!("{count}; the largest is {width} pixels wide, tilted by {roll}°"),
    no_face: "no face",
    not_searched: "not searched on the back",
    row_measures: "measures",
    measures: |sharpness, brightest| format!("sharpness {sharpness}, brightness {brightest} of 255"),
    row_unseen: "not seen",
    no_picture: "not a picture of a known format",
    other_format: |format| format!("{format} cannot be looked at here; vendors may take it"),
    animated: "it is animated",
    too_large: |width, height| format!("{width} x {height} pixels are too many to look at"),
    truncated: "the end of the file is missing",
    damaged: |format| format!("a damaged {format}"),
    row_refused: "refused",
    refusal: |vendor, checks, rule| format!("by {vendor} ({checks}): {rule}"),
    row_advice: "advice",
    row_say: "say",
    many_faces: "more than one face",
    small_face: "the face is small",
    turned: "turned or tilted",
    cut_off: "the face is cut off",
    blurred: "blurred",
    too_dark: "too dark",
    too_bright: "too bright",
    same_picture: "the same picture as another",
    unviewable: "the file cannot be opened",
    too_many: |most| format!("at most {most} at once"),
};
