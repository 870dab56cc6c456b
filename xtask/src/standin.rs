//! The stand-in server as a child process that never outlives its use.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result};

use crate::command;
use crate::project::Project;

/// Every server running now: a signal ends the process without dropping values, so they must be found from here too.
static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

const READY: &str = "standin listening on ";

/// A running stand-in; dropping it stops it.
pub(crate) struct Standin {
    process_id: u32,
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) url: String,
    log: Option<BufReader<ChildStdout>>,
}

/// The API alone, with its real 2-second rule.
pub(crate) const API: &[&str] = &[];
/// The API with a rule of 50 ms, for tests that are not about the 2 seconds.
pub(crate) const FAST_API: &[&str] = &["--floor-ms", "50"];
/// The API, the demo page and the package that it imports.
pub(crate) const DEMO: &[&str] = &["--serve", "www=/", "--serve", "pkg/npm/dist=/pkg"];

impl Standin {
    /// Starts it on the port given, or on a free one if that is taken.
    pub(crate) fn start(project: &Project, port: u16, options: &[&str]) -> Result<Standin> {
        command::run(Command::new("cargo").args(["build", "--package=standin"]).current_dir(&project.root))?;
        let port = if TcpListener::bind(("127.0.0.1", port)).is_ok() { port } else { 0 };
        let program = project.target.join("debug").join(format!("standin{}", std::env::consts::EXE_SUFFIX));
        let mut server = Command::new(&program);
        server.arg("--port").arg(port.to_string()).args(options).current_dir(&project.root);
        let mut child = server
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let process_id = child.id();
        let output = child.stdout.take();
        running().push(child);
        let mut standin = Standin { process_id, url: String::new(), log: output.map(BufReader::new) };
        standin.url = standin.read_address()?;
        Ok(standin)
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

    fn read_address(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(log) = &mut self.log {
            log.read_line(&mut line)?;
        }
        let address = line.trim_end().strip_prefix(READY);
        address.map(str::to_owned).context("the stand-in ended before it listened; its own message is above")
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        let mut running = running();
        if let Some(place) = running.iter().position(|child| child.id() == self.process_id) {
            stop(&mut running.swap_remove(place));
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
    let _ = server.kill();
    let _ = server.wait();
}
