//! The tables of docs/scaling.md: kept in the repository, and compared with what the simulator and the arithmetic give.

use std::fmt::Write;
use std::fs;

use simulation::any::{FLOOR_MS, PLAN, steady};
use simulation::random::Random;
use simulation::{End, Scenario, Script, Trace, run};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scaling.md");
const UPDATE: &str = "EXTRACTA_UPDATE_DOCS=1 cargo test --package=simulation --test=scaling";

/// From the start of one request to the start of the next: the floor, a millisecond, and the way there and back.
const SLOT_MS: f64 = FLOOR_MS + 1.0 + 40.0 + 60.0;
/// From the finish of a batch that is asked for in that moment to its notification.
const TOLD_MS: f64 = 60.0 + 5.0;

const LIVE: [u32; 4] = [1, 10, 100, 1_000];

fn on_lanes(scripts: Vec<Script>, lanes: usize, end_ms: f64) -> Trace {
    run(&Scenario { scripts, lanes, floor_ms: FLOOR_MS, end_ms, ..Scenario::default() })
}

/// How long a batch waits that finishes at any moment, among so many that go on: on average, and at the longest.
fn waits_in_turn(live: u32) -> (f64, f64) {
    let rounds = 2.5;
    let plan = extracta_wasm::core::poll::Plan { timeout_ms: f64::INFINITY, ..PLAN };
    let scripts = vec![Script { plan, ..steady(0.0, 0.0, f64::INFINITY) }; live as usize];
    let trace = on_lanes(scripts, 1, rounds * f64::from(live) * SLOT_MS);
    assert!(trace.floor_violations(FLOOR_MS).is_empty());
    let (mut squares, mut sum, mut longest) = (0.0, 0.0, 0.0_f64);
    for waiter in 0..live as usize {
        let arrivals: Vec<_> =
            trace.requests.iter().filter(|one| one.waiter == waiter).filter_map(|one| one.arrived_at).collect();
        assert!(arrivals.len() >= 2, "{waiter} of {live}: {} polls", arrivals.len());
        for (one, next) in arrivals.iter().zip(arrivals.iter().skip(1)) {
            let gap = next - one;
            squares += gap * gap;
            sum += gap;
            longest = longest.max(gap);
        }
    }
    // A long gap is met more often than a short one; in it, the mean wait is half of it.
    (squares / sum / 2.0 + TOLD_MS, longest + TOLD_MS)
}

/// What the client knows of a batch besides its ids.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    Nothing,
    /// How many files it has.
    Files,
    /// That it is finished, by a webhook.
    Finish,
}

/// Batches that begin at once, of 1 to 20 files, each file a few seconds: the mean delay of their notifications, and how many
/// requests a batch took.
fn burst(batches: u32, lanes: usize, known: Known) -> (f64, f64) {
    let seeds = (300 / batches).clamp(1, 30);
    let (mut delays, mut requests) = (0.0, 0);
    for seed in 0..seeds {
        let mut random = Random::new(u64::from(seed));
        let scripts: Vec<_> = (0..batches)
            .map(|nth| {
                let files = random.whole(1.0, 20.0);
                let lasts_ms = (10_000.0 + 3_000.0 * files) * random.between(0.5, 1.5);
                Script {
                    lane: nth as usize % lanes,
                    plan: extracta_wasm::core::poll::Plan { timeout_ms: f64::INFINITY, ..PLAN },
                    expected_files: if known == Known::Files { files } else { 0.0 },
                    nudges: if known == Known::Finish { vec![lasts_ms] } else { Vec::new() },
                    ..steady(0.0, files, lasts_ms)
                }
            })
            .collect();
        let finishes: Vec<_> = scripts.iter().map(|script| script.lasts_ms).collect();
        let trace = on_lanes(scripts, lanes, f64::INFINITY);
        assert!(trace.floor_violations(FLOOR_MS).is_empty());
        assert!(trace.lives.iter().all(|life| life.end == End::Finished));
        delays += trace.lives.iter().zip(finishes).map(|(life, finish)| life.ended_at - finish).sum::<f64>();
        requests += trace.requests.len();
    }
    let reported = f64::from(seeds * batches);
    (delays / reported, requests as f64 / reported)
}

fn seconds(ms: f64) -> String {
    let seconds = ms / 1_000.0;
    if seconds < 100.0 { format!("{seconds:.1} s") } else { format!("{} s", grouped(seconds)) }
}

/// A whole number, a space between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn delays() -> String {
    let mut table =
        "| batches at once | lanes | no hints | with `expectedFiles` | with webhooks | requests a batch |\n\
        |--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    let loads = LIVE.map(|batches| (batches, 1)).into_iter().chain([(1_000, 10), (1_000, 100)]);
    for (batches, lanes) in loads {
        let [nothing, files, finish] = std::thread::scope(|scope| {
            [Known::Nothing, Known::Files, Known::Finish]
                .map(|known| scope.spawn(move || burst(batches, lanes, known)))
                .map(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let _ = writeln!(
            table,
            "| {} | {lanes} | {} | {} | {} | {:.1} |",
            grouped(f64::from(batches)),
            seconds(nothing.0),
            seconds(files.0),
            seconds(finish.0),
            nothing.1
        );
    }
    table
}

fn turns() -> String {
    let mut table = "| live batches | a round, N × s | mean wait, N × s ÷ 2 | simulated | longest, simulated |\n\
        |--:|--:|--:|--:|--:|\n"
        .to_owned();
    for live in LIVE {
        let round_ms = f64::from(live) * SLOT_MS;
        let (mean, longest) = waits_in_turn(live);
        // The formula leaves out how the answer comes back.
        assert!((mean - TOLD_MS - round_ms / 2.0).abs() <= 0.01 * round_ms, "{live}: {mean} ms");
        assert!(longest <= 1.01 * round_ms + TOLD_MS, "{live}: {longest} ms");
        let cells = [round_ms, round_ms / 2.0, mean, longest].map(seconds).join(" | ");
        let _ = writeln!(table, "| {} | {cells} |", grouped(f64::from(live)));
    }
    table
}

/// Something that is billed: what a month includes, and what a million more cost, in dollars.
struct Price {
    name: &'static str,
    included: f64,
    per_million: f64,
}

/// Of the Workers Paid plan, as Cloudflare published them in the copies at hand in November 2026.
const PLAN_PRICE: f64 = 5.0;
const REQUESTS: Price = Price { name: "requests to objects, alarms included", included: 1e6, per_million: 0.15 };
const DURATION: Price = Price { name: "GB-s of duration", included: 400e3, per_million: 12.5 };
const ROWS: Price = Price { name: "rows written", included: 50e6, per_million: 1.0 };

/// What a poll, a batch and an alarm take, counted in the code and in workerd.
const ROWS_A_POLL: f64 = 4.0;
const ROWS_A_BATCH: f64 = 13.0;
const ROWS_AN_ALARM: f64 = 2.0;
const LANE_CALLS_A_POLL: f64 = 3.0;
const ALARM_LASTS_S: f64 = 30.0;
const OBJECT_GB: f64 = 0.128;

const MONTH_S: f64 = 30.0 * 86_400.0;
const BATCHES_A_DAY: f64 = 1_000.0;

impl Price {
    fn of(&self, used: f64) -> f64 {
        (used - self.included).max(0.0) / 1e6 * self.per_million
    }
}

fn prices() -> String {
    let mut table = "| what | included a month | a million more |\n|---|--:|--:|\n".to_owned();
    for price in [REQUESTS, DURATION, ROWS] {
        let _ = writeln!(table, "| {} | {} | ${:.2} |", price.name, grouped(price.included), price.per_million);
    }
    table
}

fn costs() -> String {
    let mut table = "| accounts | lane object | polls | requests to objects | GB-s | rows written | a month |\n\
        |--:|---|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for (accounts, lane_object) in [(1, false), (10, false), (10, true), (100, false), (100, true), (1_000, true)] {
        let accounts = f64::from(accounts);
        let busy_s = accounts * MONTH_S;
        let (polls, alarms) = (busy_s * 1_000.0 / SLOT_MS, busy_s / ALARM_LASTS_S);
        let batches = accounts * BATCHES_A_DAY * 30.0;
        let lane_calls = if lane_object { LANE_CALLS_A_POLL * polls } else { 0.0 };
        let requests = alarms + batches + lane_calls;
        let duration = busy_s * OBJECT_GB;
        let rows = ROWS_A_POLL * polls + ROWS_A_BATCH * batches + ROWS_AN_ALARM * alarms + lane_calls;
        let cost = PLAN_PRICE + REQUESTS.of(requests) + DURATION.of(duration) + ROWS.of(rows);
        let cells = [polls, requests, duration, rows].map(|number| format!("{:.2} M", number / 1e6)).join(" | ");
        let shares = if lane_object { "yes" } else { "no" };
        let _ = writeln!(table, "| {} | {shares} | {cells} | ${} |", grouped(accounts), grouped(cost));
    }
    table
}

#[test]
fn the_page_keeps_what_came_out() {
    let mut page = fs::read_to_string(PAGE).unwrap();
    let kept = page.clone();
    let turns = std::thread::spawn(turns);
    let delays = delays();
    let tables = [("turns", turns.join().unwrap()), ("delays", delays), ("prices", prices()), ("costs", costs())];
    for (name, table) in tables {
        let (begin, end) =
            (format!("<!-- {name}: written by the test, {UPDATE} -->"), format!("<!-- end of {name} -->"));
        let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("docs/scaling.md lacks {begin}"));
        let (_, behind) = rest.split_once(&end).unwrap_or_else(|| panic!("docs/scaling.md lacks {end}"));
        page = format!("{before}{begin}\n\n{table}\n{end}{behind}");
    }
    if std::env::var_os("EXTRACTA_UPDATE_DOCS").is_some() {
        fs::write(PAGE, page).unwrap();
    } else {
        assert_eq!(kept, page, "run {UPDATE} to keep what came out this time");
    }
}

/// The figures of the page's sentences.
#[test]
fn a_lane_carries_so_many_requests_an_hour_and_an_object_so_many_accounts() {
    assert_eq!((3_600_000.0 / SLOT_MS).floor(), 1_713.0);
    let calls_a_second = LANE_CALLS_A_POLL * 1_000.0 / SLOT_MS;
    assert!((1.42..1.44).contains(&calls_a_second), "{calls_a_second}");
    assert!(1_000.0 * calls_a_second > 1_000.0, "a thousand accounts are too many for one object");
    assert_eq!((1_000.0 / calls_a_second).floor(), 700.0);
}
