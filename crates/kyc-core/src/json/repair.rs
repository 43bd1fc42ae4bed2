//! Repairs the text of a document that could not be decoded. The filter takes time linear in the length of the text.
//!
//! It keeps one value of a repeated field (preferring values that are not null, then the field's own spelling; null for values that
//! contradict each other), replaces lone surrogates, escapes control characters inside strings, and quotes numbers whose digits a 64-bit number would lose.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::Repair;
use super::path::{Paths, push_key};
use super::reader::Repeat;
use crate::mask::mask;

/// The maximum depth, which is that of serde_json.
const MAX_DEPTH: usize = 128;

/// The maximum number of keys of open objects that are remembered. Further repeats are not repaired.
const MAX_KEYS: usize = 50_000;

/// A repaired text.
pub(super) struct Repaired {
    pub(super) text: String,
    /// The paths of the members that were removed.
    pub(super) dropped: Vec<String>,
    pub(super) repairs: Vec<Repair>,
}

/// Repairs the text. Returns `None` if there is nothing to repair, or if the text is not JSON in other ways.
///
/// `repeats` are the spellings known so far. The field of `front` is moved to the beginning of its objects, under its own name,
/// so that the next failure names the spelling that is still unknown.
pub(super) fn repair(text: &str, repeats: &[Repeat], front: Option<&Repeat>) -> Option<Repaired> {
    let mut filter = Filter {
        text,
        at: 0,
        out: String::with_capacity(text.len() + text.len() / 16),
        keys: HashMap::new(),
        hasher: RandomState::new(),
        repeats,
        front,
        path: String::new(),
        shown: String::new(),
        dropped: Paths::default(),
        has_scalars: false,
        has_repeats: false,
    };
    filter.value(0)?;
    let repairs: Vec<_> =
        [(filter.has_scalars, Repair::Scalars), (filter.has_repeats, Repair::RepeatedField)]
            .into_iter()
            .filter_map(|(was_needed, repair)| was_needed.then_some(repair))
            .collect();
    // Text after the value is kept, so that it remains an error.
    filter.out.push_str(&text[filter.at..]);
    (!repairs.is_empty()).then(|| Repaired { text: filter.out, dropped: filter.dropped.into_vec(), repairs })
}

/// A member of an object in the output.
struct Member {
    /// The key and value, without the comma.
    range: Range<usize>,
    /// The position of the value.
    value: usize,
    /// The path, if it may have to be reported.
    shown: Option<String>,
    is_own_spelling: bool,
    is_null: bool,
    is_dropped: bool,
    /// Whether another value of the same field contradicts it.
    is_contradicted: bool,
    is_front: bool,
}

struct Filter<'t> {
    text: &'t str,
    at: usize,
    out: String,
    /// For all open objects: the position of the object and the hash of a field, mapped to the index of the member that is kept.
    keys: HashMap<(usize, u64), usize>,
    hasher: RandomState,
    repeats: &'t [Repeat],
    front: Option<&'t Repeat>,
    /// The current path, in the form of [`Repeat::object`].
    path: String,
    /// The current path with masked keys.
    shown: String,
    dropped: Paths,
    has_scalars: bool,
    has_repeats: bool,
}

impl<'t> Filter<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Copies the text from `start` to the current position.
    fn copy(&mut self, start: usize) {
        self.out.push_str(&self.text[start..self.at]);
    }

    fn skip_whitespace(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Reads one of the expected bytes and the whitespace around it.
    fn expect(&mut self, bytes: &[u8]) -> Option<u8> {
        self.skip_whitespace();
        let byte = self.byte().filter(|byte| bytes.contains(byte))?;
        self.out.push(char::from(byte));
        self.at += 1;
        self.skip_whitespace();
        Some(byte)
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        self.skip_whitespace();
        match self.byte()? {
            b'{' if depth < MAX_DEPTH => self.object(depth),
            b'[' if depth < MAX_DEPTH => self.list(depth),
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => {
                self.number();
                Some(())
            }
            b't' | b'f' | b'n' => {
                let start = self.at;
                while self.byte().is_some_and(|byte| byte.is_ascii_alphabetic()) {
                    self.at += 1;
                }
                self.copy(start);
                Some(())
            }
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        let lengths = (self.path.len(), self.shown.len());
        self.path.push_str("[]");
        self.shown.push_str("[]");
        self.expect(b"[")?;
        if self.byte()? == b']' {
            self.expect(b"]")?;
        } else {
            loop {
                self.value(depth + 1)?;
                if self.expect(b",]")? == b']' {
                    break;
                }
            }
        }
        self.path.truncate(lengths.0);
        self.shown.truncate(lengths.1);
        Some(())
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let object = self.at;
        let start = self.out.len();
        let (mut members, mut hashes) = (Vec::new(), Vec::new());
        self.expect(b"{")?;
        if self.byte()? == b'}' {
            self.expect(b"}")?;
            return Some(());
        }
        loop {
            self.member(depth, object, &mut members, &mut hashes)?;
            if self.expect(b",}")? == b'}' {
                break;
            }
        }
        for hash in hashes {
            self.keys.remove(&(object, hash));
        }
        if members.iter().any(|member: &Member| member.is_dropped || member.is_front) {
            self.rewrite(start, &members);
        }
        Some(())
    }

    fn member(
        &mut self,
        depth: usize,
        object: usize,
        members: &mut Vec<Member>,
        hashes: &mut Vec<u64>,
    ) -> Option<()> {
        let start = self.out.len();
        let name = self.string()?;
        self.expect(b":")?;
        let value = self.out.len();
        let field = self.field(&name);
        let hash = self.hasher.hash_one(&*field);
        let is_front = self.front.is_some_and(|front| front.field == *field && front.object == self.path);
        let lengths = (self.path.len(), self.shown.len());
        push_key(&mut self.path, &name);
        push_key(&mut self.shown, mask(&name));
        let is_own_spelling = *field == *name;
        self.value(depth + 1)?;
        let member = Member {
            range: start..self.out.len(),
            value,
            shown: None,
            is_own_spelling,
            is_null: &self.out[value..] == "null",
            is_dropped: false,
            is_contradicted: false,
            is_front,
        };
        self.keep_one(object, hash, member, members, hashes);
        self.path.truncate(lengths.0);
        self.shown.truncate(lengths.1);
        Some(())
    }

    /// Adds the member. If the field is repeated, drops this member or the one that was kept so far.
    fn keep_one(
        &mut self,
        object: usize,
        hash: u64,
        mut member: Member,
        members: &mut Vec<Member>,
        hashes: &mut Vec<u64>,
    ) {
        match self.keys.get(&(object, hash)).copied() {
            Some(kept) => {
                self.has_repeats = true;
                let is_one_spelling = self.key(&member) == self.key(&members[kept]);
                let is_contradicted =
                    members[kept].is_contradicted || self.contradict(&member, &members[kept]);
                let rank = |member: &Member| (member.is_null, !member.is_own_spelling);
                let loser = if rank(&member) < rank(&members[kept]) {
                    self.keys.insert((object, hash), members.len());
                    &mut members[kept]
                } else {
                    &mut member
                };
                loser.is_dropped = true;
                if is_contradicted {
                    // Whichever is kept: it must not speak for either value.
                    members[kept].is_contradicted = true;
                    member.is_contradicted = true;
                    self.dropped.add(self.shown.clone());
                } else if !loser.is_own_spelling && !is_one_spelling {
                    let path = loser.shown.take().unwrap_or_else(|| self.shown.clone());
                    self.dropped.add(path);
                }
            }
            None if self.keys.len() < MAX_KEYS => {
                self.keys.insert((object, hash), members.len());
                hashes.push(hash);
            }
            None => {}
        }
        if !member.is_own_spelling {
            member.shown = Some(self.shown.clone());
        }
        members.push(member);
    }

    /// Whether two members contradict each other: different scalars under one key, regardless of case, or different boolean words
    /// under any two spellings. Neither may win by its position. Texts under different names may both be right.
    fn contradict(&self, one: &Member, other: &Member) -> bool {
        let value = |member: &Member| self.out[member.value..member.range.end].trim_matches('"');
        let (first, second) = (value(one), value(other));
        let is_scalar = |text: &str| !text.starts_with(['{', '[']) && text != "null";
        let is_bool = |text: &str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
        let is_one_key = self.key(one).eq_ignore_ascii_case(self.key(other));
        is_scalar(first)
            && is_scalar(second)
            && !first.eq_ignore_ascii_case(second)
            && (is_one_key || is_bool(first) && is_bool(second))
    }

    /// Returns the key of a member with the colon, as in the output.
    fn key(&self, member: &Member) -> &str {
        &self.out[member.range.start..member.value]
    }

    /// Rewrites an object without the dropped members, with the members of `front` at the beginning.
    fn rewrite(&mut self, start: usize, members: &[Member]) {
        let mut object = String::with_capacity(self.out.len() - start);
        object.push('{');
        let kept = || members.iter().filter(|member| !member.is_dropped);
        let fronts = kept().filter(|member| member.is_front).map(|member| (member, self.front));
        let others = kept().filter(|member| !member.is_front).map(|member| (member, None));
        for (place, (member, front)) in fronts.chain(others).enumerate() {
            if place > 0 {
                object.push(',');
            }
            match front {
                Some(front) => {
                    self.has_repeats = true;
                    object.push_str(&serde_json::Value::from(front.field.as_str()).to_string());
                    object.push(':');
                    object.push_str(self.kept_value(member));
                }
                None => {
                    object.push_str(self.key(member));
                    object.push_str(self.kept_value(member));
                }
            }
        }
        object.push('}');
        self.out.truncate(start);
        self.out.push_str(&object);
    }

    fn kept_value(&self, member: &Member) -> &str {
        if member.is_contradicted { "null" } else { &self.out[member.value..member.range.end] }
    }

    /// Returns the field that the key stands for in this object, according to the known spellings.
    fn field<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let known = self.repeats.iter().find(|repeat| repeat.key == name && repeat.object == self.path);
        known.map_or(Cow::Borrowed(name), |repeat| Cow::Owned(repeat.field.clone()))
    }

    /// Copies a string, with repairs, and returns its value.
    fn string(&mut self) -> Option<Cow<'t, str>> {
        if self.byte()? != b'"' {
            return None;
        }
        let begin = self.out.len();
        let mut start = self.at;
        self.at += 1;
        let mut is_plain = true;
        loop {
            match self.byte()? {
                b'"' => break,
                b'\\' => {
                    is_plain = false;
                    self.escape(&mut start)?;
                }
                control @ 0..0x20 => {
                    is_plain = false;
                    self.replace(&mut start, 1, &escaped(control));
                }
                _ => self.at += 1,
            }
        }
        let plain = start + 1..self.at;
        self.at += 1;
        self.copy(start);
        if is_plain {
            return Some(Cow::Borrowed(&self.text[plain]));
        }
        serde_json::from_str(&self.out[begin..]).ok().map(Cow::Owned)
    }

    fn escape(&mut self, start: &mut usize) -> Option<()> {
        match self.text.as_bytes().get(self.at + 1)? {
            b'u' => match hex(self.text, self.at) {
                Some(0xD800..0xDC00) if matches!(hex(self.text, self.at + 6), Some(0xDC00..0xE000)) => {
                    self.at += 12;
                }
                Some(0xD800..0xE000) => self.replace(start, 6, "\\ufffd"),
                Some(_) => self.at += 6,
                None => return None,
            },
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            // A backslash before any other character is taken literally.
            _ => self.replace(start, 1, "\\\\"),
        }
        Some(())
    }

    /// Replaces the next `length` bytes.
    fn replace(&mut self, start: &mut usize, length: usize, by: &str) {
        self.has_scalars = true;
        self.copy(*start);
        self.out.push_str(by);
        self.at += length;
        *start = self.at;
    }

    fn number(&mut self) {
        let start = self.at;
        while self.byte().is_some_and(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
            self.at += 1;
        }
        let number = &self.text[start..self.at];
        let digits = number.trim_start_matches('-');
        let has_leading_zero =
            digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        let fits = number.parse::<u64>().is_ok()
            || number.parse::<i64>().is_ok()
            || number.parse::<f64>().is_ok_and(|value| value.abs() < super::reader::BEYOND_64_BITS);
        if has_leading_zero || !fits {
            self.has_scalars = true;
            self.out.push('"');
            self.copy(start);
            self.out.push('"');
        } else {
            self.copy(start);
        }
    }
}

fn hex(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        u16::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

fn escaped(control: u8) -> Cow<'static, str> {
    match control {
        b'\n' => "\\n".into(),
        b'\r' => "\\r".into(),
        b'\t' => "\\t".into(),
        _ => format!("\\u{control:04x}").into(),
    }
}

#[cfg(test)]
mod tests;
