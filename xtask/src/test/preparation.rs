//! What suites need before they can run: each is made once, for all of them.

use std::process::Command;

use anyhow::Result;

use crate::runtimes::Runtimes;
use crate::test::schedule::{Cost, Load};
use crate::test::{Stage, consumer, rust, rust_users, wasm};
use crate::{browsers, command, node, package, standin, tools};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Preparation {
    /// The wasm target of the Rust toolchain.
    WasmTarget,
    /// `wasm-bindgen` and its test runner.
    WasmBindgen,
    WasmPack,
    /// geckodriver, where there is a Firefox.
    Geckodriver,
    /// The npm packages of xtask, playwright-core and TypeScript among them.
    NodeTools,
    /// The runtimes and bundlers of tests/consumers.
    Runtimes,
    /// The npm packages that benchmarks compare with.
    BenchPackages,
    /// The Redis clients of tests/redis.
    RedisClients,
    /// The npm packages that the code of the documentation uses.
    DocsPackages,
    /// The npm package, in pkg/npm/dist.
    Package,
    /// What `npm publish` would send.
    Tarball,
    /// The apps of tests/consumers/rust, compiled.
    RustApps,
    /// The program of the stand-in.
    Standin,
    /// The two stand-ins that all tests may use, running.
    Standins,
    /// The native tests, compiled.
    NativeTests,
    /// The tests for wasm, compiled with the addresses of the stand-ins.
    WasmTests,
}

/// Downloads, which take a moment when they were made in an earlier run.
const DOWNLOADED: Cost = Cost { seconds: 1, load: Load::Waits, builds: false };
/// Programs that take a moment when they were compiled in an earlier run, and then are not busy for long.
const COMPILED: Cost = Cost { seconds: 1, load: Load::Busy, builds: false };

impl Preparation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Preparation::WasmTarget => "wasm target",
            Preparation::WasmBindgen => "wasm-bindgen",
            Preparation::WasmPack => "wasm-pack",
            Preparation::Geckodriver => "geckodriver",
            Preparation::NodeTools => "node tools",
            Preparation::Runtimes => "runtimes",
            Preparation::BenchPackages => "bench packages",
            Preparation::RedisClients => "redis clients",
            Preparation::DocsPackages => "docs packages",
            Preparation::Package => "package",
            Preparation::Tarball => "tarball",
            Preparation::RustApps => "rust apps",
            Preparation::Standin => "stand-in",
            Preparation::Standins => "stand-ins",
            Preparation::NativeTests => "native tests",
            Preparation::WasmTests => "wasm tests",
        }
    }

    pub(crate) fn needs(self) -> &'static [Preparation] {
        match self {
            Preparation::Package => &[Preparation::WasmTarget, Preparation::WasmBindgen, Preparation::NodeTools],
            Preparation::Tarball => &[Preparation::Package],
            Preparation::RustApps => &[Preparation::WasmTarget, Preparation::WasmBindgen],
            Preparation::Standins => &[Preparation::Standin],
            Preparation::WasmTests => &[Preparation::WasmTarget, Preparation::Standins],
            _ => &[],
        }
    }

    /// On a machine with two cores where tools and dependencies are there.
    pub(crate) fn cost(self) -> Cost {
        match self {
            Preparation::WasmTarget
            | Preparation::NodeTools
            | Preparation::Runtimes
            | Preparation::BenchPackages
            | Preparation::RedisClients
            | Preparation::DocsPackages => DOWNLOADED,
            Preparation::WasmBindgen | Preparation::WasmPack | Preparation::Geckodriver => COMPILED,
            Preparation::Standins => Cost { seconds: 1, load: Load::Waits, builds: false },
            Preparation::Package => Cost { seconds: 40, load: Load::Busy, builds: false },
            Preparation::Tarball => Cost { seconds: 3, load: Load::Busy, builds: false },
            // In a build folder of their own.
            Preparation::RustApps => Cost { seconds: 20, load: Load::Busy, builds: false },
            Preparation::Standin => Cost { seconds: 10, load: Load::Busy, builds: true },
            Preparation::NativeTests | Preparation::WasmTests => Cost { seconds: 20, load: Load::Busy, builds: true },
        }
    }

    pub(crate) fn make(self, stage: &Stage<'_>) -> Result<()> {
        let project = stage.project;
        match self {
            Preparation::WasmTarget => tools::wasm_target(),
            Preparation::WasmBindgen => tools::wasm_bindgen(project).map(drop),
            Preparation::WasmPack => tools::wasm_pack().map(drop),
            Preparation::Geckodriver if browsers::firefox().is_err() => Ok(()),
            Preparation::Geckodriver => tools::geckodriver().map(drop),
            Preparation::NodeTools => node::install_tools(project),
            Preparation::Runtimes => Runtimes::install(project).map(drop),
            Preparation::BenchPackages => node::install_packages(project, "benches"),
            Preparation::RedisClients => node::install_packages(project, "tests/redis"),
            Preparation::DocsPackages => node::install_packages(project, "tests/docs"),
            Preparation::Package => package::build(project),
            Preparation::Tarball => consumer::pack(stage),
            Preparation::RustApps => rust_users::build(project),
            Preparation::Standin => standin::build(project),
            Preparation::Standins => stage.start_standins(),
            Preparation::NativeTests => command::run(&mut rust::native_tests(project, &["--no-run"])),
            Preparation::WasmTests => {
                let mut build = Command::new("cargo");
                // As wasm-pack will, which finds them compiled.
                build.args(["build", "--tests", "--target=wasm32-unknown-unknown"]).args(wasm::TARGETS);
                command::run(stage.give_standins(build.current_dir(&project.root))?)
            }
        }
    }
}

/// These and all that they need, in an order in which they can be made.
pub(crate) fn with_needs(wanted: &[Preparation]) -> Vec<Preparation> {
    let mut all = Vec::new();
    for preparation in wanted {
        for need in with_needs(preparation.needs()).into_iter().chain([*preparation]) {
            if !all.contains(&need) {
                all.push(need);
            }
        }
    }
    all
}

/// Makes these and all that they need, one after the other.
pub(crate) fn make_all(stage: &Stage<'_>, wanted: &[Preparation]) -> Result<()> {
    with_needs(wanted).into_iter().try_for_each(|preparation| preparation.make(stage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_come_first_and_once() {
        use Preparation::{NodeTools, Package, Standin, Standins, Tarball, WasmBindgen, WasmTarget, WasmTests};
        let all = with_needs(&[Tarball, WasmTests]);
        assert_eq!(all, [WasmTarget, WasmBindgen, NodeTools, Package, Tarball, Standin, Standins, WasmTests]);
    }
}
