//! `cargo xtask release --dry-run`: whether both packages could be published. It publishes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::project::Project;
use crate::test::published_crate;
use crate::{command, docs, node, output, package};

/// Of every npm package of ours, besides `dist/` and `docs/`.
const NPM_FILES: [&str; 3] = ["LICENSE", "README.md", "package.json"];

pub(crate) fn dry_run(project: &Project) -> Result<()> {
    package::build(project)?;
    let obstacles = obstacles(&Packed::read(project)?);
    let is_documented = command::succeeds(&mut documentation_tests(project)?)?;
    let mut cargo = Command::new("cargo");
    // What is not committed is an obstacle of its own; the rest is to be looked at all the same.
    cargo.args(["package", "--package=extracta-wasm", "--allow-dirty", "--target-dir"]);
    let is_crate = command::succeeds(cargo.arg(project.target.join("crate")).current_dir(&project.root))?;

    output::say("");
    for obstacle in &obstacles {
        output::say(format_args!("- {obstacle}"));
    }
    if !is_documented {
        output::say("- A README or a link is wrong. Fix what the tests above name.");
    }
    if !is_crate {
        output::say("- The crate cannot be packed and built by itself. Fix what cargo reports above.");
    }
    if !obstacles.is_empty() || !is_documented || !is_crate {
        bail!("{} cannot be published yet: see the list above", project.version);
    }
    output::say(format_args!(
        "{version} can be published: `npm publish` in pkg/npm, `cargo publish --package extracta-wasm`, `git tag v{version}`.",
        version = project.version
    ));
    Ok(())
}

/// The tests of READMEs and links, over what would be published. The npm package must be built.
pub(crate) fn documentation_tests(project: &Project) -> Result<Command> {
    docs::install_tools(project)?;
    let mut tests = node::test_files(&docs::scripts(project))?;
    tests.env("EXTRACTA_NPM_PACKAGE", unpacked_npm(project)?).env("EXTRACTA_CRATE", unpacked_crate(project)?);
    tests.current_dir(&project.root);
    Ok(tests)
}

/// What stands in the way, each in a sentence that says what to do; of the packages and the repository as they are.
pub(crate) fn obstacles_in(project: &Project) -> Result<Vec<String>> {
    // Whoever tests has changes.
    Ok(obstacles(&Packed { uncommitted: Vec::new(), ..Packed::read(project)? }))
}

/// What would be published, and what says so.
#[derive(Clone)]
struct Packed {
    /// Of the crate and of the npm package.
    versions: [String; 2],
    npm_files: BTreeSet<String>,
    /// The entry points.
    npm_entries: BTreeSet<String>,
    /// The files that they and `package.json` lead to.
    npm_targets: BTreeSet<String>,
    crate_files: String,
    changelog: String,
    uncommitted: Vec<String>,
}

impl Packed {
    fn read(project: &Project) -> Result<Packed> {
        let folder = project.npm_package();
        let mut pack = node::npm();
        let listed = command::output_of(pack.args(["pack", "--dry-run", "--json"]).current_dir(&folder))?;
        let listed: Value = serde_json::from_str(&listed).context("npm pack did not print JSON")?;
        let manifest = fs::read_to_string(folder.join("package.json")).context("cannot read pkg/npm/package.json")?;
        let manifest: Value = serde_json::from_str(&manifest).context("pkg/npm/package.json is not JSON")?;
        let packed = listed.get(0).context("npm pack lists no package")?;
        let files = packed.get("files").and_then(Value::as_array).context("npm pack lists no files")?;
        let exports = manifest.get("exports").and_then(Value::as_object).into_iter().flatten();
        let entries = exports.map(|(name, _)| name.trim_start_matches("./").to_owned()).collect();
        let mut targets = BTreeSet::new();
        ["exports", "main", "module", "types"]
            .into_iter()
            .filter_map(|name| manifest.get(name))
            .for_each(|entry| collect_files(entry, &mut targets));

        let root = |program: &str| {
            let mut command = Command::new(program);
            command.current_dir(&project.root);
            command
        };
        let status = command::output_of(root("git").args(["status", "--porcelain"]))?;
        let crate_files =
            command::output_of(root("cargo").args(["package", "--package=extracta-wasm", "--list", "--allow-dirty"]))?;
        Ok(Packed {
            versions: [project.version.clone(), text(packed, "version")?],
            npm_files: files.iter().map(|file| text(file, "path")).collect::<Result<_>>()?,
            npm_entries: entries,
            npm_targets: targets,
            crate_files,
            changelog: fs::read_to_string(project.root.join("CHANGELOG.md")).context("cannot read CHANGELOG.md")?,
            uncommitted: status.lines().map(|line| line.get(3..).unwrap_or_default().to_owned()).collect(),
        })
    }
}

fn text(object: &Value, member: &str) -> Result<String> {
    let text = object.get(member).and_then(Value::as_str);
    Ok(text.with_context(|| format!("npm pack names no {member}"))?.to_owned())
}

/// The files that conditions lead to, at any depth.
fn collect_files(entry: &Value, files: &mut BTreeSet<String>) {
    match entry {
        Value::String(file) => {
            files.insert(file.trim_start_matches("./").to_owned());
        }
        Value::Object(conditions) => conditions.values().for_each(|entry| collect_files(entry, files)),
        _ => {}
    }
}

fn obstacles(packed: &Packed) -> Vec<String> {
    let mut found = Vec::new();
    let [version, npm_version] = &packed.versions;
    if version != npm_version {
        found
            .push(format!("Cargo.toml has version {version}, pkg/npm/package.json {npm_version}. Make them the same."));
    }
    found.extend(changelog_obstacle(&packed.changelog, version));

    let is_ours = |file: &str| {
        NPM_FILES.contains(&file)
            || (file.starts_with("dist/") && !file.ends_with(".map"))
            || (file.starts_with("docs/") && file.ends_with(".md"))
            // A folder for each entry point, for resolvers that do not read exports.
            || file.strip_suffix("/package.json").is_some_and(|entry| packed.npm_entries.contains(entry))
    };
    let needed = packed.npm_targets.iter().map(String::as_str).chain(NPM_FILES);
    let missing: Vec<_> = needed.filter(|file| !packed.npm_files.contains(*file)).collect();
    if !missing.is_empty() {
        found.push(format!(
            "The npm package lacks {}. Run `cargo xtask build`, or correct exports and files in pkg/npm/package.json.",
            missing.join(", ")
        ));
    }
    let surplus: Vec<_> = packed.npm_files.iter().map(String::as_str).filter(|file| !is_ours(file)).collect();
    if !surplus.is_empty() {
        found.push(format!(
            "The npm package would hold {}. Correct files in pkg/npm/package.json, or what writes to dist.",
            surplus.join(", ")
        ));
    }
    let (missing, surplus) = published_crate::differences(&packed.crate_files);
    if !missing.is_empty() {
        found.push(format!("The crate lacks {}. Correct include in Cargo.toml.", missing.join(", ")));
    }
    if !surplus.is_empty() {
        found.push(format!("The crate would hold {}. Correct include in Cargo.toml.", surplus.join(", ")));
    }
    if !packed.uncommitted.is_empty() {
        found.push(format!("Not committed: {}. Commit or remove it.", packed.uncommitted.join(", ")));
    }
    found
}

/// A version has a section, with a day and something in it.
fn changelog_obstacle(changelog: &str, version: &str) -> Option<String> {
    let heading = format!("## [{version}]");
    let Some((_, behind)) = changelog.split_once(&heading) else {
        return Some(format!(
            "CHANGELOG.md has no section `{heading}`. Write down what changed since the last version."
        ));
    };
    let (title, rest) = behind.split_once('\n').unwrap_or((behind, ""));
    let day = title.trim().trim_start_matches('-').trim();
    let is_day = day.len() == 10
        && day
            .bytes()
            .enumerate()
            .all(|(place, byte)| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    if !is_day {
        return Some(format!("CHANGELOG.md gives {version} no day. Write `{heading} - YEAR-MONTH-DAY`."));
    }
    let section = rest.split("\n## ").next().unwrap_or_default();
    let says_something = section.lines().any(|line| line.trim_start().starts_with("- "));
    (!says_something)
        .then(|| format!("CHANGELOG.md says nothing of {version}. List what changed since the last version."))
}

fn unpacked_npm(project: &Project) -> Result<PathBuf> {
    let folder = project.empty_scratch("unpacked-npm")?;
    let mut pack = node::npm();
    pack.args(["pack", "--silent", "--pack-destination"]).arg(&folder).current_dir(project.npm_package());
    command::output_of(&mut pack)?;
    unpack(folder.join(format!("extracta-wasm-{}.tgz", project.version)), "package")
}

fn unpacked_crate(project: &Project) -> Result<PathBuf> {
    let target = project.scratch("packed-crate");
    let mut package = Command::new("cargo");
    package.args(["package", "--quiet", "--package=extracta-wasm", "--no-verify", "--allow-dirty", "--target-dir"]);
    command::output_of(package.arg(&target).current_dir(&project.root))?;
    let name = format!("extracta-wasm-{}", project.version);
    unpack(target.join("package").join(format!("{name}.crate")), &name)
}

/// Unpacks an archive beside itself; the folder in it.
fn unpack(archive: PathBuf, name: &str) -> Result<PathBuf> {
    let folder = archive.parent().context("the archive is in no folder")?.to_path_buf();
    let unpacked = folder.join(name);
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).with_context(|| format!("cannot empty {}", unpacked.display()))?;
    }
    command::output_of(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&folder))?;
    ensure!(unpacked.is_dir(), "{} holds no folder {name}", archive.display());
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Packed {
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Packed {
            versions: ["1.2.0".into(), "1.2.0".into()],
            npm_files: files(&[
                "LICENSE",
                "README.md",
                "package.json",
                "dist/index.js",
                "dist/index.d.ts",
                "docs/errors.md",
                "slim/package.json",
            ]),
            npm_entries: files(&[".", "slim"]),
            npm_targets: files(&["dist/index.js", "dist/index.d.ts", "package.json"]),
            crate_files:
                "Cargo.toml\nCargo.toml.orig\nCargo.lock\nLICENSE\npkg/crate/README.md\nsrc/lib.rs\nsrc/js/types.d.ts\n"
                    .into(),
            changelog: "# Changes\n\n## [1.2.0] - 2026-11-25\n\n- Faster.\n\n## [1.1.0] - 2026-10-01\n\n- First.\n"
                .into(),
            uncommitted: Vec::new(),
        }
    }

    fn one_obstacle(change: impl FnOnce(&mut Packed)) -> String {
        let mut packed = ready();
        change(&mut packed);
        let [obstacle] = &obstacles(&packed)[..] else { panic!("{:?}", obstacles(&packed)) };
        obstacle.clone()
    }

    #[test]
    fn nothing_stands_in_the_way_of_packages_that_are_as_they_must_be() {
        assert_eq!(obstacles(&ready()), [""; 0]);
    }

    #[test]
    fn both_packages_have_one_version() {
        let obstacle = one_obstacle(|packed| packed.versions[1] = "1.1.0".into());
        assert_eq!(obstacle, "Cargo.toml has version 1.2.0, pkg/npm/package.json 1.1.0. Make them the same.");
    }

    #[test]
    fn the_changelog_has_a_section_with_a_day_and_a_list() {
        let with = |from: &str, to: &str| one_obstacle(|packed| packed.changelog = packed.changelog.replace(from, to));
        assert!(with("[1.2.0]", "[1.3.0]").contains("no section `## [1.2.0]`. Write down"));
        assert!(with("2026-11-25", "unreleased").contains("Write `## [1.2.0] - YEAR-MONTH-DAY`"));
        assert!(with(" - 2026-11-25", "").contains("no day"));
        assert!(with("- Faster.", "").contains("says nothing of 1.2.0. List"));
    }

    #[test]
    fn the_npm_package_holds_what_it_names_and_nothing_else() {
        let lacks = one_obstacle(|packed| assert!(packed.npm_files.remove("dist/index.d.ts")));
        assert!(lacks.starts_with("The npm package lacks dist/index.d.ts. Run `cargo xtask build`"), "{lacks}");
        let lacks = one_obstacle(|packed| assert!(packed.npm_files.remove("README.md")));
        assert!(lacks.contains("lacks README.md"), "{lacks}");
        for surplus in ["src/index.js", "dist/index.js.map", ".npmrc", "src/package.json"] {
            let holds = one_obstacle(|packed| assert!(packed.npm_files.insert(surplus.into())));
            assert!(holds.contains(surplus) && holds.contains("Correct files"), "{holds}");
        }
    }

    #[test]
    fn the_crate_holds_its_sources_and_nothing_else() {
        let lacks = one_obstacle(|packed| packed.crate_files = packed.crate_files.replace("LICENSE\n", ""));
        assert_eq!(lacks, "The crate lacks LICENSE. Correct include in Cargo.toml.");
        let holds = one_obstacle(|packed| packed.crate_files.push_str("pkg/npm/package.json\n"));
        assert_eq!(holds, "The crate would hold pkg/npm/package.json. Correct include in Cargo.toml.");
    }

    #[test]
    fn what_is_not_committed_is_not_published() {
        let obstacle = one_obstacle(|packed| packed.uncommitted = vec!["src/lib.rs".into()]);
        assert_eq!(obstacle, "Not committed: src/lib.rs. Commit or remove it.");
    }
}
