//! Many visitors of one account, through a proxy that holds their requests.

// Outside the tests themselves, too, a wrong place is a mistake to stop at.
#![allow(clippy::indexing_slicing, clippy::panic)]

use std::fs;

use proptest::prelude::*;
use simulation::random::Random;
use simulation::visits::{Asks, Batch, FLOOR_MS, HOLD_MS, Visit, Visited, clairvoyant, visited};

const END_MS: f64 = 7_200_000.0;

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

fn percentile(numbers: &[f64], share: f64) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn assert_spaced(run: &Visited) {
    for pair in run.starts.windows(2) {
        assert!(pair[1] - pair[0] >= FLOOR_MS, "{pair:?}");
    }
}

/// Durations as the client guesses them: around 6 s and 3 s for each file, with a long tail.
fn drawn(random: &mut Random, begins_at: f64, files: f64) -> Batch {
    let medians = (1.0 / random.between(0.02, 0.98) - 1.0).powf(1.0 / 3.0);
    Batch { begins_at, files, lasts_ms: (6_000.0 + 3_000.0 * files) * medians }
}

fn visit(visitor: u64, batch: usize, from: f64) -> Visit {
    Visit { visitor, batch, from, vanishes_at: f64::INFINITY, asks: Asks::OnChange }
}

/// From the finish of each visit's batch, or its own beginning, to its answer, in seconds.
fn delays(run: &Visited, batches: &[Batch], visits: &[Visit]) -> Vec<f64> {
    let answered = run.known.iter().zip(visits).enumerate();
    answered
        .map(|(nth, (known, visit))| {
            let reported_at = known.reported_at.unwrap_or_else(|| panic!("visit {nth} never got an answer"));
            (reported_at - batches[visit.batch].finished_at().max(visit.from)) / 1_000.0
        })
        .collect()
}

fn any_visits() -> impl Strategy<Value = (Vec<Batch>, Vec<Visit>)> {
    let batch = (0.0..30_000.0_f64, 1.0..20.0_f64, 1_000.0..60_000.0_f64)
        .prop_map(|(begins_at, files, lasts_ms)| Batch { begins_at, files: files.floor(), lasts_ms });
    let visit =
        (0..8_u64, 0..100_usize, 0.0..60_000.0_f64, prop::option::weighted(0.3, 0.0..90_000.0_f64), any::<bool>());
    (prop::collection::vec(batch, 1..25), prop::collection::vec(visit, 1..60)).prop_map(|(batches, visits)| {
        let count = batches.len();
        let visits = visits.into_iter().map(|(visitor, batch, from, vanishes_at, often)| Visit {
            visitor: visitor + 1,
            batch: batch % count,
            from,
            vanishes_at: vanishes_at.unwrap_or(f64::INFINITY),
            asks: if often { Asks::OftenAs } else { Asks::OnChange },
        });
        (batches, visits.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whoever comes, stays or vanishes: the floor holds, all who stay get an answer, and no slot is lost while anybody asks.
    #[test]
    fn everybody_who_stays_gets_an_answer_and_no_slot_idles((batches, visits) in any_visits()) {
        let run = visited(&batches, &visits, END_MS);
        assert_spaced(&run);
        for (known, visit) in run.known.iter().zip(&visits) {
            prop_assert!(known.reported_at.is_some() || visit.vanishes_at.is_finite(), "{:?}", visit);
        }
        // One that vanished is waited for once, a grace long; those it led follow.
        let gone = visits.iter().filter(|visit| visit.vanishes_at.is_finite()).count() as f64;
        for idle_ms in &run.idle_ms {
            prop_assert!(*idle_ms <= 500.0 + 50.0 * gone, "{} ms", idle_ms);
        }
    }

    /// Where nothing tells that a batch cannot have finished, nobody has more of the lane than another, however many batches it has.
    #[test]
    fn visitors_share_the_lane_evenly(counts in prop::collection::vec(1..40_usize, 2..6)) {
        let mut visits = Vec::new();
        for (visitor, count) in counts.iter().enumerate() {
            for _ in 0..*count {
                visits.push(visit(visitor as u64 + 1, visits.len(), 0.0));
            }
        }
        let batches = vec![Batch { begins_at: 0.0, files: 1.0, lasts_ms: f64::INFINITY }; visits.len()];
        let end_ms = 900_000.0;
        let run = visited(&batches, &visits, end_ms);
        let served: Vec<usize> = (0..counts.len())
            .map(|one| {
                let own = run.known.iter().zip(&visits).filter(|(_, visit)| visit.visitor == one as u64 + 1);
                own.map(|(known, _)| known.slots_waited.len()).sum()
            })
            .collect();
        let (least, most) = (served.iter().min().unwrap(), served.iter().max().unwrap());
        // At the end of each hold a visitor is away for a moment, and may miss a slot.
        let missed = (end_ms / HOLD_MS) as usize;
        prop_assert!(most - least <= 4 + missed, "{:?} of {:?}", served, counts);
    }
}

#[test]
fn a_hundred_visitors_of_one_batch_make_the_requests_of_one() {
    let batches = [Batch { begins_at: 0.0, files: 6.0, lasts_ms: 42_000.0 }];
    let alone = visited(&batches, &[visit(1, 0, 0.0)], END_MS);
    let crowd: Vec<_> = (0..100).map(|nth| visit(nth + 1, 0, nth as f64 * 7.0)).collect();
    let run = visited(&batches, &crowd, END_MS);
    assert!(run.starts.len() <= alone.starts.len() + 1, "{} and {}", run.starts.len(), alone.starts.len());
}

#[test]
fn one_with_five_hundred_batches_costs_ten_modest_ones_three_slots_and_the_whole_little() {
    let mut totals = [0.0, 0.0];
    let mut waited = Vec::new();
    for seed in 0..3 {
        let mut random = Random::new(seed);
        let mut batches: Vec<_> = (0..500)
            .map(|_| {
                let files = random.whole(1.0, 20.0);
                drawn(&mut random, 0.0, files)
            })
            .collect();
        batches.extend((0..10).map(|nth| {
            let files = random.whole(1.0, 5.0);
            drawn(&mut random, 60_000.0 * f64::from(nth), files)
        }));
        let visits = |is_fair: bool| -> Vec<_> {
            let one = |batch: usize| if batch < 500 || !is_fair { 1 } else { batch as u64 };
            (0..510).map(|batch| visit(one(batch), batch, batches[batch].begins_at)).collect()
        };
        for (total, is_fair) in totals.iter_mut().zip([true, false]) {
            let visits = visits(is_fair);
            let run = visited(&batches, &visits, END_MS);
            assert_spaced(&run);
            *total += mean(&delays(&run, &batches, &visits));
            if is_fair {
                waited.extend(
                    run.known[500..].iter().flat_map(|known| known.slots_waited.iter().map(|slots| f64::from(*slots))),
                );
            }
        }
    }
    let (slots, whole) = (mean(&waited), totals[0] / totals[1]);
    println!(
        "modest: {slots:.2} slots on average, at most {:.0}; the whole: {whole:.3} of expected delay alone",
        percentile(&waited, 1.0)
    );
    assert!(slots <= 3.0, "{slots} slots");
    assert!(whole <= 1.05, "{whole}");
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/proxy.md");
const MARKS: [&str; 2] = ["<!-- simulated -->\n", "<!-- /simulated -->"];
const UPDATE: &str = "EXTRACTA_UPDATE_DOCS=1 cargo test --package=simulation --test=visits";
const SEEDS: u32 = 3;

/// 200 batches, 1 000 visitors: how they ask, and what it comes to.
fn row(name: &str, asks: Asks) -> String {
    let (mut ours, mut upstream, mut requests) = (Vec::new(), 0, 0);
    for seed in 0..SEEDS {
        let (batches, visits) = crowd(seed, asks);
        let run = visited(&batches, &visits, END_MS);
        assert_spaced(&run);
        ours.extend(delays(&run, &batches, &visits));
        upstream += run.starts.len() as u32;
        requests += run.known.iter().map(|known| known.requests).sum::<u32>();
    }
    let each = f64::from(requests) / f64::from(SEEDS * 1_000);
    format!("| {name} | {} | {each:.1} | {:.1} s | {:.1} s |\n", upstream / SEEDS, mean(&ours), percentile(&ours, 0.95))
}

fn crowd(seed: u32, asks: Asks) -> (Vec<Batch>, Vec<Visit>) {
    let mut random = Random::new(seed.into());
    let batches: Vec<_> = (0..200)
        .map(|_| {
            let (begins_at, files) = (random.between(0.0, 1_200_000.0), random.whole(1.0, 20.0));
            drawn(&mut random, begins_at, files)
        })
        .collect();
    let visits = (0..1_000)
        .map(|nth: usize| {
            let from = batches[nth % 200].begins_at + random.between(0.0, 5_000.0);
            Visit { asks, ..visit(nth as u64 + 1, nth % 200, from) }
        })
        .collect();
    (batches, visits)
}

#[test]
fn the_page_says_what_a_thousand_visitors_of_two_hundred_batches_come_to() {
    let mut best = Vec::new();
    for seed in 0..SEEDS {
        let (batches, _) = crowd(seed, Asks::OnChange);
        let known = clairvoyant(&batches);
        best.extend(known.iter().zip(&batches).map(|(known, batch)| (known - batch.finished_at()) / 1_000.0));
    }
    let table = [
        "| visitors send requests | requests to the API | from each visitor | done to known, mean | p95 |\n|---|--:|--:|--:|--:|\n".to_owned(),
        row("on each change, with `Prefer`", Asks::OnChange),
        row("every 2 seconds, without", Asks::OftenAs),
        format!("| clairvoyant | 200 | 1.0 | {:.1} s | {:.1} s |\n", mean(&best), percentile(&best, 0.95)),
    ]
    .concat();
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(MARKS[0]).unwrap();
    let (_, behind) = rest.split_once(MARKS[1]).unwrap();
    let fresh = [before, MARKS[0], &table, MARKS[1], behind].concat();
    if std::env::var_os("EXTRACTA_UPDATE_DOCS").is_some() {
        fs::write(PAGE, fresh).unwrap();
    } else {
        assert_eq!(page, fresh, "docs/proxy.md is stale: {UPDATE}");
    }
}
