//! Running other programs: each is shown before it starts, and its output goes where that of the job does.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::output;

/// Runs to the end; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("`{}` failed; its own message is above", shown(command));
    }
    Ok(())
}

/// Runs to the end and returns whether the exit code was 0.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(exit_code(command)? == Some(0))
}

/// Runs to the end and returns the exit code, which one ended by a signal has not.
pub(crate) fn exit_code(command: &mut Command) -> Result<Option<i32>> {
    announce(command);
    output::give_to(command)?;
    Ok(command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?.code())
}

/// Like `succeeds`, and hands over each line of standard output besides showing it.
pub(crate) fn succeeds_telling(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<bool> {
    announce(command);
    output::give_errors_to(command)?;
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    let mut lines = BufReader::new(child.stdout.take().context("standard output was not captured")?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        output::write(&line);
        on_line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(child.wait()?.success())
}

/// Runs silently to the end and returns standard output.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", shown(command), String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` did not print text", shown(command)))
}

fn announce(command: &Command) {
    output::say(format_args!("\n$ {}", shown(command)));
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`: is it installed and on PATH?", command.get_program().to_string_lossy())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
