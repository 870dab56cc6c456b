//! A long run of many polls beset with faults, over the packed tarball: tests/node-package/soak.mjs, or, of durable polls in
//! workerd, tests/durable/soak.mjs.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::project::Project;
use crate::server::ANY_PORT;
use crate::standin;
use crate::test::preparation::{self, Preparation};
use crate::test::{Stage, consumer, consumer_apps};
use crate::{command, node, output};

/// Runs for about so many seconds. The seed is printed, so that a run can be repeated.
pub(crate) fn soak(project: &Project, seconds: u32, seed: Option<u32>, worker: bool) -> Result<ExitCode> {
    node::check()?;
    let seed = match seed {
        Some(seed) => seed,
        None => SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.subsec_nanos(),
    };
    let stage = Stage::new(project);
    preparation::make_all(&stage, &[Preparation::Tarball, Preparation::Standin])?;
    let (mut script, of_worker) = if worker {
        (consumer_apps::durable_soak(&stage)?, "--worker ")
    } else {
        let app = consumer::install_tarball(&stage, "node-package")?;
        let mut script = node::run(&app.join("soak.mjs"));
        script.current_dir(&app);
        (script, "")
    };
    let mut standin = standin::start(project, ANY_PORT, standin::SOAKED_API)?;
    standin.ignore_log();
    output::say(format_args!(
        "Soaking for about {seconds} seconds; to repeat: cargo xtask soak {of_worker}--seconds {seconds} --seed {seed}"
    ));
    script.arg(seconds.to_string()).arg(seed.to_string());
    script.env("EXTRACTA_STANDIN_FAST_URL", &standin.url).env("EXTRACTA_STANDIN_URL", &standin.url);
    let code = command::exit_code(&mut script)?.context("soak.mjs was ended by a signal")?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
