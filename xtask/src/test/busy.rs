//! Processes that keep all cores busy, so that tests show whether they bear a machine with other things to do.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result};

/// The task of this program that such a process runs.
pub(crate) const TASK: &str = "keep-busy";

/// One for each core. They end when this is dropped, and with this process, however it ends: their standard input does.
pub(crate) struct BusyProcesses(Vec<Child>);

impl BusyProcesses {
    pub(crate) fn start(count: usize) -> Result<BusyProcesses> {
        let program = std::env::current_exe().context("it is not known where this program is")?;
        let mut started = BusyProcesses(Vec::new());
        for _ in 0..count {
            let busy = Command::new(&program).arg(TASK).stdin(Stdio::piped()).spawn();
            started.0.push(busy.context("cannot start a busy process")?);
        }
        Ok(started)
    }
}

impl Drop for BusyProcesses {
    fn drop(&mut self) {
        for busy in &mut self.0 {
            // One that has ended by itself is as good.
            let _ = busy.kill();
            let _ = busy.wait();
        }
    }
}

/// Keeps one core busy until standard input ends.
pub(crate) fn keep_busy() {
    let input = thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
    while !input.is_finished() {
        std::hint::spin_loop();
    }
}
