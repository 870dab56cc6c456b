//! A server of ours as a child process that never outlives its use.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::output;

/// Every server running now: a signal ends the process without dropping values, so they must be found from here too.
static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Asks for a port that nobody uses.
pub(crate) const ANY_PORT: u16 = 0;

/// How long a server may take over ending by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running server; dropping it stops it.
pub(crate) struct Server {
    process_id: u32,
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) url: String,
    log: Option<BufReader<ChildStdout>>,
}

/// The port given, or a free one if that is taken.
pub(crate) fn free_port(wanted: u16) -> u16 {
    if TcpListener::bind(("127.0.0.1", wanted)).is_ok() { wanted } else { ANY_PORT }
}

impl Server {
    /// Starts a program whose first line is `ready` and its address. One with processes of its own to stop gets a
    /// standard input that is a pipe, and ends when that does; any other is killed.
    pub(crate) fn start(program: &mut Command, ready: &str) -> Result<Server> {
        output::give_errors_to(program)?;
        let mut child = program
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.get_program().display()))?;
        let process_id = child.id();
        let output = child.stdout.take();
        running().push(child);
        let mut server = Server { process_id, url: String::new(), log: output.map(BufReader::new) };
        server.url = server.read_address(ready)?;
        Ok(server)
    }

    /// Lets the server run unwatched.
    pub(crate) fn ignore_log(&mut self) {
        if let Some(log) = self.log.take() {
            thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
        }
    }

    /// Shows what the server logs until it ends.
    pub(crate) fn show_log(&mut self) {
        if let Some(log) = self.log.take() {
            log.lines().map_while(Result::ok).for_each(|line| println!("{line}"));
        }
    }

    fn read_address(&mut self, ready: &str) -> Result<String> {
        let mut line = String::new();
        if let Some(log) = &mut self.log {
            log.read_line(&mut line)?;
        }
        let address = line.trim_end().strip_prefix(ready);
        address.map(str::to_owned).context("the server ended before it listened; its own message is above")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Taken out first: while one takes its time to end, others must be able to start.
        let stopped = {
            let mut running = running();
            let place = running.iter().position(|child| child.id() == self.process_id);
            place.map(|place| running.swap_remove(place))
        };
        if let Some(mut server) = stopped {
            stop(&mut server);
        }
    }
}

/// Makes Ctrl-C, SIGTERM and SIGHUP stop the servers before this process ends.
pub(crate) fn stop_all_on_signal() -> Result<()> {
    ctrlc::set_handler(|| {
        running().iter_mut().for_each(stop);
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

fn running() -> MutexGuard<'static, Vec<Child>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server that has ended by itself is as good as one that was stopped.
fn stop(server: &mut Child) {
    if let Some(input) = server.stdin.take() {
        drop(input);
        let asked = Instant::now();
        while matches!(server.try_wait(), Ok(None)) && asked.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(20));
        }
    }
    let _ = server.kill();
    let _ = server.wait();
}
