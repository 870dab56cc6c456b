//! The picture in README.md: three loops that know nothing of one another, and three polls of one client, as the server sees
//! them. Kept in the repository, and compared with what the simulator gives.

use std::fmt::Write;
use std::fs;

use simulation::any::{FLOOR_MS, steady};
use simulation::{End, Scenario, Script, run};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pacing.svg");
const UPDATE: &str = "EXTRACTA_UPDATE_DOCS=1 cargo test --package=simulation --test=picture";

const SHOWN_MS: f64 = 18_000.0;
const THERE_MS: f64 = 40.0;
const BACK_MS: f64 = 60.0;
/// When each caller begins, and how long after that its batch is finished.
const BATCHES: [(f64, f64); 3] = [(0.0, 6_500.0), (600.0, 9_000.0), (1_300.0, 13_500.0)];

/// Light and dark backgrounds both show these.
const COLOURS: [&str; 3] = ["#0b6e4f", "#1f5fae", "#b26a00"];
const TOO_SOON: &str = "#d1242f";
const TEXT: &str = "#7d8590";
const LEFT: f64 = 20.0;
const RIGHT: f64 = 740.0;
const WIDTH: f64 = 760.0;

/// A request: when it arrived, and whose it was.
type Arrival = (f64, usize);

/// A request, 2 seconds, the next: until the batch is finished.
fn loops() -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    for (who, (begins_at, lasts_ms)) in BATCHES.into_iter().enumerate() {
        let mut starts_at = begins_at;
        loop {
            arrivals.push((starts_at + THERE_MS, who));
            if starts_at + THERE_MS >= begins_at + lasts_ms {
                break;
            }
            starts_at += THERE_MS + BACK_MS + FLOOR_MS;
        }
    }
    arrivals.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    arrivals
}

fn polls() -> Vec<Arrival> {
    let scripts = BATCHES.map(|(begins_at, lasts_ms)| Script {
        there_ms: THERE_MS,
        back_ms: BACK_MS,
        ..steady(begins_at, 5.0, lasts_ms)
    });
    let scenario = Scenario {
        scripts: scripts.into(),
        lanes: 1,
        floor_ms: FLOOR_MS,
        end_ms: f64::INFINITY,
        ..Scenario::default()
    };
    let trace = run(&scenario);
    assert!(trace.lives.iter().all(|life| life.end == End::Finished));
    trace.requests.iter().filter_map(|request| Some((request.arrived_at?, request.waiter))).collect()
}

/// Which come less than 2 seconds after the one before.
fn too_soon(arrivals: &[Arrival]) -> Vec<bool> {
    let gaps = arrivals.windows(2).map(|pair| matches!(pair, [one, next] if next.0 - one.0 < FLOOR_MS));
    std::iter::once(false).chain(gaps).collect()
}

fn track(svg: &mut String, y: f64, title: &str, arrivals: &[Arrival]) {
    let soon = too_soon(arrivals);
    let count = soon.iter().filter(|soon| **soon).count();
    let judged = if count == 0 { "none too soon".to_owned() } else { format!("{count} too soon: answered with 429") };
    let x = |ms: f64| LEFT + ms / SHOWN_MS * (RIGHT - LEFT);
    let _ = writeln!(
        svg,
        r#"<text x="{LEFT}" y="{}"><tspan font-weight="600">{title}</tspan>: {} requests, {judged}</text>"#,
        y - 22.0,
        arrivals.len()
    );
    let _ = writeln!(svg, r#"<line x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}" stroke="{TEXT}"/>"#);
    for ((at, who), soon) in arrivals.iter().zip(soon) {
        let Some(colour) = COLOURS.get(*who) else { continue };
        let _ = writeln!(svg, r#"<circle cx="{:.1}" cy="{y}" r="6" fill="{colour}"/>"#, x(*at));
        if soon {
            let _ = writeln!(
                svg,
                r#"<circle cx="{:.1}" cy="{y}" r="9" fill="none" stroke="{TOO_SOON}" stroke-width="2"/>"#,
                x(*at)
            );
        }
    }
}

fn picture() -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 168\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"{TEXT}\">\n"
    );
    let _ = writeln!(svg, "<title>Requests for three batches, as the server sees them</title>");
    track(&mut svg, 48.0, "Three loops with fetch", &loops());
    track(&mut svg, 122.0, "Three polls with extracta-wasm", &polls());
    for second in (0..=SHOWN_MS as u32 / 1_000).step_by(2) {
        let x = LEFT + f64::from(second) * 1_000.0 / SHOWN_MS * (RIGHT - LEFT);
        let _ = writeln!(svg, r#"<text x="{x:.1}" y="152" text-anchor="middle" font-size="11">{second} s</text>"#);
    }
    svg.push_str("</svg>\n");
    svg
}

#[test]
fn the_picture_in_the_readme_is_what_the_simulator_gives() {
    let drawn = picture();
    if std::env::var_os("EXTRACTA_UPDATE_DOCS").is_some() {
        fs::write(PICTURE, &drawn).unwrap();
    }
    let kept = fs::read_to_string(PICTURE).unwrap_or_default();
    assert!(kept == drawn, "docs/pacing.svg is stale: {UPDATE}");
}

#[test]
fn the_loops_come_too_soon_and_the_polls_do_not() {
    assert!(too_soon(&loops()).iter().filter(|soon| **soon).count() > 5);
    assert!(too_soon(&polls()).iter().all(|soon| !soon));
}
