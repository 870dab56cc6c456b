//! What would be published, and the documentation's links: as `cargo xtask release --dry-run` looks at them.

use anyhow::Result;

use crate::test::counts::{self, Counts};
use crate::test::{Outcome, Stage};
use crate::{output, release};

pub(crate) fn run(stage: &Stage<'_>) -> Result<Outcome> {
    let obstacles = release::obstacles_in(stage.project)?;
    for obstacle in &obstacles {
        output::say(obstacle);
    }
    let mut counts = Counts::one(obstacles.is_empty());
    counts += Counts::of(&mut release::documentation_tests(stage.project)?, counts::from_node)?;
    Ok(Outcome::Ran(counts))
}
