//! The table at the end of a test run, and the line that sums it up.

use std::time::Duration;

use anyhow::Result;

use crate::test::Outcome;
use crate::test::counts::Counts;

pub(crate) struct Row {
    suite: String,
    verdict: Verdict,
    counts: Counts,
    seconds: f64,
    note: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Passed,
    Failed,
    NotRun,
}

impl Row {
    pub(crate) fn new(suite: String, outcome: Result<Outcome>, took: Duration, in_ci: bool) -> Row {
        let broken = Counts::one(false);
        let (verdict, counts, note) = match outcome {
            Ok(Outcome::Ran(counts)) if counts.failed > 0 => (Verdict::Failed, counts, String::new()),
            Ok(Outcome::Ran(counts)) if counts.passed == 0 => (Verdict::Failed, broken, "it ran no test".to_owned()),
            Ok(Outcome::Ran(counts)) => (Verdict::Passed, counts, String::new()),
            Ok(Outcome::NotRun(why)) if in_ci => (Verdict::Failed, broken, format!("could not run: {why}")),
            Ok(Outcome::NotRun(why)) => (Verdict::NotRun, Counts::default(), why.to_owned()),
            Err(error) => (Verdict::Failed, broken, error.to_string()),
        };
        Row { suite, verdict, counts, seconds: took.as_secs_f64(), note }
    }

    pub(crate) fn is_failure(&self) -> bool {
        self.verdict == Verdict::Failed
    }
}

/// Prints the table, who did not run, and last, alone on its line, `N passed, N failed`.
pub(crate) fn print(rows: &[Row]) {
    println!("\n{}", text(rows));
}

fn text(rows: &[Row]) -> String {
    let mut lines = vec![line("suite", "result", ["passed", "failed", "ignored", "seconds"].map(str::to_owned), "")];
    let mut total = Counts::default();
    for row in rows {
        let Counts { passed, failed, ignored } = row.counts;
        let numbers = [passed.to_string(), failed.to_string(), ignored.to_string(), format!("{:.1}", row.seconds)];
        let verdict = match row.verdict {
            Verdict::Passed => "passed",
            Verdict::Failed => "FAILED",
            Verdict::NotRun => "not run",
        };
        lines.push(line(&row.suite, verdict, numbers, &row.note));
        total += row.counts;
    }
    lines.push(String::new());
    let not_run: Vec<_> = rows.iter().filter(|row| row.verdict == Verdict::NotRun).map(|row| &*row.suite).collect();
    if !not_run.is_empty() {
        let (count, all, names) = (not_run.len(), rows.len(), not_run.join(", "));
        lines.push(format!("ATTENTION: {count} of {all} suites did not run: {names}. The table says what is missing."));
    }
    lines.push(format!("{} passed, {} failed", total.passed, total.failed));
    lines.join("\n")
}

fn line(suite: &str, result: &str, [passed, failed, ignored, seconds]: [String; 4], note: &str) -> String {
    let line = format!("{suite:<16}{result:<9}{passed:>7}{failed:>8}{ignored:>9}{seconds:>9}  {note}");
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn row(suite: &str, outcome: Result<Outcome>, in_ci: bool) -> Row {
        Row::new(suite.to_owned(), outcome, Duration::from_millis(1250), in_ci)
    }

    fn ran(passed: u32, failed: u32) -> Result<Outcome> {
        Ok(Outcome::Ran(Counts { passed, failed, ignored: 0 }))
    }

    #[test]
    fn aligns_the_table_and_ends_with_the_totals_alone() {
        let rows = [
            row("native", ran(1234, 0), false),
            row("wasm-node", ran(10, 2), false),
            row("wasm-firefox", Ok(Outcome::NotRun("no Firefox found")), false),
            row("types", Err(anyhow!("no tsc")), false),
        ];
        let expected = "\
suite           result    passed  failed  ignored  seconds
native          passed      1234       0        0      1.2
wasm-node       FAILED        10       2        0      1.2
wasm-firefox    not run        0       0        0      1.2  no Firefox found
types           FAILED         0       1        0      1.2  no tsc

ATTENTION: 1 of 4 suites did not run: wasm-firefox. The table says what is missing.
1244 passed, 3 failed";
        assert_eq!(text(&rows), expected);
    }

    #[test]
    fn a_suite_without_tests_fails() {
        assert!(row("www", ran(0, 0), false).is_failure());
    }

    #[test]
    fn a_suite_that_cannot_run_fails_on_a_build_server_only() {
        assert!(!row("page", Ok(Outcome::NotRun("no Chromium")), false).is_failure());
        assert!(row("page", Ok(Outcome::NotRun("no Chromium")), true).is_failure());
    }
}
