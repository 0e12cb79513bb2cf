// SPDX-License-Identifier: Apache-2.0

//! Processes: started with a log of their own, and ended with the story.

use anyhow::{Context, bail};
use std::{
    ffi::OsString,
    fs::OpenOptions,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a process may take to write down what it has and end.
const ENDING: Duration = Duration::from_secs(30);

/// How often something is looked at.
pub const LOOK: Duration = Duration::from_millis(100);

/// How much of a log is shown when its process has failed, in lines.
const SHOWN: usize = 15;

/// Where the programs are, if they are not beside this one.
pub fn program(folder: Option<&Path>, name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program has no path")?;
    let path = folder.or(own.parent()).unwrap_or(Path::new(".")).join(name);
    if path.is_file() {
        return Ok(path);
    }
    bail!("{} is missing: build it by `cargo build --workspace`", path.display())
}

/// A process. It is killed when it is dropped.
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts a program, which writes to `log` what it has to say.
    pub fn start(
        name: &str,
        program: &Path,
        arguments: Vec<OsString>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let out = OpenOptions::new().create(true).append(true).open(log);
        let out = out.with_context(|| format!("cannot write {}", log.display()))?;
        let child = Command::new(program)
            .args(arguments)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            // Ctrl-C is for the story alone, which ends its processes in order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { name: name.to_owned(), log: log.to_owned(), child })
    }

    /// An error if the process has ended by itself.
    pub fn verify_running(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended by itself ({status}){}", self.name, self.last_words()),
        }
    }

    /// Asks the process to end, and waits until it has.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.verify_running()?;
        let id = self.child.id().to_string();
        // Every shell has `kill`; not every machine has it as a program.
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status()?;
        if !asked.success() {
            bail!("cannot ask {} to end: kill said {asked}", self.name);
        }
        let since = Instant::now();
        while since.elapsed() < ENDING {
            if let Some(status) = self.child.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                bail!("{} ended badly ({status}){}", self.name, self.last_words());
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("{} did not end within {} s{}", self.name, ENDING.as_secs(), self.last_words())
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let shown = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
        shown.iter().fold("; its log ends:".to_owned(), |all, line| format!("{all}\n  | {line}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or is of no use any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str, log: &Path) -> Process {
        let arguments = ["-c", script].map(OsString::from).to_vec();
        Process::start("the script", Path::new("/bin/sh"), arguments, log).unwrap()
    }

    #[tokio::test]
    async fn a_process_is_asked_to_end_and_gets_time() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let script =
            "trap 'echo ended in order; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
        let process = start(script, &log);
        while !std::fs::read_to_string(&log).unwrap().contains("ready") {
            tokio::time::sleep(LOOK).await;
        }
        process.stop().await.unwrap();
        assert!(std::fs::read_to_string(&log).unwrap().contains("ended in order"));
    }

    #[tokio::test]
    async fn a_process_that_fails_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = start("echo out of luck; exit 3", &folder.path().join("log"));
        while process.verify_running().is_ok() {
            tokio::time::sleep(LOOK).await;
        }
        let error = process.stop().await.unwrap_err().to_string();
        assert!(error.contains("the script") && error.contains("| out of luck"), "{error}");
    }

    #[test]
    fn nothing_outlives_the_story() {
        let folder = tempfile::tempdir().unwrap();
        let process = start("exec sleep 1000", &folder.path().join("log"));
        let id = process.child.id();
        drop(process);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }

    #[test]
    fn a_missing_program_says_how_to_build_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = program(Some(folder.path()), "millrace-channeld").unwrap_err().to_string();
        assert!(error.contains("cargo build --workspace"), "{error}");
    }
}
