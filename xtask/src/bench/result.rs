//! The table of a scenario, as it is printed and kept in `bench/results/`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Description;
use super::contender::{Contender, Measured};
use super::report::{Report, Row, Verdict};
use crate::command::{command, output};

/// Ours and the floor's.
type Both<T> = (T, T);

pub(crate) struct Comparison {
    description: Description,
    rounds: Vec<Both<Measured>>,
    /// At 16 connections.
    quiet: Both<Measured>,
    resident_idle: Both<u64>,
    resident_after: Both<u64>,
    ready_after: Both<Duration>,
    sync: Duration,
    machine: String,
}

impl Comparison {
    pub(crate) fn new(
        description: Description,
        (ours, floor): Both<&Contender>,
        rounds: Vec<Both<Measured>>,
        quiet: Both<Measured>,
    ) -> Result<Self> {
        Ok(Self {
            description,
            rounds,
            quiet,
            resident_idle: (ours.resident_idle, floor.resident_idle),
            resident_after: (ours.server.resident()?, floor.server.resident()?),
            ready_after: (ours.server.ready_after, floor.server.ready_after),
            sync: sync_time()?,
            machine: machine()?,
        })
    }

    /// The table, and its row in the summary.
    pub(crate) fn report(&self) -> Report {
        let Description { name, title, other, goal, .. } = &self.description;
        let row = Row {
            name: (*name).to_owned(),
            what: title.clone(),
            measured: format!("{:.3} × {other}", self.ratio()),
            goal: goal.map_or_else(String::new, |goal| format!("≥ {goal:.2} ×")),
            verdict: self.verdict(),
        };
        Report { text: self.to_markdown(), row }
    }

    fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n\n", self.description.title, self.machine);
        let Description { subject, other, .. } = &self.description;
        let _ = writeln!(text, "| 256 connections | {subject} | {other} | |\n|---|--:|--:|---|");
        self.row(&mut text, "CPU µs per request", |run| run.cpu_micros, 1);
        self.row(&mut text, "requests per core-second", |run| 1e6 / run.cpu_micros, 0);
        self.row(&mut text, "requests per second", |run| run.per_second, 0);
        self.row(&mut text, "share of its core used", |run| run.busy, 2);
        self.row(&mut text, "p50 ms", |run| millis(run.p50), 2);
        self.row(&mut text, "p99 ms", |run| millis(run.p99), 2);
        let goal = self
            .description
            .goal
            .map_or_else(String::new, |goal| format!("goal ≥ {goal:.2}: {}", self.verdict().as_str()));
        let ratio = self.ratio();
        let _ = writeln!(text, "| **requests per core-second, × {other}** | **{ratio:.3}** | 1 | {goal} |");
        let beside = [
            ("p50 ms at 16 connections", millis(self.quiet.0.p50), millis(self.quiet.1.p50)),
            ("resident MiB, idle", mebibytes(self.resident_idle.0), mebibytes(self.resident_idle.1)),
            (
                "resident MiB, after the load",
                mebibytes(self.resident_after.0),
                mebibytes(self.resident_after.1),
            ),
            ("exec to first answer, ms", millis(self.ready_after.0), millis(self.ready_after.1)),
        ];
        for (what, ours, floor) in beside {
            let _ = writeln!(text, "| {what} | {ours:.1} | {floor:.1} | |");
        }
        let _ = writeln!(
            text,
            "\nMedians of {} alternating rounds, each round in brackets. A write and its fsync in the temporary folder take {:.2} ms.",
            self.rounds.len(),
            millis(self.sync)
        );
        text
    }

    fn verdict(&self) -> Verdict {
        self.description.goal.map_or(Verdict::NoGoal, |goal| Verdict::of(self.ratio() >= goal))
    }

    fn ratio(&self) -> f64 {
        let micros = |run: &Measured| run.cpu_micros;
        median(self.rounds.iter().map(|(_, floor)| micros(floor)))
            / median(self.rounds.iter().map(|(ours, _)| micros(ours)))
    }

    fn row(&self, text: &mut String, what: &str, figure: impl Fn(&Measured) -> f64, digits: usize) {
        let cell = |figures: Vec<f64>| {
            let each: Vec<_> = figures.iter().map(|figure| format!("{figure:.digits$}")).collect();
            format!("{:.digits$} ({})", median(figures.into_iter()), each.join(", "))
        };
        let ours = cell(self.rounds.iter().map(|(ours, _)| figure(ours)).collect());
        let floor = cell(self.rounds.iter().map(|(_, floor)| figure(floor)).collect());
        let _ = writeln!(text, "| {what} | {ours} | {floor} | |");
    }
}

pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => figures[middle],
        _ => f64::midpoint(figures[middle - 1], figures[middle]),
    }
}

/// The median time of a 4 KiB write with fdatasync.
fn sync_time() -> Result<Duration> {
    let folder = std::env::temp_dir();
    let name = folder.join(format!("tokenry-bench-sync-{}", std::process::id()));
    let mut file = File::create(&name)?;
    let mut times = Vec::new();
    for _ in 0..51 {
        let start = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(&name)?;
    times.sort();
    Ok(times[times.len() / 2])
}

/// The processor, the compiler and the commit. Results that this run has rewritten make no other program of it.
pub(crate) fn machine() -> Result<String> {
    let processor = fs::read_to_string("/proc/cpuinfo")?;
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or(": an unnamed processor");
    let rustc = output(command("rustc").arg("--version"))?;
    let commit = output(command("git").args(["describe", "--always"]))?;
    let others = ["status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)bench/results"];
    let dirty = if output(command("git").args(others))?.is_empty() { "" } else { "-dirty" };
    let cores = std::thread::available_parallelism()?;
    Ok(format!(
        "{}, {cores} cores; {}; commit {}{dirty}.",
        model.trim_start_matches([':', ' ', '\t']),
        rustc.trim(),
        commit.trim()
    ))
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

pub(crate) fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cpu_micros: f64) -> Measured {
        let time = Duration::from_millis(70);
        Measured { cpu_micros, per_second: 1e6 / cpu_micros, busy: 0.99, p50: time, p99: time }
    }

    #[test]
    fn the_ratio_is_that_of_the_medians_and_is_held_against_the_goal() {
        let comparison = Comparison {
            description: Description {
                name: "test",
                title: "A test".to_owned(),
                subject: "tokenry",
                other: "floor",
                goal: Some(0.80),
            },
            rounds: vec![(run(400.0), run(300.0)), (run(900.0), run(280.0)), (run(380.0), run(290.0))],
            quiet: (run(400.0), run(300.0)),
            resident_idle: (20_480, 2_048),
            resident_after: (30_720, 4_096),
            ready_after: (Duration::from_millis(90), Duration::from_millis(40)),
            sync: Duration::from_micros(1_500),
            machine: "Some processor.".to_owned(),
        };
        let report = comparison.report();
        assert_eq!((report.row.verdict, report.row.measured.as_str()), (Verdict::Missed, "0.725 × floor"));
        let text = report.text;
        assert!(
            text.contains(
                "| CPU µs per request | 400.0 (400.0, 900.0, 380.0) | 290.0 (300.0, 280.0, 290.0) | |"
            ),
            "{text}"
        );
        assert!(text.contains("**0.725** | 1 | goal ≥ 0.80: missed |"), "{text}");
        assert!(text.contains("| resident MiB, after the load | 30.0 | 4.0 | |"), "{text}");
        assert!(text.contains("fsync in the temporary folder take 1.50 ms"), "{text}");
    }

    #[test]
    fn an_even_number_of_figures_has_its_median_between_two() {
        assert!((median([4.0, 1.0, 3.0, 2.0].into_iter()) - 2.5).abs() < f64::EPSILON);
    }
}
