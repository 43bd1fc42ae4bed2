//! Rust sources without what is not code: enough of a lexer to look for words.

/// The text with comments and the insides of literals blanked out; every line and column stays where it was.
pub(super) fn code(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            at + block_comment(rest)
        } else if let Some(length) = literal(rest, at > 0 && is_word(bytes[at - 1])) {
            at + length
        } else {
            at += 1;
            continue;
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    // Whole characters were blanked, since a literal and a comment begin and end with ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// The same without modules that are built for tests only.
pub(super) fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.as_bytes().to_vec();
    for (start, _) in code.match_indices(MARK) {
        let after = &code[start + MARK.len()..];
        let Some(open) = after.find(['{', ';']) else { continue };
        let is_module = after[..open].split_whitespace().any(|word| word == "mod");
        if !is_module || after.as_bytes()[open] == b';' {
            continue;
        }
        let mut depth = 0usize;
        let length = after.bytes().skip(open).position(|byte| {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let end = length.map_or(code.len(), |length| start + MARK.len() + open + length + 1);
        for byte in &mut out[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Places where a path or macro name stands by itself, not as the end of a longer word.
pub(super) fn places<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let before = at.checked_sub(1).map(|before| code.as_bytes()[before]);
        let after = code.as_bytes().get(at + name.len()).copied();
        let open = !name.ends_with('!');
        !(before.is_some_and(is_word) || open && after.is_some_and(is_word))
    })
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0usize);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of the string or character that begins here; `in_word` if what begins here continues a word.
fn literal(rest: &[u8], in_word: bool) -> Option<usize> {
    if rest[0] == b'"' {
        return Some(1 + quoted(&rest[1..], b'"'));
    }
    if rest[0] == b'\'' {
        // 'a' and '\n' are characters, 'a is a lifetime.
        let character = match rest.get(1)? {
            b'\\' => return Some(1 + quoted(&rest[1..], b'\'')),
            byte => utf8_length(*byte),
        };
        return (rest.get(1 + character) == Some(&b'\'')).then_some(character + 2);
    }
    if in_word {
        return None;
    }
    let prefix = rest.iter().take(2).take_while(|byte| matches!(byte, b'b' | b'c' | b'r')).count();
    if prefix == 0 || rest[prefix - 1] != b'r' {
        return None;
    }
    let hashes = rest[prefix..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(prefix + hashes) != Some(&b'"') {
        return None;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = prefix + hashes + 1;
    let length = rest[body..].windows(end.len()).position(|window| window == end);
    Some(length.map_or(rest.len(), |length| body + length + end.len()))
}

/// How much there is up to and with the closing quote.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn utf8_length(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (source, left) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"a("b \" c")d"#, "a(        )d"),
            (r##"a(r#"b " c"#)d"##, "a(          )d"),
            ("a(br\"b\\\")d", "a(      )d"),
            ("f::<'a>('\\'', 'x', '\"')", "f::<'a>(    ,    ,    )"),
            ("a('é')\"ü\"", "a(    )    "),
            ("for\"x\"", "for   "),
            ("\"open", "     "),
        ] {
            assert_eq!(code(source), left, "{source}");
        }
    }

    #[test]
    fn test_modules_go_and_nothing_else_does() {
        let source =
            "a();\n#[cfg(test)]\nmod tests {\n  { b() }\n}\n#[cfg(test)]\nuse c;\n#[cfg(test)]\nmod d;\ne();";
        let left = without_tests(source);
        assert!(
            !left.contains('b') && left.contains("use c") && left.contains("mod d") && left.contains("e()")
        );
        assert_eq!(left.len(), source.len());
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(places("eprintln!() println!()", "println!").collect::<Vec<_>>(), [12]);
        assert_eq!(places("Instant::now_ish std::Instant::now", "Instant::now").collect::<Vec<_>>(), [22]);
    }
}
