//! What failed, cut out of a job's output: what the test runners repeat of it at their ends, or its last lines.

use std::fmt::{self, Display, Formatter};

/// A job that fails without a word of failed tests says why near its end.
const LAST_LINES: usize = 40;

/// Of a job with many failures the first are shown: the whole of its output stands further up.
const MOST_LINES: usize = 60;

/// A line may hold a whole document.
const MOST_CHARACTERS: usize = 200;

pub(crate) struct Failure {
    job: String,
    lines: Vec<String>,
}

impl Failure {
    pub(crate) fn in_output(job: String, output: &str) -> Failure {
        let mut told = Vec::new();
        let mut is_told = false;
        for line in output.lines() {
            is_told = begins_telling(line) || is_told && !ends_telling(line);
            if is_told {
                told.push(line.to_owned());
            }
        }
        if told.is_empty() {
            told = output.lines().skip(output.lines().count().saturating_sub(LAST_LINES)).map(str::to_owned).collect();
        }
        // Of a stack in wasm there are dozens of frames of the runner's.
        told.retain(|line| !line.contains(":wasm-function["));
        told.truncate(MOST_LINES);
        for line in &mut told {
            *line = line.chars().take(MOST_CHARACTERS).collect();
        }
        Failure { job, lines: told }
    }
}

/// Node's spec reporter, Rust's test harness and wasm-bindgen's.
fn begins_telling(line: &str) -> bool {
    matches!(line, "✖ failing tests:" | "failures:")
}

/// The sum of Rust's, or the next command.
fn ends_telling(line: &str) -> bool {
    line.starts_with("test result: ") || line.starts_with("$ ")
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "=== what failed in {}\n{}", self.job, self.lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(output: &str) -> String {
        Failure::in_output("page".to_owned(), output).to_string()
    }

    #[test]
    fn shows_what_node_and_rust_repeat_at_their_ends() {
        let node = "$ node --test\n✔ one\n✖ two\nℹ fail 1\n\n✖ failing tests:\n\ntest at a.mjs:1\n✖ two\n  3 !== 4";
        assert_eq!(shown(node), "=== what failed in page\n✖ failing tests:\n\ntest at a.mjs:1\n✖ two\n  3 !== 4");
        let rust = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\npanicked\n\nfailures:\n    a\n\ntest result: FAILED. 0\nmore\n\
            $ cargo test\ntest b ... ok";
        assert_eq!(
            shown(rust),
            "=== what failed in page\nfailures:\n\n---- a stdout ----\npanicked\n\nfailures:\n    a\n"
        );
    }

    #[test]
    fn shows_the_last_lines_where_no_test_is_told_of_and_never_too_many() {
        let lines = |count: usize| (0..count).map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
        assert_eq!(shown(&lines(3)), "=== what failed in page\n0\n1\n2");
        assert!(shown(&lines(200)).starts_with("=== what failed in page\n160\n"));
        assert_eq!(shown(&format!("failures:\n{}", lines(500))).lines().count(), 1 + MOST_LINES);
        let long = format!("failures:\nrun_all@http://127.0.0.1/a.wasm:wasm-function[7]:0x2c\n{}", "x".repeat(1_000));
        assert_eq!(shown(&long), format!("=== what failed in page\nfailures:\n{}", "x".repeat(MOST_CHARACTERS)));
    }
}
