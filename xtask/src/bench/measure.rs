//! Time and memory of programs, side by side.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What a program needs: medians.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    pub(super) seconds: f64,
    /// In MiB.
    pub(super) peak_mb: f64,
}

/// A program and its arguments.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    pub(super) args: Vec<String>,
}

/// Starts programs and looks at what they need.
pub(super) struct Meter {
    time: PathBuf,
    figures: PathBuf,
}

impl Meter {
    /// One that keeps its figures in a folder.
    pub(super) fn new(scratch: &Path) -> Result<Self> {
        Ok(Self {
            time: gnu_time()?,
            figures: scratch.join("figures"),
        })
    }

    /// A, B, A, B, …: what else the machine does falls on both. The first round warms up and does not count.
    pub(super) fn in_turn(&self, subjects: [Subject; 2], runs: usize) -> Result<[Cost; 2]> {
        let mut costs = [Vec::new(), Vec::new()];
        for round in 0..=runs {
            for (subject, costs) in subjects.iter().zip(&mut costs) {
                let cost = self.measure(subject)?;
                if round > 0 {
                    costs.push(cost);
                }
            }
        }
        let medians = costs.map(|costs| Cost {
            seconds: median(costs.iter().map(|cost| cost.seconds).collect()),
            peak_mb: median(costs.iter().map(|cost| cost.peak_mb).collect()),
        });
        for (subject, cost) in subjects.iter().zip(&medians) {
            println!(
                "  {:<22} {:>8.3} s  {:>7.1} MB",
                subject.name, cost.seconds, cost.peak_mb
            );
        }
        Ok(medians)
    }

    /// GNU time starts the program and waits for it: its figures are that process's alone.
    fn measure(&self, subject: &Subject) -> Result<Cost> {
        let mut command = Command::new(&self.time);
        command
            .args(["-q", "-f", "%e %M", "-o"])
            .arg(&self.figures)
            .arg(&subject.program)
            .args(&subject.args);
        let start = std::time::Instant::now();
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
        // Finer than the hundredths that GNU time prints.
        let seconds = start.elapsed().as_secs_f64();
        // 1 and 3 of ours, and 1 of conftest, are results.
        if !matches!(output.status.code(), Some(0 | 1 | 3)) {
            bail!(
                "{}: {}\n{}",
                subject.name,
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let text = std::fs::read_to_string(&self.figures)?;
        let kilobytes = text.split_whitespace().nth(1).and_then(|word| word.parse::<f64>().ok());
        Ok(Cost {
            seconds,
            peak_mb: kilobytes.with_context(|| format!("GNU time says {text:?}"))? / 1024.0,
        })
    }
}

/// Says whether a ratio is as it should be.
pub(super) fn goal(what: &str, ratio: f64, holds: impl Fn(f64) -> bool, wanted: &str) {
    println!(
        "  {}: {what} is {ratio:.2} ({wanted})",
        if holds(ratio) { "met" } else { "missed" }
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn gnu_time() -> Result<PathBuf> {
    let time = PathBuf::from("/usr/bin/time");
    let version = Command::new(&time).arg("--version").output();
    match version {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("GNU") => Ok(time),
        _ => bail!(
            "{} is not GNU time, which measures memory: `apt-get install time`",
            time.display()
        ),
    }
}
