//! The suites: their names, what each needs, what it costs, and where it is.

use anyhow::Result;
use clap::ValueEnum;

use crate::test::preparation::Preparation::{
    self, DocsPackages, Geckodriver, NativeTests, NodeTools, Package, RedisClients, Runtimes, RustApps, Standin,
    Standins, Tarball, WasmBindgen, WasmPack, WasmTarget, WasmTests,
};
use crate::test::schedule::{Cost, Load};
use crate::test::{
    Outcome, Stage, bench, consumer, consumer_apps, page, published, published_crate, rust, rust_users, tabs, wasm,
    wasm_pack_build, worker,
};

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Suite {
    /// Formatting and lints, natively and for wasm
    #[value(name = "format+lint")]
    FormatAndLint,
    /// Tests that need no wasm, those of the stand-in and of xtask among them
    Native,
    /// Tests of the compiled client in Node
    WasmNode,
    /// Tests of the compiled client in Chromium
    WasmChrome,
    /// Tests of the compiled client in Firefox
    WasmFirefox,
    /// The crate as Cargo publishes it: its files, its documentation, its builds without `js`
    Crate,
    /// What would be published, beside the crate: files, versions, changelog and READMEs; and every link of the documentation
    Release,
    /// A plain `wasm-pack build` works and leaves the repository as it was; each target of wasm-bindgen gives a package that works
    WasmPackBuild,
    /// The package's types, as a consumer's compiler sees them
    Types,
    /// The packed tarball in a Node project
    NodePackage,
    /// The packed tarball in a Node project, under thousands of polls, connections and visitors
    Crowds,
    /// The packed tarball in small apps, one for each runtime and bundler
    Consumers,
    /// The code of README.md and docs
    Docs,
    /// Apps of Rust users: Leptos in Chromium, workers-rs in workerd
    RustUsers,
    /// Every fault, in Node, Chromium, Firefox and workerd
    Faults,
    /// Polls in Durable Objects and Workflows, the process killed in the middle
    Durable,
    /// Servers on several machines that share a lane over Redis, which is killed, frozen and slow
    Redis,
    /// The demo's own scripts
    Www,
    /// The demo page in Chromium
    Page,
    /// Tabs and workers of one origin on one lane, in Chromium
    Tabs,
    /// The Worker of www/worker in workerd, and its page in Chromium
    Worker,
    /// Every benchmark in short, and that docs/measured.md and its plots are of the last whole run
    Bench,
}

/// What someone runs while working: each part of the project is looked at, in minutes.
pub(crate) const QUICK: &[Suite] = &[Suite::FormatAndLint, Suite::Native, Suite::WasmNode, Suite::NodePackage];

impl Suite {
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    pub(crate) fn needs(self) -> &'static [Preparation] {
        match self {
            Suite::FormatAndLint | Suite::Crate => &[WasmTarget],
            Suite::Native => &[NativeTests],
            Suite::WasmNode | Suite::WasmChrome => &[WasmTests, WasmBindgen, WasmPack],
            Suite::WasmFirefox => &[WasmTests, WasmBindgen, WasmPack, Geckodriver],
            Suite::WasmPackBuild => &[WasmTarget, WasmBindgen, WasmPack, NodeTools, Runtimes],
            Suite::Types => &[Tarball],
            Suite::Release => &[Package],
            Suite::NodePackage | Suite::Crowds => &[Tarball, Standins],
            Suite::Consumers => &[Tarball, Runtimes, Standins],
            Suite::Docs => &[Tarball, Runtimes, NodeTools, DocsPackages, Standins],
            Suite::RustUsers => &[RustApps, NodeTools, Runtimes, Standin],
            Suite::Faults | Suite::Durable => &[Tarball, Runtimes, Standin],
            Suite::Redis => &[Tarball, RedisClients, Runtimes, Standin],
            Suite::Www => &[],
            Suite::Page | Suite::Tabs => &[Package, Standin],
            Suite::Worker => &[Package, Runtimes, Standin],
            Suite::Bench => bench::Harness::NEEDS,
        }
    }

    /// As measured on a machine with two cores.
    pub(crate) fn cost(self) -> Cost {
        let (seconds, load) = match self {
            Suite::FormatAndLint => return Cost { seconds: 30, load: Load::Busy, builds: true },
            Suite::Crate => return Cost { seconds: 30, load: Load::Busy, builds: true },
            Suite::Native => (45, Load::Busy),
            Suite::WasmNode => (100, Load::Waits),
            Suite::WasmChrome | Suite::WasmFirefox => (125, Load::Waits),
            Suite::WasmPackBuild => (60, Load::Busy),
            Suite::Release => (15, Load::Busy),
            Suite::Types => (10, Load::Busy),
            Suite::NodePackage => (100, Load::Busy),
            Suite::Crowds => (120, Load::Busy),
            Suite::Consumers => (240, Load::Busy),
            Suite::Docs => (60, Load::Busy),
            Suite::RustUsers => (60, Load::Waits),
            Suite::Faults => (60, Load::Busy),
            Suite::Durable => (150, Load::Waits),
            Suite::Redis => (90, Load::Waits),
            Suite::Www => (10, Load::Busy),
            Suite::Page => (140, Load::Waits),
            Suite::Tabs => (40, Load::Waits),
            Suite::Worker => (90, Load::Waits),
            Suite::Bench => (60, Load::Busy),
        };
        Cost { seconds, load, builds: false }
    }

    pub(crate) fn run(self, stage: &Stage<'_>) -> Result<Outcome> {
        match self {
            Suite::FormatAndLint => rust::format_and_lint(stage),
            Suite::Native => rust::native(stage),
            Suite::WasmNode => wasm::in_node(stage),
            Suite::WasmChrome => wasm::in_chrome(stage),
            Suite::WasmFirefox => wasm::in_firefox(stage),
            Suite::Crate => published_crate::run(stage),
            Suite::WasmPackBuild => wasm_pack_build::run(stage),
            Suite::Release => published::run(stage),
            Suite::Types => consumer::types(stage),
            Suite::NodePackage => consumer::node_package(stage),
            Suite::Crowds => consumer::crowds(stage),
            Suite::Consumers => consumer_apps::consumers(stage),
            Suite::Docs => consumer_apps::docs(stage),
            Suite::RustUsers => rust_users::run(stage),
            Suite::Faults => consumer_apps::faults(stage),
            Suite::Durable => consumer_apps::durable(stage),
            Suite::Redis => consumer_apps::redis(stage),
            Suite::Www => page::scripts(stage),
            Suite::Page => page::in_chromium(stage),
            Suite::Tabs => tabs::run(stage),
            Suite::Worker => worker::run(stage),
            Suite::Bench => bench::run(stage),
        }
    }
}
