//! The outcomes that do not change the typed result, and those that are a value in place of an error, with the reasons.

/// Outcomes that a client cannot tell from the usual one: vendor, names, and why.
const ALIKE: &[(&str, &[&str], &str)] = &[
];

/// Documented statuses that are a value: vendor, operation, outcome, and why.
const VALUES: &[(&str, &str, &str, &str)] = &[
];

pub(super) fn is_listed(vendor: &str, _operation: &str, outcome: &str) -> bool {
    ALIKE.iter().any(|(of, names, _)| *of == vendor && names.contains(&outcome))
}

pub(super) fn is_value(vendor: &str, operation: &str, outcome: &str) -> bool {
    VALUES.iter().any(|(of, on, name, _)| (*of, *on, *name) == (vendor, operation, outcome))
}
