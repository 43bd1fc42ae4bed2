//! Breaking lines between words, at the width of the terminal.

use std::io::{self, IsTerminal};

use console::Term;

/// A narrower width is ignored: nothing readable fits into it.
const MIN_COLUMNS: usize = 20;

/// Returns the width at which lines on standard output are broken: that of `COLUMNS`, or of the terminal. `None` without a
/// terminal, because a program reads whole lines.
pub(super) fn columns() -> Option<usize> {
    columns_of(&io::stdout(), Term::stdout)
}

/// Returns the same for standard error.
pub(super) fn columns_of_stderr() -> Option<usize> {
    columns_of(&io::stderr(), Term::stderr)
}

fn columns_of(stream: &impl IsTerminal, terminal: fn() -> Term) -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let of_terminal = || {
        let (_, columns) = terminal().size_checked()?;
        Some(usize::from(columns))
    };
    let columns = set.or_else(|| if stream.is_terminal() { of_terminal() } else { None });
    columns.filter(|columns| *columns >= MIN_COLUMNS)
}

/// Breaks a line between words. Continued lines are indented. A command to copy stays on one line: text in backticks, and
/// an indented line that starts with `kyc` or `export`.
pub(super) fn wrap(line: &str, indent: usize, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| line.chars().count() > *columns) else {
        return line.to_owned();
    };
    if ["  kyc ", "  export "].iter().any(|command| line.starts_with(command)) {
        return line.to_owned();
    }
    // A deep indentation leaves no room on a narrow terminal.
    let indent = indent.min(columns / 3);
    let mut wrapped = String::new();
    let mut used = 0;
    for word in words(line) {
        let length = word.trim_end().chars().count();
        if used + length > columns && used > indent {
            wrapped.truncate(wrapped.trim_end().len());
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            used = indent;
        }
        wrapped.push_str(word);
        used += word.chars().count();
    }
    wrapped.truncate(wrapped.trim_end().len());
    wrapped
}

/// Splits a line into words, each with the spaces after it. Text in backticks is one word.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut is_quoted, mut after_space) = (0, false, false);
    for (place, character) in line.char_indices() {
        if after_space && character != ' ' && !is_quoted {
            words.push(&line[start..place]);
            start = place;
        }
        if character == '`' {
            is_quoted = !is_quoted;
        }
        after_space = character == ' ';
    }
    words.push(&line[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let line = "vendor       ClearSale Facematch (sandbox at http://127.0.0.1:8750)";
        assert_eq!(wrap(line, 13, None), line);
        assert_eq!(wrap(line, 13, Some(80)), line);
        assert_eq!(
            wrap(line, 13, Some(40)),
            "vendor       ClearSale Facematch\n             (sandbox at\n             http://127.0.0.1:8750)"
        );
        assert_eq!(wrap("aaaa bbbb cccc", 2, Some(9)), "aaaa bbbb\n  cccc");
        assert_eq!(wrap("ãããã éééé", 2, Some(9)), "ãããã éééé");
    }

    #[test]
    fn a_command_to_copy_is_not_broken() {
        let line = "error: the key is used up: start anew with `kyc certiface appkey --force`";
        assert_eq!(
            wrap(line, 2, Some(45)),
            "error: the key is used up: start anew with\n  `kyc certiface appkey --force`"
        );
        let command = "  kyc facematch --resume kyc1.eyJ2IjoiY2xlYXJzYWxlLWZhY2VtYXRjaCJ9";
        assert_eq!(wrap(command, 2, Some(40)), command);
        let variable = "  export KYC_CLEARSALE_BASE_URL=http://127.0.0.1:8750/clearsale";
        assert_eq!(wrap(variable, 2, Some(40)), variable);
        assert_eq!(
            wrap("a-word-that-is-longer-than-the-line", 2, Some(20)),
            "a-word-that-is-longer-than-the-line"
        );
    }
}
