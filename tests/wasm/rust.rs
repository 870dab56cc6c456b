//! The client as Rust callers have it: typed, awaited, iterated, and cancelled by dropping.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::support;
use extracta_wasm::{
    Batch, Classification, Client, ClientBuilder, Code, Error, EventKind, LocalFuture, Results, Status, TokenProvider,
};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::Value;
use support::fake_fetch::{DONE, FakeFetch, WAITING, json, never};
use support::standin::{FAST_INTERVAL_MS, Standin};
use support::{Tested, own_name, sleep, until};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&error.to_string())
}

fn at_standin(token: &str) -> ClientBuilder {
    let interval = Duration::from_millis(FAST_INTERVAL_MS.into());
    Client::builder().base_url(Standin::fast().base_url()).token(token).min_interval(interval)
}

fn of_fake(fake: &FakeFetch) -> ClientBuilder {
    let fetch = fake.function().unchecked_into();
    Client::builder().base_url(&fake.base_url).fetch(fetch).min_interval(Duration::from_millis(1))
}

fn extraction(batch_id: &str) -> Batch {
    Batch::extraction("-extraction", batch_id)
}

/// Whether a future can go where frameworks ask for one that is `Send`.
fn sent<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    future
}

/// Polls what `start` gives until the stand-in has answered three requests, drops it, and gives how many requests came in all.
async fn requests_of_one_dropped<R: Future>(start: impl FnOnce(Client) -> R) -> Result<usize, JsValue> {
    let token = own_name("dropped");
    let answered = Rc::new(Cell::new(0));
    let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
    let (counted, woken) = (answered.clone(), waker.clone());
    let client = at_standin(&token).on_event(move |event| {
        if matches!(event.kind, EventKind::Response { .. }) {
            counted.set(counted.get() + 1);
            if let Some(waker) = &*woken.borrow() {
                waker.wake_by_ref();
            }
        }
    });
    let mut running: Pin<Box<R>> = Box::pin(start(client.build().map_err(thrown)?));
    poll_fn(|context| {
        waker.replace(Some(context.waker().clone()));
        assert!(running.as_mut().poll(context).is_pending(), "it ended by itself");
        if answered.get() == 3 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    drop(running);
    sleep(10 * FAST_INTERVAL_MS).await;
    Ok(Standin::fast().arrivals(&token).await?.len())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn no_request_follows_once_a_poll_was_dropped_after_its_third() -> Tested {
    let requests =
        requests_of_one_dropped(|client| client.poll_until_done::<Value>(extraction("forever")).into_future());
    assert_eq!(requests.await?, 3);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn no_request_follows_once_a_watch_was_dropped_after_its_third() -> Tested {
    let requests = requests_of_one_dropped(|client| async move {
        let mut watch = client.watch::<Value>(extraction("forever"));
        while watch.next().await.is_some() {}
    });
    assert_eq!(requests.await?, 3);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn no_request_follows_once_many_polls_were_dropped_after_the_third() -> Tested {
    let requests = requests_of_one_dropped(|client| async move {
        let batches = ["forever", "waits-9", "waits-8"].map(extraction);
        let mut polls = client.poll_many::<Value>(batches)?;
        while polls.next().await.is_some() {}
        Ok::<_, Error>(())
    });
    assert_eq!(requests.await?, 3);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_dropped_call_aborts_its_request_and_gives_its_slot_back() -> Tested {
    let fake = FakeFetch::new(|request| if request.batch_id() == "done" { json(200, DONE) } else { never(request) });
    let client = of_fake(&fake).build().map_err(thrown)?;
    for drop_one in [true, false] {
        let count = fake.count();
        let mut single = Box::pin(client.get_results::<Value>(extraction("never")));
        let mut poll = client.poll_until_done::<Value>(extraction("never")).into_future();
        poll_fn(|context| {
            let ended = match drop_one {
                true => single.as_mut().poll(context).is_ready(),
                false => poll.as_mut().poll(context).is_ready(),
            };
            assert!(!ended);
            // The lane may open a moment later.
            if fake.count() > count { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let signal = fake.requests()[count].signal();
        assert!(!signal.aborted());
        drop((single, poll));
        assert!(signal.aborted());
        let results = sent(client.get_results::<Value>(extraction("done"))).await.map_err(thrown)?;
        assert!(results.done);
    }
    Ok(())
}

#[derive(Debug, Deserialize, PartialEq)]
struct Invoice {
    total: String,
}

const INVOICES: &str = r#"{"extractionId":"-e","batchId":"b","credits":3,"files":[
    {"fileId":"-f1","fileName":"one.pdf","status":"processed","result":{"total":"12.50","unknown":1},"pages":2},
    {"fileId":"-f2","fileName":"two.pdf","status":"failed","error":"blank"},
    {"fileId":"-f3","fileName":"three.pdf","status":"STATUS"}]}"#;

#[wasm_bindgen_test]
async fn results_are_read_into_the_callers_type_and_what_is_unknown_is_kept() -> Tested {
    let fake = FakeFetch::new(|request| {
        json(200, &INVOICES.replace("STATUS", if request.number < 2 { "reviewing" } else { "processed" }))
    });
    let client = of_fake(&fake).build().map_err(thrown)?;
    let first = client.get_results::<Invoice>(extraction("b")).await.map_err(thrown)?;
    assert!(!first.done);
    assert_eq!(first.files[2].status, Status::Other("reviewing".into()));
    let results: Results<Invoice> =
        sent(client.poll_until_done(extraction("b")).into_future()).await.map_err(thrown)?;
    let [one, two, three] = &results.files[..] else { return Err("three files".into()) };
    assert_eq!(one.result, Some(Invoice { total: "12.50".into() }));
    assert_eq!((&two.status, two.error.as_deref(), &two.result), (&Status::Failed, Some("blank"), &None));
    assert_eq!(three.status, Status::Processed);
    assert_eq!((&results.other["credits"], &one.other["pages"]), (&3.into(), &2.into()));

    let unfit = client.poll_until_done::<Vec<u32>>(extraction("b")).await.map(drop);
    let unfit = unfit.err().map(|error| (error.code(), error.to_string().contains("12.50")));
    assert_eq!(unfit, Some((Code::UnexpectedReply, false)), "what does not fit is not quoted");
    Ok(())
}

#[wasm_bindgen_test]
async fn a_classification_has_a_type_of_its_own() -> Tested {
    let fake = FakeFetch::new(|_| {
        let file = r#"{"fileId":"f","status":"processed","result":{"documentType":"Invoice","confidence":0.9}}"#;
        json(200, &format!(r#"{{"classificationId":"-c","batchId":"b","files":[{file}]}}"#))
    });
    let client = of_fake(&fake).build().map_err(thrown)?;
    let results = client.poll_until_done::<Classification>(Batch::classification("-c", "b")).await.map_err(thrown)?;
    let result = results.files[0].result.as_ref().map(|result| (result.document_type.as_str(), result.confidence));
    assert_eq!(result, Some(("Invoice", 0.9)));
    assert!(fake.requests()[0].url.as_string().is_some_and(|url| url.ends_with("/documentClassification/getResults")));
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_watch_streams_progress_with_each_new_file_once_and_ends() -> Tested {
    let client = at_standin(&own_name("rust-watch")).build().map_err(thrown)?;
    let mut watch = client.watch::<Value>(extraction("one-by-one"));
    let (mut files, mut attempts) = (Vec::new(), Vec::new());
    while let Some(progress) = watch.next().await {
        let progress = progress.map_err(thrown)?;
        attempts.push(progress.attempt);
        files.extend(progress.new_files.into_iter().filter_map(|file| file.file_id));
    }
    assert_eq!(files, (1..=5).map(|n| format!("-standin-file-{n:06}")).collect::<Vec<_>>());
    assert_eq!(attempts, [0, 1, 2, 3, 4, 5], "it begins with the place in line");
    assert!(watch.next().await.is_none(), "it stays at its end");
    Ok(())
}

#[wasm_bindgen_test]
async fn many_end_each_for_itself_and_their_order_is_that_of_their_ends() -> Tested {
    // Whoever is due first goes first: the late one may be asked for again before the others.
    let mut others = 0;
    let fake = FakeFetch::new(move |request| match request.batch_id().as_str() {
        "late" => json(200, if others < 2 { WAITING } else { DONE }),
        other => {
            others += 1;
            if other == "refused" { json(403, "{}") } else { json(200, DONE) }
        }
    });
    let client = of_fake(&fake).build().map_err(thrown)?;
    let polls = client.poll_many::<Value>(["late", "refused", "done"].map(extraction)).map_err(thrown)?;
    let ends: Vec<_> = polls
        .map(|settled| {
            (
                settled.batch.batch_id,
                settled.index,
                settled.result.map_err(|error| error.code()).map(|results| results.done),
            )
        })
        .collect()
        .await;
    let mut sorted = ends.clone();
    sorted.sort_by_key(|(_, index, _)| *index);
    assert_eq!(
        sorted,
        [
            ("late".to_owned(), 0, Ok(true)),
            ("refused".to_owned(), 1, Err(Code::Forbidden)),
            ("done".to_owned(), 2, Ok(true))
        ]
    );
    assert_eq!(ends.last().map(|(batch_id, ..)| batch_id.as_str()), Some("late"));
    Ok(())
}

#[wasm_bindgen_test]
async fn a_poll_that_ran_out_of_time_is_resumed_from_what_its_error_holds() -> Tested {
    let fake = FakeFetch::new(|request| json(200, if request.number < 3 { WAITING } else { DONE }));
    let client = of_fake(&fake).build().map_err(thrown)?;
    let poll = client.poll_until_done::<Value>(extraction("b")).interval(Duration::from_secs(3_600));
    let Err(error) = poll.timeout(Duration::from_millis(20)).await else { return Err("it should time out".into()) };
    assert_eq!(error.code(), Code::PollTimeout);
    let snapshot = error.snapshot().unwrap_or_default();
    let again = client.resume::<Value>(snapshot).interval(Duration::from_millis(1)).timeout(Duration::from_secs(60));
    assert!(again.await.map_err(thrown)?.done);
    Ok(())
}

#[wasm_bindgen_test]
async fn a_snapshot_is_gone_on_with_only_for_the_batch_that_is_asked_for() -> Tested {
    let fake = FakeFetch::new(|_| json(200, DONE));
    let client = of_fake(&fake).build().map_err(thrown)?;
    let batch = || extraction("b").file("f");
    let Some(snapshot) = client.watch::<Value>(batch()).snapshot() else { return Err("it has begun".into()) };
    for other in [
        extraction("b"),
        extraction("c").file("f"),
        extraction("b").file("g"),
        Batch::extraction("-other", "b").file("f"),
        Batch::classification("-extraction", "b").file("f"),
    ] {
        let Err(error) = client.resume::<Value>(&*snapshot).only_of(other.clone()).await else {
            return Err("it is of another batch".into());
        };
        assert_eq!((error.code(), error.batch()), (Code::InvalidSnapshot, Some(&other)));
        let first = client.resume::<Value>(&*snapshot).only_of(other).watch().next().await;
        assert_eq!(first.and_then(Result::err).map(|error| error.code()), Some(Code::InvalidSnapshot));
    }
    assert_eq!(fake.count(), 0, "nobody was asked");
    assert!(client.resume::<Value>(&*snapshot).only_of(batch()).await.map_err(thrown)?.done);
    let unreadable = client.resume::<Value>("{}").only_of(batch()).await;
    assert_eq!(unreadable.err().and_then(|error| error.batch_id().map(Into::into)), Some("b".to_owned()));
    Ok(())
}

/// The ids of an error, and whether it says where requests went.
fn ids(error: &Error) -> ([Option<&str>; 4], bool) {
    ([error.extraction_id(), error.classification_id(), error.batch_id(), error.file_id()], error.url().is_some())
}

#[wasm_bindgen_test]
async fn an_error_has_the_ids_of_its_call() -> Tested {
    let fake = FakeFetch::new(|request| match request.batch_id().as_str() {
        "refused" => json(403, "{}"),
        _ => json(200, DONE),
    });
    let client = of_fake(&fake).build().map_err(thrown)?;
    let refused = || extraction("refused").file("f");
    let of_extraction = [Some("-extraction"), None, Some("refused"), Some("f")];
    let of_classification = [None, Some("-c"), Some("refused"), None];

    let asked = client.get_results::<Value>(refused()).await.err();
    let polled = client.poll_until_done::<Value>(refused()).await.err();
    let mut watch = client.watch::<Value>(refused());
    let mut watched = None;
    while let Some(next) = watch.next().await {
        watched = next.err();
    }
    let many = client.poll_many::<Value>([refused()]).map_err(thrown)?.next().await.and_then(|one| one.result.err());
    for error in [asked, polled, watched, many] {
        let Some(error) = error else { return Err("it was refused".into()) };
        assert_eq!((error.code(), ids(&error)), (Code::Forbidden, (of_extraction, true)));
    }
    let error = client.poll_until_done::<Value>(Batch::classification("-c", "refused")).await.err();
    assert_eq!(error.as_ref().map(ids), Some((of_classification, true)));

    // What does not fit the caller's type, and options that cannot be.
    type Numbers = Vec<u32>;
    let batch = || Batch::classification("-c", "refused");
    let done = || extraction("done");
    let unfit = [
        client.get_results::<Numbers>(done()).await.err(),
        client.poll_until_done::<Numbers>(done()).await.err(),
        client.poll_many::<Numbers>([done()]).map_err(thrown)?.next().await.and_then(|one| one.result.err()),
    ];
    for error in unfit.iter().flatten() {
        assert_eq!((error.code(), error.batch_id()), (Code::UnexpectedReply, Some("done")));
    }
    let error = client.poll_until_done::<Value>(batch()).priority(-1.0).await.err();
    assert_eq!(
        error.as_ref().map(|error| (error.code(), ids(error).0)),
        Some((Code::InvalidOption, of_classification))
    );
    let nowhere = Client::builder().base_url("not a page here").build().map_err(thrown)?;
    if let Err(error) = nowhere.get_results::<Value>(batch()).await {
        assert_eq!(ids(&error).0, of_classification);
    }
    assert_eq!(ids(&Error::thrown("mine".into())), ([None; 4], false));
    Ok(())
}

/// A new key each time, the first of which is refused.
struct Keys(Rc<RefCell<Vec<bool>>>);

impl TokenProvider for Keys {
    fn token(&self, force_refresh: bool) -> LocalFuture<'_, Result<String, Error>> {
        Box::pin(async move {
            self.0.borrow_mut().push(force_refresh);
            match self.0.borrow().len() {
                3 => Err(Error::thrown("no more keys".into())),
                number => Ok(format!("key-{number}")),
            }
        })
    }
}

#[wasm_bindgen_test]
async fn a_token_provider_is_asked_before_each_request_and_its_error_ends_a_call_without_retries() -> Tested {
    let fake = FakeFetch::new(|request| match request.header("authorization").as_deref() {
        Some("Bearer key-1") => json(401, "{}"),
        _ => json(200, WAITING),
    });
    let asked: Rc<RefCell<Vec<bool>>> = Rc::default();
    let client = of_fake(&fake).token_provider(Keys(asked.clone())).build().map_err(thrown)?;
    let ended = client.poll_until_done::<Value>(extraction("b")).max_retries(0).await;
    assert_eq!(ended.err().map(|error| error.code()), Some(Code::Thrown));
    assert_eq!(*asked.borrow(), [false, true, false]);
    assert_eq!(fake.count(), 2);
    Ok(())
}

#[wasm_bindgen_test]
async fn closing_a_client_ends_the_calls_of_its_clones() -> Tested {
    let fake = FakeFetch::new(never);
    let client = of_fake(&fake).build().map_err(thrown)?;
    let mut watch = client.clone().watch::<Value>(extraction("b"));
    let handle = watch.handle();
    let reported: Rc<RefCell<Option<Code>>> = Rc::default();
    let reporting = reported.clone();
    wasm_bindgen_futures::spawn_local(async move {
        // Its place in line comes first.
        while let Some(next) = watch.next().await {
            if let Err(error) = next {
                reporting.replace(Some(error.code()));
            }
        }
    });
    until("the request", || fake.count() == 1).await;
    assert!(handle.snapshot().is_some_and(|snapshot| snapshot.contains("-extraction")));
    client.close();
    until("the end of the watch", || reported.borrow().is_some()).await;
    assert_eq!(*reported.borrow(), Some(Code::Closed));
    assert!(fake.requests()[0].signal().aborted());
    Ok(())
}
