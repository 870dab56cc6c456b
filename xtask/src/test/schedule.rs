//! Which job is next: pure bookkeeping, without threads or clock. A job starts when all that it needs is done and it fits
//! beside those that run; of several, the one that most time depends on.

/// What a job costs while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// About how long it takes, so that what others wait for comes first.
    pub(crate) seconds: u32,
    pub(crate) load: Load,
    /// Whether Cargo's build folder is locked for as long: of two such jobs one would only wait for the other.
    pub(crate) builds: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Load {
    /// Keeps a core busy: no more of these than there are cores.
    Busy,
    /// Waits for timers or browsers more than it computes: as many again go beside the busy ones.
    Waits,
}

/// Something to do, with the keys of what must be done before.
pub(crate) struct Job<K> {
    pub(crate) key: K,
    pub(crate) needs: Vec<K>,
    pub(crate) cost: Cost,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Waits,
    Runs,
    Done,
    Failed,
}

pub(crate) struct Schedule<K> {
    jobs: Vec<(Job<K>, State)>,
    cores: usize,
}

impl<K: Copy + PartialEq> Schedule<K> {
    /// A need that is not among the jobs counts as done.
    pub(crate) fn new(jobs: Vec<Job<K>>, cores: usize) -> Schedule<K> {
        let jobs = jobs.into_iter().map(|job| (job, State::Waits)).collect();
        Schedule { jobs, cores }
    }

    /// The next job to start, if one can.
    pub(crate) fn start_next(&mut self) -> Option<K> {
        let ready =
            self.jobs.iter().filter(|(job, state)| *state == State::Waits && self.is_ready(job) && self.fits(job));
        // Of equals the first.
        let next = ready.rev().max_by_key(|(job, _)| self.seconds_from(job.key))?.0.key;
        self.set(next, State::Runs);
        Some(next)
    }

    /// Takes note that a job has ended. Returns those that cannot be done any more, for want of it.
    pub(crate) fn end(&mut self, key: K, succeeded: bool) -> Vec<K> {
        self.set(key, if succeeded { State::Done } else { State::Failed });
        let mut given_up = Vec::new();
        while let Some(hopeless) = self.jobs.iter().find(|(job, state)| *state == State::Waits && self.is_hopeless(job))
        {
            let hopeless = hopeless.0.key;
            self.set(hopeless, State::Failed);
            given_up.push(hopeless);
        }
        given_up
    }

    pub(crate) fn is_over(&self) -> bool {
        self.jobs.iter().all(|(_, state)| matches!(state, State::Done | State::Failed))
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = K> {
        self.jobs.iter().filter(|(_, state)| *state == State::Runs).map(|(job, _)| job.key)
    }

    fn is_ready(&self, job: &Job<K>) -> bool {
        job.needs.iter().all(|need| self.state(*need) == State::Done)
    }

    fn is_hopeless(&self, job: &Job<K>) -> bool {
        job.needs.iter().any(|need| self.state(*need) == State::Failed)
    }

    fn fits(&self, job: &Job<K>) -> bool {
        let running = || self.jobs.iter().filter(|(_, state)| *state == State::Runs).map(|(job, _)| job.cost);
        let has_room = running().filter(|cost| cost.load == job.cost.load).count() < self.cores;
        has_room && !(job.cost.builds && running().any(|cost| cost.builds))
    }

    /// From the start of a job to the end of the last one that waits for it.
    fn seconds_from(&self, key: K) -> u32 {
        let own = self.jobs.iter().find(|(job, _)| job.key == key).map_or(0, |(job, _)| job.cost.seconds);
        let after =
            self.jobs.iter().filter(|(job, _)| job.needs.contains(&key)).map(|(job, _)| self.seconds_from(job.key));
        own + after.max().unwrap_or(0)
    }

    fn state(&self, key: K) -> State {
        self.jobs.iter().find(|(job, _)| job.key == key).map_or(State::Done, |(_, state)| *state)
    }

    fn set(&mut self, key: K, state: State) {
        if let Some(entry) = self.jobs.iter_mut().find(|(job, _)| job.key == key) {
            entry.1 = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Load::{Busy, Waits};
    use super::*;

    fn job(key: char, needs: &str, seconds: u32, load: Load) -> Job<char> {
        Job { key, needs: needs.chars().collect(), cost: Cost { seconds, load, builds: false } }
    }

    fn building(key: char) -> Job<char> {
        Job { key, needs: Vec::new(), cost: Cost { seconds: 1, load: Waits, builds: true } }
    }

    /// Starts all that can start.
    fn started(schedule: &mut Schedule<char>) -> String {
        std::iter::from_fn(|| schedule.start_next()).collect()
    }

    #[test]
    fn what_is_needed_runs_once_and_before_all_that_need_it() {
        let jobs =
            vec![job('a', "p", 1, Waits), job('b', "pq", 1, Waits), job('p', "q", 1, Waits), job('q', "", 1, Waits)];
        let mut schedule = Schedule::new(jobs, 2);
        assert_eq!(started(&mut schedule), "q");
        assert!(schedule.end('q', true).is_empty());
        assert_eq!(started(&mut schedule), "p");
        assert!(schedule.end('p', true).is_empty());
        assert_eq!(started(&mut schedule), "ab");
        schedule.end('b', true);
        assert!(!schedule.is_over());
        schedule.end('a', true);
        assert!(schedule.is_over());
    }

    #[test]
    fn no_more_are_busy_than_there_are_cores_and_as_many_that_wait_go_beside_them() {
        let mut jobs = vec![job('a', "", 9, Busy), job('b', "", 8, Busy), job('c', "", 7, Busy)];
        jobs.extend(['v', 'w', 'x'].map(|key| job(key, "", 1, Waits)));
        let mut schedule = Schedule::new(jobs, 2);
        assert_eq!(started(&mut schedule), "abvw");
        schedule.end('a', true);
        assert_eq!(started(&mut schedule), "c");
        schedule.end('v', true);
        assert_eq!(started(&mut schedule), "x");
        assert_eq!(schedule.running().collect::<String>(), "bcwx");
    }

    #[test]
    fn what_most_time_depends_on_comes_first() {
        let jobs = vec![job('a', "", 5, Busy), job('p', "", 1, Busy), job('b', "p", 9, Busy), job('c', "", 6, Busy)];
        let mut schedule = Schedule::new(jobs, 1);
        let mut order = String::new();
        while let Some(key) = schedule.start_next() {
            order.push(key);
            schedule.end(key, true);
        }
        assert_eq!(order, "pbca");
    }

    #[test]
    fn only_one_builds_at_a_time() {
        let mut schedule = Schedule::new(vec![building('a'), building('b')], 4);
        assert_eq!(started(&mut schedule), "a");
        schedule.end('a', false);
        assert_eq!(started(&mut schedule), "b");
    }

    #[test]
    fn a_failure_takes_all_along_that_need_it_and_no_other() {
        let jobs = vec![job('p', "", 9, Busy), job('q', "p", 1, Busy), job('a', "q", 1, Busy), job('b', "", 1, Busy)];
        let mut schedule = Schedule::new(jobs, 1);
        assert_eq!(schedule.start_next(), Some('p'));
        assert_eq!(schedule.end('p', false), ['q', 'a']);
        assert_eq!(schedule.start_next(), Some('b'));
        assert!(schedule.end('b', true).is_empty() && schedule.is_over());
    }

    #[test]
    fn what_was_done_before_need_not_be_among_the_jobs() {
        let mut schedule = Schedule::new(vec![job('a', "p", 1, Busy)], 1);
        assert_eq!(schedule.start_next(), Some('a'));
    }
}
