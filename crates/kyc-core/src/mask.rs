//! Hides keys that may hold personal data.

/// Masks a vendor's key for logs. A map may be keyed by CPF or e-mail address, so only keys that look like field names are
/// returned: at most 40 letters, digits, `_` and `-`, with fewer than six digits.
pub(crate) fn mask(key: &str) -> &str {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let digits = key.chars().filter(|character| character.is_numeric()).count();
    if key.chars().all(is_plain) && key.chars().count() <= 40 && digits < 6 { key } else { "…" }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn mask_shows_only_field_names() {
        for shown in ["isMatch", "descrição", "line_2", "x-id", "address4"] {
            assert_eq!(mask(shown), shown);
        }
        let long = "x".repeat(41);
        for hidden in [
            "52998224725",
            "529.982.247-25",
            "529-982-247-25",
            "maria@example.com",
            "line\n1",
            "Maria Silva",
            &long,
        ] {
            assert_eq!(mask(hidden), "…", "{hidden}");
        }
    }
}
