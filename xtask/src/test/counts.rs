//! How many tests passed and failed, read from what the test runners print.

use std::ops::AddAssign;
use std::process::Command;

use anyhow::Result;

use crate::command;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) ignored: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl Counts {
    /// One check that passed or not.
    pub(crate) fn one(passed: bool) -> Counts {
        Counts { passed: u32::from(passed), failed: u32::from(!passed), ignored: 0 }
    }

    /// Runs a test command and adds up the counts that `read` finds in its lines.
    pub(crate) fn of(test: &mut Command, read: fn(&str) -> Counts) -> Result<Counts> {
        let mut counts = Counts::default();
        let succeeded = command::succeeds_telling(test, |line| counts += read(&without_colours(line)))?;
        Ok(counts.of_command_that(succeeded))
    }

    /// A command that fails without a failed test, because something did not compile, say, counts as one.
    fn of_command_that(self, succeeded: bool) -> Counts {
        let failed = if succeeded { self.failed } else { self.failed.max(1) };
        Counts { failed, ..self }
    }
}

/// Reads a line of Rust's test harness or of wasm-bindgen's: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
pub(crate) fn from_rust(line: &str) -> Counts {
    let Some((_, numbers)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
        return Counts::default();
    };
    let number = |label: &str| {
        numbers.split("; ").find_map(|part| part.strip_suffix(label)?.trim_end().parse().ok()).unwrap_or_default()
    };
    Counts { passed: number("passed"), failed: number("failed"), ignored: number("ignored") }
}

/// Reads a line of the summary that Node's spec reporter ends with: `ℹ pass 3`.
pub(crate) fn from_node(line: &str) -> Counts {
    let mut words = line.strip_prefix("ℹ ").unwrap_or_default().split(' ');
    let (Some(label), Some(Ok(number)), None) = (words.next(), words.next().map(str::parse), words.next()) else {
        return Counts::default();
    };
    match label {
        "pass" => Counts { passed: number, ..Counts::default() },
        "fail" | "cancelled" => Counts { failed: number, ..Counts::default() },
        "skipped" | "todo" => Counts { ignored: number, ..Counts::default() },
        _ => Counts::default(),
    }
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, text)| text));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(read: fn(&str) -> Counts, output: &str) -> Counts {
        let mut counts = Counts::default();
        output.lines().for_each(|line| counts += read(&without_colours(line)));
        counts
    }

    #[test]
    fn adds_up_the_binaries_of_cargo_test() {
        let output = "\
running 2 tests
test result: is not a summary ... ok
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.25s

test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 0 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.03s";
        assert_eq!(total(from_rust, output), Counts { passed: 15, failed: 2, ignored: 1 });
    }

    #[test]
    fn reads_the_summary_of_node_in_colour_and_without() {
        let output = "\
✔ pass 7 of the batch (1ms)
\u{1b}[34mℹ tests 9\u{1b}[39m
\u{1b}[34mℹ pass 5\u{1b}[39m
ℹ fail 1
ℹ cancelled 1
ℹ skipped 1
ℹ todo 1
ℹ duration_ms 52.9";
        assert_eq!(total(from_node, output), Counts { passed: 5, failed: 2, ignored: 2 });
    }

    #[test]
    fn counts_a_command_that_fails_without_a_failed_test_as_one_failure() {
        let counts = Counts { passed: 3, failed: 0, ignored: 0 };
        assert_eq!(counts.of_command_that(true).failed, 0);
        assert_eq!(counts.of_command_that(false).failed, 1);
        assert_eq!(Counts::one(false).of_command_that(false).failed, 1);
    }
}
