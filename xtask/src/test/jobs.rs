//! Runs what the schedule says, each job on a thread of its own, and shows on the way how far it is.

use std::fs::OpenOptions;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::output;
use crate::test::failures::Failure;
use crate::test::preparation::{self, Preparation};
use crate::test::schedule::{self, Schedule};
use crate::test::suite::Suite;
use crate::test::{Outcome, Stage, cores};

/// From one sign of life to the next, where no job ends in between.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq)]
enum Job {
    Prepare(Preparation),
    Run(Suite),
}

/// How much is shown of what suites print.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Show {
    /// All of it as it comes: of one suite alone.
    AtOnce,
    /// All of it when the suite has ended.
    Whole,
    /// What failing suites print, when they have ended.
    Failures,
}

/// How a suite ended, and how long it took.
pub(crate) struct Ended {
    pub(crate) suite: Suite,
    pub(crate) outcome: Result<Outcome>,
    pub(crate) took: Duration,
}

/// What became of the suites, and what the output of those jobs that failed says of it, if that was not shown at once.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) ended: Vec<Ended>,
    pub(crate) failures: Vec<Failure>,
}

/// What a job reports when it ends.
struct Report {
    job: Job,
    outcome: Result<Option<Outcome>>,
    took: Duration,
    /// Where its output is, if that was not shown at once.
    output: Option<PathBuf>,
}

/// Makes what the suites need, unless it is among what was made before, and runs them.
pub(crate) fn run(stage: &Stage<'_>, suites: &[Suite], made: &mut Vec<Preparation>, show: Show) -> Result<Results> {
    let outputs = stage.project.empty_scratch("output")?;
    let mut schedule = Schedule::new(jobs_of(suites, made), cores());
    let mut results = Results::default();
    let started = Instant::now();
    let progress = |line: &str| output::announce(format_args!("[{:>4} s] {line}", started.elapsed().as_secs()));
    let (reports, received) = mpsc::channel();
    thread::scope(|scope| {
        while !schedule.is_over() {
            while let Some(job) = schedule.start_next() {
                if let Job::Run(_) = job {
                    progress(&format!("{} begins", job.name()));
                }
                let (reports, outputs) = (reports.clone(), &outputs);
                scope.spawn(move || do_and_report(stage, job, show, outputs, &reports));
            }
            let report = match received.recv_timeout(SIGN_OF_LIFE) {
                Ok(report) => report,
                Err(RecvTimeoutError::Timeout) => {
                    let running: Vec<_> = schedule.running().map(Job::name).collect();
                    progress(&format!("running: {}", running.join(", ")));
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let output = report.read_output(show)?;
            report.show(output.as_deref());
            if let Some(output) = output.filter(|_| report.has_failed()) {
                results.failures.push(Failure::in_output(report.job.name(), &output));
            }
            progress(&report.to_string());
            let Report { job, outcome, took, .. } = report;
            for given_up in schedule.end(job, outcome.is_ok()) {
                if let Job::Run(suite) = given_up {
                    let outcome =
                        Err(anyhow!("what it needs could not be made: {}; see the output of that", job.name()));
                    results.ended.push(Ended { suite, outcome, took: Duration::ZERO });
                }
            }
            match job {
                Job::Prepare(preparation) if outcome.is_ok() => made.push(preparation),
                Job::Prepare(_) => {}
                Job::Run(suite) => {
                    let outcome = outcome.and_then(|outcome| outcome.context("the suite came to no result"));
                    results.ended.push(Ended { suite, outcome, took });
                }
            }
        }
        Ok(results)
    })
}

fn jobs_of(suites: &[Suite], made: &[Preparation]) -> Vec<schedule::Job<Job>> {
    let wanted: Vec<_> = suites.iter().flat_map(|suite| suite.needs()).copied().collect();
    let prepare = |preparations: &[Preparation]| preparations.iter().copied().map(Job::Prepare).collect();
    let preparations = preparation::with_needs(&wanted).into_iter().filter(|preparation| !made.contains(preparation));
    let preparations = preparations.map(|preparation| schedule::Job {
        key: Job::Prepare(preparation),
        needs: prepare(preparation.needs()),
        cost: preparation.cost(),
    });
    let suites = suites.iter().map(|suite| schedule::Job {
        key: Job::Run(*suite),
        needs: prepare(suite.needs()),
        cost: suite.cost(),
    });
    preparations.chain(suites).collect()
}

fn do_and_report(stage: &Stage<'_>, job: Job, show: Show, outputs: &Path, reports: &Sender<Report>) {
    let started = Instant::now();
    let (output, outcome) = if show == Show::AtOnce && matches!(job, Job::Run(_)) {
        (None, job.perform(stage))
    } else {
        let path = outputs.join(format!("{}.txt", job.name().replace(' ', "-")));
        let file = OpenOptions::new().create(true).append(true).open(&path);
        match file.with_context(|| format!("cannot write {}", path.display())) {
            Ok(file) => (Some(path), output::keep_in(file, || job.perform(stage))),
            Err(error) => (None, Err(error)),
        }
    };
    // Nobody hears it only where the run was given up.
    let _ = reports.send(Report { job, outcome, took: started.elapsed(), output });
}

impl Job {
    fn name(self) -> String {
        match self {
            Job::Prepare(preparation) => format!("preparing {}", preparation.name()),
            Job::Run(suite) => suite.name(),
        }
    }

    fn perform(self, stage: &Stage<'_>) -> Result<Option<Outcome>> {
        let perform = || match self {
            Job::Prepare(preparation) => preparation.make(stage).map(|()| None),
            Job::Run(suite) => suite.run(stage).map(Some),
        };
        // One that says nothing at its end would be waited for forever.
        catch_unwind(AssertUnwindSafe(perform)).unwrap_or_else(|_| Err(anyhow!("a fault of xtask itself: it panicked")))
    }
}

impl Report {
    /// What of the output is to be shown.
    fn read_output(&self, show: Show) -> Result<Option<String>> {
        let is_shown = self.has_failed() || show == Show::Whole && matches!(self.job, Job::Run(_));
        let Some(path) = self.output.as_ref().filter(|_| is_shown) else { return Ok(None) };
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn show(&self, output: Option<&str>) {
        if let Some(output) = output {
            output::announce(format_args!("\n=== {}\n{output}", self.job.name()));
        }
        if let Err(error) = &self.outcome {
            output::announce(format_args!("error: {error:#}"));
        }
    }

    fn has_failed(&self) -> bool {
        match &self.outcome {
            Ok(Some(Outcome::Ran(counts))) => counts.failed > 0,
            Ok(_) => false,
            Err(_) => true,
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, seconds) = (self.job.name(), self.took.as_secs_f64());
        match &self.outcome {
            Ok(Some(Outcome::Ran(counts))) => {
                write!(formatter, "{name}: {} passed, {} failed, in {seconds:.1} s", counts.passed, counts.failed)
            }
            Ok(Some(Outcome::NotRun(why))) => write!(formatter, "{name} did not run: {why}"),
            Ok(None) => write!(formatter, "{name}: done in {seconds:.1} s"),
            Err(_) => write!(formatter, "{name}: failed after {seconds:.1} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    /// Runs the jobs on a clock that only the costs move. Returns the seconds, and the jobs in the order of their ends.
    fn simulated(suites: &[Suite], cores: usize) -> (u32, Vec<Job>) {
        let mut schedule = Schedule::new(jobs_of(suites, &[]), cores);
        let (mut now, mut running, mut ended) = (0, Vec::new(), Vec::new());
        while !schedule.is_over() {
            while let Some(job) = schedule.start_next() {
                let cost = match job {
                    Job::Prepare(preparation) => preparation.cost(),
                    Job::Run(suite) => suite.cost(),
                };
                running.push((now + cost.seconds, job));
            }
            let first = (0..running.len()).min_by_key(|at| running[*at].0).unwrap();
            let (at, job) = running.swap_remove(first);
            now = at;
            assert!(schedule.end(job, true).is_empty());
            ended.push(job);
        }
        (now, ended)
    }

    #[test]
    fn all_suites_run_once_each_after_what_it_needs_and_side_by_side() {
        let suites = Suite::value_variants();
        let (seconds, ended) = simulated(suites, 2);
        let when = |job: Job| {
            let times: Vec<_> = (0..ended.len()).filter(|at| ended[*at] == job).collect();
            assert_eq!(times.len(), 1, "{}", job.name());
            times[0]
        };
        for suite in suites {
            for need in preparation::with_needs(suite.needs()) {
                assert!(when(Job::Prepare(need)) < when(Job::Run(*suite)), "{} before {}", need.name(), suite.name());
            }
        }
        let one_by_one: u32 = suites.iter().map(|suite| suite.cost().seconds).sum();
        assert!(seconds <= 15 * 60 && seconds < one_by_one / 2, "{seconds} s of {one_by_one} s");
    }

    #[test]
    fn what_was_made_before_is_not_made_again() {
        let made = preparation::with_needs(Suite::Page.needs());
        let jobs = jobs_of(&[Suite::Page], &made);
        assert_eq!(jobs.iter().map(|job| job.key.name()).collect::<Vec<_>>(), ["page"]);
    }
}
