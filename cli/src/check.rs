//! `flux-audit check`.

use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use policy_core::{
    Audit, Catalog, Detail, Engine, Evidence, Format, Input, Limits, Mode, Outcome, Parsed, Parts, Problem, Report,
    ReportApi, Request, Source, Time, Verdict, parse, render_to,
};
use rayon::prelude::*;

use crate::args::{Check, ModeArg, ReportFormatArg};
use crate::input::Kind;
use crate::{Failure, input, output, settings};

/// On the threads that share the work: what another one had allocated would be of no use to them once it is free.
pub(crate) fn run(options: &Check) -> Result<ExitCode, Failure> {
    rayon::scope(|_| audit(options))
}

fn audit(options: &Check) -> Result<ExitCode, Failure> {
    if options.root.as_ref().is_some_and(|root| !root.is_dir()) {
        return Err("--root: there is no such folder".into());
    }
    let (prepared, read) = rayon::join(|| prepare(options), || read(options));
    let (engine, evidence) = prepared?;
    let (mut request, unread, mut clock) = read?;
    let now = now(options);
    let time = Some(Time::parse(&now).map_err(|why| format!("--now: {why}"))?);
    request.now = Some(now);
    request.evidence = evidence;
    let report = check(&engine, request, unread, &mut clock);
    for (format, path) in &options.outputs {
        let format = self::format(*format, options, time, false);
        let file = std::fs::File::create(path).map(BufWriter::new);
        let written = file.and_then(|mut file| {
            render_to(&report, engine.controls(), format, &mut file)?;
            file.flush()
        });
        written.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let color = output::use_color(options.color);
    let format = format(options.format, options, time, color);
    output::write_to_stdout(|out| render_to(&report, engine.controls(), format, out))?;
    clock.stage("render");
    let code = match report.verdict {
        Verdict::Pass => 0,
        Verdict::Fail => 1,
        Verdict::Incomplete => 3,
    };
    // As the audit, below.
    std::mem::forget((engine, report));
    Ok(ExitCode::from(code))
}

/// The policies, and what the user says of them.
fn prepare(options: &Check) -> Result<(Engine, Option<Evidence>), Failure> {
    let catalog = Catalog::builtin().map_err(|error| error.to_string())?;
    let config = settings::config(options, catalog.controls())?;
    let evidence = settings::evidence(options, catalog.controls())?;
    let engine = Engine::new(catalog, config).map_err(|error| error.to_string())?;
    Ok((engine, evidence))
}

/// The input, parsed; what could not be read; and the time since it was asked for.
fn read(options: &Check) -> Result<(Request, Vec<Problem>, Clock), Failure> {
    let limits = Limits::standard();
    let mut clock = Clock::new(options);
    let inputs = input::read(options, &limits)?;
    clock.stage("read");
    let mut request = Request {
        mode: options.mode.map(mode),
        clusters: options.clusters.clone(),
        ..Request::default()
    };
    match inputs.kind {
        Kind::Repository(repository) => {
            (0..repository.len())
                .into_par_iter()
                .for_each(|at| repository.parse(at));
            request.repository = Some(*repository);
        }
        Kind::Sources(sources) => {
            let parsed = sources.into_par_iter();
            let parsed = parsed.map(|source| Input::Parsed(parse_in_parts(&source, &limits)));
            request.inputs = parsed.collect();
        }
    }
    clock.stage("parse");
    Ok((request, inputs.problems, clock))
}

/// [`parse`] over all processors.
fn parse_in_parts(source: &Source, limits: &Limits) -> Parsed {
    let parts = Parts::of(source, limits);
    let joined = parts.and_then(|parts| {
        let read = (0..parts.len()).into_par_iter().map(|at| parts.parse(at)).collect();
        parts.join(read)
    });
    joined.unwrap_or_else(|| parse(source, limits))
}

/// [`Engine::check`] over all processors.
fn check(engine: &Engine, request: Request, unread: Vec<Problem>, clock: &mut Clock) -> Report {
    let resolved = engine.resolve(request);
    clock.stage("effective");
    (0..resolved.len()).into_par_iter().for_each(|at| resolved.load(at));
    let mut audit = engine.prepare(resolved);
    clock.stage("facts");
    audit.add_problems(unread);
    let outcomes = evaluate(&audit);
    let report = audit.finish(outcomes);
    // The process ends soon, and gives all back at once.
    std::mem::forget(audit);
    clock.stage("evaluate");
    report
}

/// Each thread takes objects, some at a time, until there are none left.
fn evaluate(audit: &Audit<'_>) -> Vec<Outcome> {
    const AT_A_TIME: usize = 32;
    let threads = rayon::current_num_threads().min(audit.len().div_ceil(AT_A_TIME));
    if threads < 2 {
        let mut sessions = audit.sessions();
        return (0..audit.len()).map(|at| audit.evaluate(&mut sessions, at)).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let start = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
        (start < audit.len()).then(|| start..audit.len().min(start + AT_A_TIME))
    };
    let evaluated = (0..threads).into_par_iter().with_max_len(1).flat_map_iter(|thread| {
        let mut sessions = match thread {
            0 => audit.sessions(),
            _ => audit.sessions_apart(),
        };
        std::iter::from_fn(take)
            .flatten()
            .map(move |at| audit.evaluate(&mut sessions, at))
    });
    evaluated.collect()
}

/// Tells where the time went, with `-vv`.
struct Clock {
    lap: Instant,
    tells: bool,
}

impl Clock {
    fn new(options: &Check) -> Self {
        Self {
            lap: Instant::now(),
            tells: options.verbose >= 2,
        }
    }

    fn stage(&mut self, name: &str) {
        if self.tells {
            eprintln!("stage {name} {:.1} ms", self.lap.elapsed().as_secs_f64() * 1000.0);
        }
        self.lap = Instant::now();
    }
}

fn mode(mode: ModeArg) -> Mode {
    match mode {
        ModeArg::Git => Mode::Git,
        ModeArg::Render => Mode::Render,
        ModeArg::Dump => Mode::Dump,
        ModeArg::Admission => Mode::Admission,
    }
}

/// In whole seconds and UTC: the form in which times compare as strings.
fn now(options: &Check) -> String {
    let now = options.now.unwrap_or_else(jiff::Timestamp::now);
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn format(format: ReportFormatArg, options: &Check, time: Option<Time>, color: bool) -> Format {
    let policy_report = |api| Format::PolicyReport { api, time };
    let detail = match (options.quiet, options.verbose) {
        (true, _) => Detail::Brief,
        (false, 0) => Detail::Normal,
        (false, _) => Detail::Full,
    };
    match format {
        ReportFormatArg::Text => Format::Text { color, detail },
        ReportFormatArg::Json => Format::Json,
        ReportFormatArg::OpenReports => policy_report(ReportApi::OpenReports),
        ReportFormatArg::PolicyReport => policy_report(ReportApi::PolicyReport),
    }
}
