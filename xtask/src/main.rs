//! `cargo xtask`: builds, generates, tests and measures this repository.

mod bench;
mod corpus;
mod dist;
mod docs;
mod fixtures;
mod gatekeeper;
mod generate;
mod hosts;
mod kubewarden;
mod kustomize_diff;
mod mutants;
mod new_control;
mod npm;
mod opa_diff;
mod opa_module;
mod parity;
mod platforms;
mod playground;
mod rego_lint;
mod scratch;
mod shell;
mod size;
mod tables;
mod test;
mod typescript;
mod wasm;
mod webhook_configuration;
mod yaml;
mod yaml_diff;

use anyhow::Context;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build every module and run every test; needs no Go and no Node
    Test,
    /// Write the generated files
    Gen {
        /// Write nothing; fail where a file would change
        #[arg(long)]
        check: bool,
    },
    /// Lint the Rego sources for the portable subset
    Lint,
    /// Hold the policies to Go OPA: its gates, and the same results on every fixture and on mutated objects
    OpaDiff {
        /// How many objects to change at random
        #[arg(long, default_value_t = opa_diff::MUTATIONS)]
        mutations: usize,
    },
    /// Hold the YAML loader to sigs.k8s.io/yaml, on our files and on those of a folder
    YamlDiff {
        /// A folder of manifests
        dir: Option<std::path::PathBuf>,
    },
    /// Hold our kustomize to the real one: on its cases, on random overlays, and on a folder
    KustomizeDiff(kustomize_diff::Options),
    /// Hold the tests to small mistakes in the rules: how many they notice
    Mutants(mutants::Options),
    /// Score our audit of real repositories against what reading them concluded
    Corpus {
        /// A folder of repositories, `owner+name`, with an `expected.json`
        dir: std::path::PathBuf,
    },
    /// Everything that needs Go
    Go,
    /// Measure ours beside conftest and OPA, in the same minutes
    Bench {
        /// The folder with the generator of the input and the checks of the peers; the webhook needs none
        #[arg(long, value_name = "DIR")]
        input: Option<std::path::PathBuf>,
        /// Numbers of documents
        #[arg(long, value_delimiter = ',', default_values_t = [1000, 10_000])]
        sizes: Vec<usize>,
        /// Numbers of files of the repositories
        #[arg(long, value_delimiter = ',', default_values_t = [10_000, 20_000])]
        trees: Vec<usize>,
        /// Measure on this kind of input only
        #[arg(long, value_enum)]
        only: Option<bench::Kind>,
    },
    /// Hold policy platforms, as real programs, to our verdicts and to `docs/hosts.md`; what a machine lacks is skipped
    Platforms {
        /// These only, such as `gatekeeper`
        hosts: Vec<String>,
    },
    /// The same for all of them: one corpus, the same verdicts
    Parity,
    /// Build the WebAssembly policy of OPA, and say where it is
    OpaModule,
    /// Build the program as users get it, optimised for what a check does, and say where it is
    Dist,
    /// How large the WebAssembly modules are, and which crates make them so
    Size,
    /// Pack the npm package into `wasm/pkg`
    Npm {
        /// And use it as a user would, in Node and TypeScript
        #[arg(long)]
        test: bool,
    },
    /// Build the playground into `playground/dist`, and as one file
    Playground {
        /// And serve it on loopback
        #[arg(long)]
        serve: bool,
        /// And test it, in Node and in Chromium
        #[arg(long, conflicts_with = "serve")]
        test: bool,
    },
    /// Start a control: folder, METADATA, rules, test and fixtures
    NewControl {
        /// The ID, such as FX-EXT-24
        id: String,
        /// The folder and package name, such as `no_submodules`
        slug: String,
    },
}

fn main() -> anyhow::Result<()> {
    match Args::parse().command {
        Command::Test => test::run_all(),
        Command::Gen { check } => generate::run(check),
        Command::Lint => rego_lint::run(),
        Command::OpaDiff { mutations } => opa_diff::run(mutations),
        Command::YamlDiff { dir } => yaml_diff::run(dir.as_deref()),
        Command::KustomizeDiff(options) => kustomize_diff::run(&options),
        Command::Mutants(options) => mutants::run(&options),
        Command::Corpus { dir } => corpus::run(&dir),
        Command::Go => go(),
        Command::Bench {
            input,
            sizes,
            trees,
            only,
        } => {
            let kinds = only.map_or(
                vec![bench::Kind::Documents, bench::Kind::Trees, bench::Kind::OpaWasm],
                |kind| vec![kind],
            );
            for kind in kinds {
                let input = || input.as_deref().context("this needs --input");
                match kind {
                    bench::Kind::Documents => bench::run(input()?, &sizes)?,
                    bench::Kind::Trees => bench::run_trees(input()?, &trees)?,
                    bench::Kind::OpaWasm => platforms::opa_wasm::speed(input()?)?,
                    bench::Kind::Webhook => bench::webhook::run()?,
                }
            }
            Ok(())
        }
        Command::Platforms { hosts } => platforms::run(&hosts),
        Command::Parity => platforms::run(&[]),
        Command::OpaModule => {
            println!("{}", opa_module::build()?.display());
            Ok(())
        }
        Command::Dist => {
            println!("{}", dist::build()?.display());
            Ok(())
        }
        Command::Size => size::run(),
        Command::Npm { test: false } => npm::run(),
        Command::Npm { test: true } => npm::test(),
        Command::Playground { serve: true, .. } => playground::serve(),
        Command::Playground { test: true, .. } => playground::test(),
        Command::Playground { .. } => playground::run(),
        Command::NewControl { id, slug } => new_control::run(&id, &slug),
    }
}

fn go() -> anyhow::Result<()> {
    shell::stage("yaml-diff", || yaml_diff::run(None))?;
    shell::stage("kustomize-diff", || {
        kustomize_diff::run(&kustomize_diff::Options::standard())
    })?;
    shell::stage("opa-diff", || opa_diff::run(opa_diff::MUTATIONS))
}
