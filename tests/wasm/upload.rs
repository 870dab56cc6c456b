//! Uploads as Rust callers have them: files of bytes, of blobs and of streams, sent once.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use crate::support;
use extracta_wasm::{Client, Code, Error, ExtractProgress, Results, Target, UploadFile};
use serde::Deserialize;
use serde_json::Value;
use support::standin::{FAST_INTERVAL_MS, Standin};
use support::{Tested, own_name, sleep};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

const HEBREW: &str = "חשבונית \"מס׳ 7\".pdf";

fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&error.to_string())
}

fn client(token: &str) -> Result<Client, JsValue> {
    let interval = Duration::from_millis(FAST_INTERVAL_MS.into());
    let client = Client::builder().base_url(Standin::fast().base_url()).token(token).min_interval(interval);
    client.build().map_err(thrown)
}

fn pdf() -> UploadFile {
    UploadFile::bytes("a.pdf", vec![7; 5_000])
}

fn blob(bytes: &[u8]) -> Result<web_sys::Blob, JsValue> {
    web_sys::Blob::new_with_u8_array_sequence(&js_sys::Array::of1(&js_sys::Uint8Array::from(bytes)))
}

async fn sent(token: &str) -> Result<Vec<Vec<(String, u32)>>, JsValue> {
    let uploads = Standin::fast().uploads(token).await?;
    let files = |upload: support::standin::Upload| {
        upload.files.into_iter().map(|file| (file.file_name, file.bytes)).collect::<Vec<_>>()
    };
    Ok(uploads.into_iter().map(files).collect())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn files_are_uploaded_once_and_what_comes_of_it_is_a_batch_to_poll() -> Tested {
    let token = own_name("upload");
    let client = client(&token)?;
    let blob = blob(b"document")?;
    let stream = support::member(&blob, "stream").unchecked_into::<js_sys::Function>().call0(&blob)?;
    let files = [pdf(), UploadFile::js(HEBREW, blob), UploadFile::js("stream.pdf", stream)];
    let uploaded = client.upload_files(Target::extraction("-e"), files).await.map_err(thrown)?;
    assert_eq!((uploaded.files, &uploaded.reply["status"]), (3, &"uploaded".into()));
    let results = client.poll_until_done::<Value>(&uploaded).await.map_err(thrown)?;
    let names: Vec<_> = results.files.iter().filter_map(|file| file.file_name.as_deref()).collect();
    assert_eq!(names, ["a.pdf", HEBREW, "stream.pdf"]);

    // One more joins the batch.
    let target = Target::extraction("-e").batch(uploaded.batch.batch_id.clone());
    let more = client.upload_files(target, [pdf()]).await.map_err(thrown)?;
    assert_eq!(more.batch, uploaded.batch);
    let expected =
        [vec![("a.pdf".into(), 5_000), (HEBREW.into(), 8), ("stream.pdf".into(), 8)], vec![("a.pdf".into(), 5_000)]];
    assert_eq!(sent(&token).await?, expected);
    Ok(())
}

#[derive(Debug, Deserialize, PartialEq)]
struct Invoice {
    total: String,
}

/// From a file to its fields, as a newcomer writes it.
async fn totals(client: &Client, pdf: Vec<u8>) -> Result<Vec<String>, Error> {
    let files = [UploadFile::bytes("invoice.pdf", pdf)];
    let results = client.extract::<Invoice>(Target::extraction("-OInvoices"), files).await?;
    Ok(results.files.into_iter().filter_map(|file| file.result).map(|invoice| invoice.total).collect())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn the_whole_job_takes_a_few_lines() -> Tested {
    assert_eq!(totals(&client(&own_name("lines"))?, vec![1]).await.map_err(thrown)?, ["25.50"]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn progress_covers_the_upload_and_the_poll() -> Tested {
    let client = client(&own_name("progress"))?;
    let reported: Rc<RefCell<Vec<String>>> = Rc::default();
    let reporting = reported.clone();
    let results: Results<_> = client
        .classify(Target::classification("-c"), [pdf(), pdf()])
        .polling(|poll| poll.timeout(Duration::from_secs(60)))
        .on_progress(move |progress| {
            reporting.borrow_mut().push(match progress {
                ExtractProgress::Upload(upload) => format!("{} of {:?}", upload.sent_bytes, upload.total_bytes),
                ExtractProgress::Results(progress) => {
                    format!("poll {}, {} files", progress.attempt, progress.counts.total)
                }
                _ => String::new(),
            });
        })
        .await
        .map_err(thrown)?;
    assert_eq!(results.files[0].result.as_ref().map(|result| result.document_type.as_str()), Some("other"));
    let reported = reported.borrow();
    assert_eq!(reported[..3], ["0 of Some(10000.0)", "10000 of Some(10000.0)", "poll 0, 2 files"]);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_failure_says_whether_the_files_may_have_arrived() -> Tested {
    let token = own_name("failures");
    let client = client(&token)?;
    for (script, code, may_have_arrived) in [
        ("upload-http-503", Code::Server, true),
        ("upload-http-413", Code::BadRequest, false),
        ("upload-no-batch", Code::UnexpectedReply, true),
    ] {
        let Err(error) = client.upload_files(Target::extraction(script), [pdf()]).await else {
            return Err(script.into());
        };
        assert_eq!((error.code(), error.files_may_have_arrived()), (code, Some(may_have_arrived)), "{error}");
        assert!(!error.is_retryable() && error.batch().is_none(), "{error}");
    }
    let late = client.upload_files(Target::extraction("upload-never"), [pdf()]).timeout(Duration::from_millis(300));
    assert_eq!(late.await.err().map(|error| error.code()), Some(Code::RequestTimeout));

    let poll = client
        .extract::<Value>(Target::extraction("-e"), [pdf()])
        .polling(|poll| poll.timeout(Duration::from_millis(20)));
    let Err(error) = poll.await else { return Err("it should time out".into()) };
    assert_eq!(
        (error.code(), error.files_may_have_arrived(), error.is_retryable()),
        (Code::PollTimeout, Some(true), false)
    );
    let batch = error.batch().cloned().ok_or("the error has the batch")?;
    assert!(client.poll_until_done::<Value>(batch).await.map_err(thrown)?.done);
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn what_cannot_be_uploaded_is_said_before_anything_is_sent() -> Tested {
    let token = own_name("unfit");
    let client = client(&token)?;
    let nothing = client.upload_files(Target::extraction("-e"), []).await.err();
    let empty = client.upload_files(Target::extraction("-e"), [UploadFile::bytes("a.pdf", [])]).await.err();
    let other = client.extract::<Value>(Target::classification("-c"), [pdf()]).await.err();
    let options = [nothing, empty, other].map(|error| error.and_then(|error| error.option().map(str::to_owned)));
    assert_eq!(options.map(Option::unwrap_or_default), ["files", "files", "target"]);
    assert!(sent(&token).await?.is_empty());
    Ok(())
}

#[wasm_bindgen_test]
#[ignore = "needs the stand-in: cargo xtask test"]
async fn a_dropped_upload_is_aborted() -> Tested {
    let token = own_name("dropped");
    let client = client(&token)?;
    let mut upload = Box::pin(client.extract::<Value>(Target::extraction("upload-never"), [pdf()]).into_future());
    loop {
        poll_fn(|context| {
            assert!(upload.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        let uploads = Standin::fast().uploads(&token).await?;
        if uploads.iter().any(|upload| upload.is_complete && upload.batch_id.is_some()) {
            break;
        }
        sleep(5).await;
    }
    drop(upload);
    sleep(10 * FAST_INTERVAL_MS).await;
    let uploads = Standin::fast().uploads(&token).await?;
    assert_eq!(uploads.len(), 1);
    assert!(uploads[0].batch_id.is_some());
    assert_eq!(Standin::fast().arrivals(&token).await?.len(), 1, "no poll follows");
    Ok(())
}
