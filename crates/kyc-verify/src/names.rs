//! Comparing names of people.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How two names of a person compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum NameMatch {
    /// They are the same after case, accents, blanks and particles (de, da, do, dos, das, e).
    Same,
    /// They may be one person's: abbreviated, with a name missing, with one name that differs (as after a marriage, or a
    /// social name), with a letter that was misread, or in another order.
    Near,
    /// They are not the same.
    Different,
    /// At least one of them is empty, too long, masked, or has characters that no name has.
    Unread,
}

const PARTICLES: [&str; 6] = ["de", "da", "do", "dos", "das", "e"];
/// Longer texts are no names, and the comparison takes time quadratic in the number of words.
const MAX_BYTES: usize = 400;
const MAX_WORDS: usize = 30;

/// Compares two names. Only [`NameMatch::Same`] counts in favour of the person.
///
/// ```
/// use kyc_verify::{NameMatch, compare_names};
/// assert_eq!(compare_names("José da Conceição", "JOSE CONCEICAO"), NameMatch::Same);
/// assert_eq!(compare_names("José da Conceição", "José C."), NameMatch::Near);
/// assert_eq!(compare_names("José da Conceição", "Maria Souza"), NameMatch::Different);
/// ```
pub fn compare_names(one: &str, other: &str) -> NameMatch {
    let (Some(one), Some(other)) = (words(one), words(other)) else { return NameMatch::Unread };
    if one == other {
        NameMatch::Same
    } else if is_near(&one, &other) {
        NameMatch::Near
    } else {
        NameMatch::Different
    }
}

/// Returns the words of a name without particles; `None` if it is no name.
fn words(name: &str) -> Option<Vec<String>> {
    if name.len() > MAX_BYTES {
        return None;
    }
    let mut plain = String::with_capacity(name.len());
    for letter in name.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            '\'' | '’' | '`' | '´' => {}
            // A full stop stays: `E.` is an initial, `e` a particle.
            '.' => plain.push_str(". "),
            ',' | '-' | '‐' => plain.push(' '),
            _ if letter.is_whitespace() => plain.push(' '),
            _ if letter.is_alphabetic() => plain.push(letter),
            _ if is_combining_mark(letter) => {}
            _ => return None,
        }
    }
    let all: Vec<_> = plain.split_whitespace().collect();
    let last = all.len().checked_sub(1)?;
    // A particle stands between two names. At the end it tells that the name was cut off.
    let is_name =
        |(place, word): &(usize, &&str)| *place == 0 || *place == last || !PARTICLES.contains(*word);
    let names = all.iter().enumerate().filter(is_name).map(|(_, word)| word.trim_end_matches('.').to_owned());
    let names: Vec<String> = names.filter(|word| !word.is_empty()).collect();
    let is_particle = matches!(&names[..], [only] if PARTICLES.contains(&only.as_str()));
    (!names.is_empty() && names.len() <= MAX_WORDS && !is_particle).then_some(names)
}

fn is_near(one: &[String], other: &[String]) -> bool {
    let (fewer, more) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    one.concat() == other.concat() || is_reordered(one, other) || {
        let common = common_in_order(fewer, more);
        common > 0 && fewer.len() - common <= 1
    }
}

fn is_reordered(one: &[String], other: &[String]) -> bool {
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort_unstable();
        words
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}

/// Returns the length of the longest common subsequence of similar words.
fn common_in_order(one: &[String], other: &[String]) -> usize {
    let mut above = vec![0; other.len() + 1];
    for word in one {
        let mut row = vec![0; other.len() + 1];
        for (place, candidate) in other.iter().enumerate() {
            row[place + 1] =
                if is_similar(word, candidate) { above[place] + 1 } else { row[place].max(above[place + 1]) };
        }
        above = row;
    }
    above.last().copied().unwrap_or_default()
}

/// Whether two words may be one name: the same, one an abbreviation of the other, or one letter apart.
fn is_similar(one: &str, other: &str) -> bool {
    const MIN_MISREAD: usize = 4;
    let is_long = one.chars().count().min(other.chars().count()) >= MIN_MISREAD;
    one.starts_with(other) || other.starts_with(one) || is_long && strsim::osa_distance(one, other) <= 1
}
