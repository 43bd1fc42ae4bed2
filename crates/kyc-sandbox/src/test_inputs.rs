//! Tables of inputs that choose an outcome, the same for every vendor.

/// Declares the row type of such a table, `entry` to create a row, and the lookups in both directions.
macro_rules! test_inputs {
    (
        $(#[$about:meta])*
        pub struct $test:ident { $(#[$form:meta])* $input:ident: $kind:ident => $outcome:ident }
        $table:ident, otherwise $otherwise:expr;
        $(#[$way:meta])*
        pub fn $input_of:ident;
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct $test {
            $(#[$form])*
            pub $input: &'static str,
            /// The outcome.
            pub outcome: $outcome,
            /// A description of the outcome.
            pub what: &'static str,
        }

        impl $test {
            pub(super) fn input(&self) -> $crate::vendor::TestInput {
                let kind = stringify!($input);
                $crate::vendor::TestInput { kind, value: self.$input, what: self.what }
            }
        }

        const fn entry($input: &'static str, outcome: $outcome, what: &'static str) -> $test {
            $test { $input, outcome, what }
        }

        $(#[$way])*
        #[must_use]
        pub fn $input_of(outcome: $outcome) -> Option<&'static str> {
            $table.iter().find(|test| test.outcome == outcome).map(|test| test.$input)
        }

        /// Whether the table has an outcome for it.
        #[allow(dead_code, reason = "not every vendor's answers depend on anything else")]
        pub(super) fn is_known($input: &str) -> bool {
            $table.iter().any(|test| test.$input == $input)
        }

        pub(super) fn outcome_of($input: &str) -> $outcome {
            $table.iter().find(|test| test.$input == $input).map_or($otherwise, |test| test.outcome)
        }

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn every_test_input_is_valid_and_in_the_readme() {
                let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
                for test in $table {
                    assert!(kyc_core::$kind::parse(test.$input).is_ok(), "{}", test.$input);
                    assert!(readme.contains(test.$input), "{}", test.$input);
                    assert_eq!($input_of(test.outcome), Some(test.$input));
                }
            }
        }
    };
}
pub(crate) use test_inputs;
