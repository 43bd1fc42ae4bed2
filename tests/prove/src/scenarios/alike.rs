//! The outcomes that do not change the typed result, and the refusals that are a value, with the reasons.

const USUAL: &str = "it is the usual one";
const SAME_FACT: &str = "the response says the same in another form";
const BY_EVENT: &str = "only the webhook says it";

/// Outcomes that the call cannot tell from the usual one: vendor, names, and why.
const ALIKE: &[(&str, &[&str], &str)] = &[
    ("bankly", &["selfie-ok", "front-ok", "back-ok", "token-in-body", "status-array"], USUAL),
    ("bankly", &["life-in-seconds"], USUAL),
    ("bankly", &["life-as-text", "life-as-date", "location-only", "status-object"], SAME_FACT),
    ("bankly", &["selfie-doubted", "front-other-side", "back-other-side"], BY_EVENT),
    ("cellere", &["cpf-regular", "cnpj-active", "meter-digital", "reading-not-conciliated"], USUAL),
    ("cellere", &["faces-match"], USUAL),
    ("certiface", &["appkey-issued", "live", "facetec", "complete", "rg", "document-accepted"], USUAL),
    (
        "certiface",
        &["risk-300", "facematch-200", "serpro-200", "files-processed", "result-given", "score-100"],
        USUAL,
    ),
    ("certiface", &["status-res", "status-ok"], BY_EVENT),
    ("clearsale", &["match"], USUAL),
];

/// Refusals that are a value: vendor, operation, outcome, and why.
const VALUES: &[(&str, &str, &str, &str)] = &[
    ("bankly", "status", "http-404", "there are no analyses"),
    ("certiface", "checkauth", "http-401", "the key is not valid"),
    ("certiface", "captcha-result", "http-404", "there is no result yet"),
    ("certiface", "result", "http-404", "there is no result yet"),
    ("certiface", "document", "http-400", "the document is to be captured again"),
    ("certiface", "document-qrcode", "http-400", "the document is to be captured again"),
];

/// Returns why an outcome is told like the usual one, if that is known.
pub(super) fn alike(vendor: &str, outcome: &str) -> Option<&'static str> {
    let listed = ALIKE.iter().find(|(of, names, _)| *of == vendor && names.contains(&outcome));
    listed.map(|(_, _, why)| *why)
}

/// Returns why a refusal is a value, if that is known.
pub(super) fn value(vendor: &str, operation: &str, outcome: &str) -> Option<&'static str> {
    let listed = VALUES.iter().find(|(of, on, name, _)| (*of, *on, *name) == (vendor, operation, outcome));
    listed.map(|(_, _, _, why)| *why)
}
