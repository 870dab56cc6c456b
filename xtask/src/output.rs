//! Where the output of a job goes: to the terminal, or to a file of its own while others run beside it. As Rust's own tests
//! do it, for the thread that a job runs on: so whatever it calls and starts needs no word of it.

use std::cell::RefCell;
use std::fmt::Display;
use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

thread_local! {
    static KEPT_IN: RefCell<Option<File>> = const { RefCell::new(None) };
}

/// Does a job whose output, and that of all programs it starts, goes to the file. The file must be open for appending: those
/// programs write to it as well.
pub(crate) fn keep_in<T>(file: File, job: impl FnOnce() -> T) -> T {
    let before = KEPT_IN.replace(Some(file));
    let done = job();
    KEPT_IN.set(before);
    done
}

/// A line of the job's output.
pub(crate) fn say(line: impl Display) {
    write(format!("{line}\n").as_bytes());
}

/// A part of the job's output. One that cannot be written is lost, as on a closed terminal.
pub(crate) fn write(bytes: &[u8]) {
    KEPT_IN.with_borrow_mut(|file| {
        let _ = match file {
            Some(file) => file.write_all(bytes),
            None => std::io::stdout().write_all(bytes),
        };
    });
}

/// A line for who waits at the terminal, whoever's output is kept.
pub(crate) fn announce(line: impl Display) {
    println!("{line}");
}

/// Lets a program write where the job does.
pub(crate) fn give_to(program: &mut Command) -> Result<()> {
    give_errors_to(program)?;
    if let Some(file) = kept()? {
        program.stdout(file);
    }
    Ok(())
}

/// The same for its standard error only.
pub(crate) fn give_errors_to(program: &mut Command) -> Result<()> {
    if let Some(file) = kept()? {
        program.stderr(file);
    }
    Ok(())
}

fn kept() -> Result<Option<Stdio>> {
    KEPT_IN.with_borrow(|file| {
        let another = file.as_ref().map(File::try_clone).transpose();
        Ok(another.context("the output of a job cannot be kept")?.map(Stdio::from))
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};

    use super::*;
    use crate::command;

    #[test]
    fn keeps_what_a_job_and_its_programs_say_in_their_order() {
        let path = std::env::temp_dir().join(format!("xtask-output-{}", std::process::id()));
        let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        keep_in(file, || {
            say("before");
            command::run(Command::new("cargo").arg("--version")).unwrap();
            let mut lines = 0;
            assert!(command::succeeds_telling(Command::new("cargo").arg("--version"), |_| lines += 1).unwrap());
            assert_eq!(lines, 1);
            say("after");
        });
        let kept = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let lines: Vec<_> = kept.lines().filter(|line| !line.is_empty()).collect();
        let [before, shown, version, shown_again, version_again, after] = lines[..] else { panic!("{kept}") };
        assert_eq!([before, shown, shown_again, after], ["before", "$ cargo --version", "$ cargo --version", "after"]);
        assert!(version.starts_with("cargo ") && version == version_again, "{kept}");
    }
}
