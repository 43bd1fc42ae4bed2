//! The help and the errors of the command line in the language of the user.
//!
//! The parser writes both in English, so that its headings are replaced, and its errors are written here.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, Error, ValueEnum};
use serde::Serialize;

use crate::Cli;
use crate::messages::{self, Lang, Messages, in_language, text};
use crate::outcome::Outcome;
use crate::output;

/// Sets the language and the colours of this run. They must be known before the arguments are parsed, because the help and
/// the errors of the arguments have them, too.
pub(crate) fn prepare() {
    messages::choose(early("lang", std::env::args_os()));
    output::set_color(early("color", std::env::args_os()).unwrap_or_default());
}

/// Returns the value of an option that is read before the others; `None` if it is not one of the possible values.
fn early<T: ValueEnum>(name: &str, arguments: impl Iterator<Item = OsString>) -> Option<T> {
    let texts = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let mut texts = texts.take_while(|text| text != "--");
    while let Some(text) = texts.next() {
        let value = match text.strip_prefix("--").and_then(|text| text.strip_prefix(name)) {
            Some("") => texts.next()?,
            Some(rest) if rest.starts_with('=') => rest[1..].to_owned(),
            _ => continue,
        };
        return T::from_str(&value, true).ok();
    }
    None
}

/// Returns the command line of the program.
pub(crate) fn command() -> Command {
    let mut command = Cli::command().color(early("color", std::env::args_os()).unwrap_or_default());
    // Adds the subcommand `help`, and the global options to each command.
    command.build();
    localized(command)
}

fn localized(mut command: Command) -> Command {
    let t = &text().usage;
    let names: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let is_step = command.get_subcommand_help_heading() == Some(t.steps);
    let usage = without_heading(&command.render_usage().to_string());
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
        t.usage
    );
    let command = command
        .subcommand_help_heading(if is_step { t.steps } else { t.commands })
        .override_usage(usage)
        .help_template(template)
        .after_help(output::help())
        .mut_args(localized_argument);
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| {
            if command.get_name() == "help" { command.about(t.help_command) } else { localized(command) }
        })
    })
}

/// Returns the usage without the parser's heading, and with its placeholders in the language of the user.
fn without_heading(usage: &str) -> String {
    let t = &text().usage;
    let usage = usage.trim_start().trim_start_matches("Usage:").trim_start();
    let indent = " ".repeat(t.usage.chars().count() + 2);
    let usage = usage
        .replace("[OPTIONS]", t.some_options)
        .replace("<COMMAND>", t.a_command)
        .replace("STEP", t.a_step);
    let lines: Vec<_> =
        usage.lines().map(|line| output::help_line(line.trim_start(), indent.len())).collect();
    lines.join(&format!("\n{indent}"))
}

fn localized_argument(argument: Arg) -> Arg {
    let t = &text().usage;
    let heading = if argument.is_positional() { t.arguments } else { t.options };
    let help = match argument.get_action() {
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong => t.help.to_owned(),
        ArgAction::Version => t.version.to_owned(),
        _ => described(&argument),
    };
    argument
        .help(help.clone())
        .long_help(help)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true)
}

/// Returns the help of an argument with its default and its possible values.
fn described(argument: &Arg) -> String {
    let t = &text().usage;
    let own = messages::of_library_option(argument.get_id().as_str()).map(str::to_owned);
    let mut help = own.or_else(|| argument.get_help().map(ToString::to_string)).unwrap_or_default();
    if !argument.get_action().takes_values() {
        return help;
    }
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() {
        help.push_str(&format!(" {}", (t.default)(&defaults.join(", "))));
    }
    let values: Vec<_> =
        argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    let words = |value: &PossibleValue| value.get_help().map(ToString::to_string);
    if values.iter().all(|value| words(value).is_some()) {
        for value in &values {
            help.push_str(&format!("\n- {}: {}", value.get_name(), words(value).unwrap_or_default()));
        }
    } else {
        let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
        help.push_str(&format!(" {}", (t.values)(&names.join(", "))));
    }
    help
}

/// Prints the help, or what is wrong with the arguments, and returns the exit code.
pub(crate) fn exit(error: &Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Without a standard output there is nobody to help.
            let _ = error.print();
            ExitCode::from(Outcome::Yes.code())
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(Outcome::WrongUsage.code())
        }
        _ => {
            output::wrong(&lines(error));
            if std::env::args_os().any(|argument| argument == "--json") {
                let message = what(in_language(Lang::En), error);
                let error = Report { kind: Outcome::WrongUsage.name(), delivery: "not_sent", message };
                // Without a standard output, the exit code still reports the failure.
                let _ = output::json(Outcome::WrongUsage, &Wrong { error });
            }
            ExitCode::from(Outcome::WrongUsage.code())
        }
    }
}

#[derive(Serialize)]
struct Wrong {
    error: Report,
}

#[derive(Serialize)]
struct Report {
    kind: &'static str,
    delivery: &'static str,
    message: String,
}

fn lines(error: &Error) -> Vec<String> {
    let t = text();
    let mut lines = vec![(t.errors.error)(&what(t, error))];
    let suggestion =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
            .into_iter()
            .find_map(|kind| context(error, kind));
    lines.extend(suggestion.map(|name| (t.usage.similar)(&name)));
    if let Some(usage) = context(error, ContextKind::Usage) {
        lines.push(format!("{}: {}", t.usage.usage, without_heading(&usage)));
    }
    lines.push(t.usage.more.to_owned());
    lines
}

fn what(t: &Messages, error: &Error) -> String {
    let t = &t.usage;
    let of = |kind| context(error, kind).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => (t.unknown_argument)(&argument),
        ErrorKind::InvalidSubcommand => (t.unknown_command)(&of(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if value.is_empty() => (t.missing_value)(&argument),
        ErrorKind::InvalidValue => {
            let valid = (t.values)(&of(ContextKind::ValidValue));
            format!("{} {valid}", (t.invalid_value)(&value, &argument))
        }
        ErrorKind::ValueValidation => {
            let words = (t.invalid_value)(&value, &argument);
            match std::error::Error::source(error) {
                Some(source) => (t.invalid)(&words, &source.to_string()),
                None => words,
            }
        }
        ErrorKind::ArgumentConflict => (t.conflict)(&argument, &of(ContextKind::PriorArg)),
        ErrorKind::MissingRequiredArgument => (t.missing)(&argument),
        ErrorKind::MissingSubcommand => (t.missing_command)(&of(ContextKind::ValidSubcommand)),
        ErrorKind::InvalidUtf8 => t.not_utf8.to_owned(),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => (t.missing_value)(&argument),
        ErrorKind::TooManyValues => (t.unknown_argument)(&value),
        other => (t.other)(&other.to_string()),
    }
}

fn context(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => {
            Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_read_before_the_others() {
        let lang = |arguments: &[&str]| early("lang", arguments.iter().map(OsString::from));
        assert_eq!(lang(&["kyc", "--lang", "pt", "facematch"]), Some(Lang::Pt));
        assert_eq!(lang(&["kyc", "facematch", "--lang=pt-BR"]), Some(Lang::Pt));
        assert_eq!(lang(&["kyc", "--lang=en"]), Some(Lang::En));
        for none in [
            &["kyc"][..],
            &["kyc", "--lang"],
            &["kyc", "--lang", "de"],
            &["kyc", "--language=pt"],
            &["kyc", "--", "--lang", "pt"],
        ] {
            assert_eq!(lang(none), None, "{none:?}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
