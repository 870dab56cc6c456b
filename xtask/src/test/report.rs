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

    /// One row for all rounds of a suite.
    pub(crate) fn of_rounds(rounds: Vec<Row>) -> Option<Row> {
        let count = rounds.len();
        let passed = rounds.iter().filter(|row| row.verdict == Verdict::Passed).count();
        let mut rounds = rounds.into_iter();
        let mut whole = rounds.next()?;
        for row in rounds {
            whole.counts += row.counts;
            whole.seconds += row.seconds;
            // The first failure is reported.
            if whole.verdict != Verdict::Failed && row.verdict != Verdict::Passed {
                whole.verdict = row.verdict;
                whole.note = row.note;
            }
        }
        if count > 1 {
            let note = format!("passed in {passed} of {count} rounds");
            whole.note = if whole.note.is_empty() { note } else { format!("{note}: {}", whole.note) };
        }
        Some(whole)
    }

    pub(crate) fn is_failure(&self) -> bool {
        self.verdict == Verdict::Failed
    }
}

/// Prints the table, who did not run, who was not chosen, and last, alone on its line, `N passed, N failed`.
pub(crate) fn print(rows: &[Row], not_chosen: &[String]) {
    println!("\n{}", text(rows, not_chosen));
}

fn text(rows: &[Row], not_chosen: &[String]) -> String {
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
    if !not_chosen.is_empty() {
        lines.push(format!("Not chosen: {}. `cargo xtask test` runs them too.", not_chosen.join(", ")));
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
        assert_eq!(text(&rows, &[]), expected);
    }

    #[test]
    fn says_which_suites_were_not_chosen() {
        let text = text(&[row("native", ran(2, 0), false)], &["types".to_owned(), "page".to_owned()]);
        let end = "\n\nNot chosen: types, page. `cargo xtask test` runs them too.\n2 passed, 0 failed";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn rounds_become_one_row_that_tells_how_often_it_passed() {
        let row = |outcome| row("page", outcome, false);
        let rounds = vec![row(ran(3, 0)), row(Err(anyhow!("no stand-in"))), row(ran(2, 1))];
        let whole = Row::of_rounds(rounds).unwrap();
        assert!(whole.is_failure());
        assert_eq!(whole.counts, Counts { passed: 5, failed: 2, ignored: 0 });
        assert_eq!(whole.note, "passed in 1 of 3 rounds: no stand-in");
        assert_eq!(Row::of_rounds(vec![row(ran(3, 0)), row(ran(3, 0))]).unwrap().note, "passed in 2 of 2 rounds");
        assert_eq!(Row::of_rounds(vec![row(ran(3, 0))]).unwrap().note, "");
        assert!(Row::of_rounds(Vec::new()).is_none());
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
