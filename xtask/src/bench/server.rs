//! A program under test: pinned to the first core, watched through /proc, ended when dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::client::Request;
use crate::command::{command, output, scratch, succeeds};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    child: Child,
    /// From exec to the first answer.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts a program on the first core and waits until it answers `probe` at `address`.
    pub(crate) fn start(program: &mut Command, address: SocketAddr, probe: &Request) -> Result<Self> {
        let start = Instant::now();
        let child = pinned(0, program)
            .stdout(Stdio::null())
            .stderr(log()?)
            .spawn()
            .context("could not start the program under test")?;
        let mut server = Self { child, ready_after: Duration::ZERO };
        while let Err(error) = probe.send(address) {
            let ended = server.child.try_wait()?;
            ensure!(ended.is_none(), "the program under test ended before it answered: {error:#}");
            ensure!(start.elapsed() < PATIENCE, "the program under test does not answer: {error:#}");
            sleep(Duration::from_millis(1));
        }
        server.ready_after = start.elapsed();
        Ok(server)
    }

    /// CPU time that the process has used so far, in user and in kernel mode.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let per_second: u64 = output(command("getconf").arg("CLK_TCK"))?.trim().parse()?;
        Ok(Duration::from_millis(ticks(&stat)? * 1000 / per_second))
    }

    /// Resident memory in KiB.
    pub(crate) fn resident(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()).context("no VmRSS")?;
        Ok(number.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// What programs under test say, all of one run: `target/xtask/bench.log`.
fn log() -> Result<File> {
    let file = scratch("bench.log");
    fs::create_dir_all(file.with_file_name(""))?;
    File::options()
        .create(true)
        .append(true)
        .open(&file)
        .with_context(|| format!("opening {}", file.display()))
}

/// Asks a program to end, so that it can put its things away, and insists after a while.
pub(crate) fn end(child: &mut Child) {
    succeeds("kill", &["-TERM", &child.id().to_string()]);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    // Nothing is left to do when even this fails.
    let _ = child.kill();
    let _ = child.wait();
}

/// The command, on one core. taskset replaces itself by the program, so the process is the program's.
pub(crate) fn pinned(core: usize, program: &Command) -> Command {
    let mut pinned = command("taskset");
    pinned.arg("--cpu-list").arg(core.to_string()).arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => pinned.env(name, value),
            None => pinned.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        pinned.current_dir(folder);
    }
    pinned
}

/// An address that nobody listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Fields 14 and 15 of /proc/PID/stat; the name in field 2 may hold spaces, but ends with the last parenthesis.
fn ticks(stat: &str) -> Result<u64> {
    let (_, fields) = stat.rsplit_once(") ").context("no name in /proc/PID/stat")?;
    let mut fields = fields.split(' ').skip(11);
    let mut next =
        || fields.next().context("/proc/PID/stat is short").and_then(|field| Ok(field.parse::<u64>()?));
    Ok(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_ticks_are_those_of_user_and_kernel_mode() {
        let stat = "4711 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 17 0 0 20 0 9 0";
        assert_eq!(ticks(stat).unwrap(), 267);
    }
}
