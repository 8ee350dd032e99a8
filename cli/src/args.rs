//! The command line's grammar.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

/// Audits Flux CD installations against the project's security best practices.
#[derive(Debug, Parser)]
#[command(name = "flux-audit", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check manifests: folders, files, or a stream
    Check(Box<Check>),
    /// Tell everything about one control
    Explain(Explain),
    /// List the controls
    Controls(Controls),
    /// Write the policies for another program that runs them
    Export(Export),
    /// Answer a cluster's admission reviews over TLS
    Serve(Box<Serve>),
    /// Print the version
    Version,
}

/// Exit codes: 0 pass; 1 fail; 2 usage or configuration error; 3 incomplete: something could not be read or decided.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Folders and files to read; `-` is standard input [default: the Git root around the current folder]
    pub(crate) paths: Vec<PathBuf>,
    /// What to write to standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: ReportFormatArg,
    /// Also write the report in a format to a file; may be repeated
    #[arg(short, long = "output", value_name = "FORMAT=PATH", value_parser = parse_output)]
    pub(crate) outputs: Vec<(ReportFormatArg, PathBuf)>,
    /// The configuration; options given here count instead of what it says [default: .flux-audit.yaml in the folder given,
    /// or in the Git root around the path]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Evidence for the controls that a person has to judge [default: .flux-audit-evidence.yaml in the same places]
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// Profiles to audit for; `base` is always among them
    #[arg(long = "profile", value_name = "NAME", value_enum, value_delimiter = ',')]
    pub(crate) profiles: Vec<ProfileArg>,
    /// Run only these controls: IDs, families such as FX-NET, or slugs
    #[arg(long, value_name = "CONTROL", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Do not run these controls
    #[arg(long, value_name = "CONTROL", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Set a parameter of a control; the value is read as YAML; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    pub(crate) params: Vec<(String, serde_json::Value)>,
    /// The lowest severity that decides the verdict [default: low]
    #[arg(long, value_enum)]
    pub(crate) fail_on: Option<FailOnArg>,
    /// What the input is [default: git for folders, else told from the input]
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeArg>,
    /// The folder that paths in the manifests start from [default: the Git root around the path]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Audit only this cluster of a repository; may be repeated
    #[arg(long = "cluster", value_name = "NAME")]
    pub(crate) clusters: Vec<String>,
    /// The time of the check, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<jiff::Timestamp>,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: ColorArg,
    /// Print findings and the verdict only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print every control, passed ones too
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The control's ID or slug
    pub(crate) control: String,
    /// How to write it
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: FormatArg,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Controls {
    /// How to write them
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: FormatArg,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(subcommand)]
    pub(crate) to: ExportTo,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportTo {
    /// A bundle for OPA and conftest: every control, and the package `main`, which asks all of them
    Opa {
        /// The folder to write, new or empty
        dir: PathBuf,
    },
}

/// It fails closed: whatever is not decided in time is denied or refused. SIGTERM ends it once all is answered.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where reviews (`/validate`), health and metrics are served, over TLS
    #[arg(long, value_name = "ADDRESS", default_value = "[::]:9443")]
    pub(crate) listen: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are also served, without TLS
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// The certificate chain, PEM; read again when it changes
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: PathBuf,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: PathBuf,
    /// The configuration; without it, the default one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The lowest severity that denies; what is below becomes a warning [default: high]
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) enforce: Option<SeverityArg>,
    /// A folder with the objects of the cluster, as `kubectl get -o yaml` writes them, for the controls that see
    /// objects together; read again when it changes
    #[arg(long, value_name = "DIR")]
    pub(crate) inventory: Option<PathBuf>,
    /// The size of a request, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    pub(crate) max_body: usize,
    /// The seconds that a request may take; keep `timeoutSeconds` of the configuration above it
    #[arg(long, value_name = "SECONDS", default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=30))]
    pub(crate) timeout: u64,
    /// How many reviews are judged at once [default: the number of processors]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_concurrent: Option<NonZeroUsize>,
    /// The seconds for which requests are still taken after SIGTERM, until no more of them come
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub(crate) drain: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SeverityArg {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormatArg {
    /// For people
    Text,
    /// The report as it is, for programs
    Json,
    /// Objects of openreports.io/v1alpha1 for `kubectl apply --server-side -f -`
    #[value(name = "openreports")]
    OpenReports,
    /// Objects of wgpolicyk8s.io/v1alpha2, likewise
    #[value(name = "policyreport")]
    PolicyReport,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileArg {
    Base,
    Shared,
    Dedicated,
    Hard,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailOnArg {
    Info,
    Low,
    Medium,
    High,
    Critical,
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ModeArg {
    Git,
    Render,
    Dump,
    Admission,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

fn parse_output(text: &str) -> Result<(ReportFormatArg, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=PATH")?;
    Ok((ReportFormatArg::from_str(format, false)?, PathBuf::from(path)))
}

fn parse_param(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), policy_core::parse_value(value)?))
}
