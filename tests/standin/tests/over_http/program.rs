//! The program: its first line, its help, its folders, and what it says when a port is taken.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::support::{EXTRACTION, TestClient};
use standin::{Config, Mount, Server, scripts};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_standin"))
}

#[test]
fn help_lists_every_batch_and_says_it_is_a_stand_in() {
    let output = program().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("NOT the Extracta.ai service"));
    for script in scripts::TABLE {
        let listed = |line: &str| line.trim_start().starts_with(script.name) && line.ends_with(script.about);
        assert_eq!(help.lines().filter(|line| listed(line)).count(), 1, "{}", script.name);
    }
    assert!(scripts::TABLE.len() >= 50);
}

#[test]
fn the_first_line_names_the_address_and_the_program_stops_when_told() {
    let mut child = program().args(["--port", "0", "--exit-after", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let port = first.strip_prefix("standin listening on http://127.0.0.1:").unwrap();
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    assert!(lines.any(|line| line.contains("not the Extracta.ai service")));
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_taken_port_is_named_with_the_way_out() {
    let server = Server::start_blocking(Config::default()).unwrap();
    let output = program().args(["--port", &server.address().port().to_string()]).output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("--port"));
}

#[test]
fn a_folder_that_is_not_there_or_in_the_way_is_refused() {
    for wrong in ["no-such-folder", "src=pkg/../..=nowhere", "src=/api", "src=/_standin/x", "src=//"] {
        assert!(wrong.parse::<Mount>().is_err(), "{wrong}");
    }
    assert_eq!("src".parse::<Mount>().unwrap(), Mount::new("src", "/").unwrap());
    let twice = Config { serve: vec![Mount::new("src", "/a").unwrap(); 2], ..Config::default() };
    assert!(Server::start_blocking(twice).is_err());
}

#[tokio::test]
async fn folders_are_served_with_the_right_types_beside_the_api() {
    let root = std::env::temp_dir().join(format!("standin-{}", std::process::id()));
    let (demo, package) = (root.join("demo"), root.join("package"));
    for folder in [&demo, &package] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(demo.join("index.html"), "<p>demo").unwrap();
    for name in ["a.js", "a.mjs", "a.css", "a.wasm"] {
        std::fs::write(package.join(name), "x").unwrap();
    }
    let serve = vec![Mount::new(&demo, "/").unwrap(), Mount::new(&package, "/pkg").unwrap()];
    let client = TestClient::with(Config { serve, ..Config::default() }).await;
    let get = async |path: &str| {
        let answer = client.http.get(format!("{}{path}", client.server.url())).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.text().await.unwrap())
    };
    assert_eq!(get("/").await, (200, "text/html".to_owned(), "<p>demo".to_owned()));
    for (name, kind) in [
        ("a.js", "text/javascript"),
        ("a.mjs", "application/javascript"),
        ("a.css", "text/css"),
        ("a.wasm", "application/wasm"),
    ] {
        let (status, found, _) = get(&format!("/pkg/{name}")).await;
        assert_eq!((status, found.as_str()), (200, kind), "{name}");
    }
    for path in ["/nothing", "/pkg/nothing"] {
        let (status, _, page) = get(path).await;
        assert_eq!((status, page.contains(&format!("<pre>Cannot GET {path}</pre>"))), (404, true), "{page}");
    }
    assert_eq!(client.poll(EXTRACTION, "done").await.status(), 200);
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn an_unknown_route_is_answered_as_express_does() {
    let client = TestClient::without_floor().await;
    let url = client.server.url();
    for (request, said) in [
        (client.http.post(format!("{url}/v1/getBatchResults")), "Cannot POST /v1/getBatchResults"),
        (client.http.get(format!("{url}/api/v1/getBatchResults")), "Cannot GET /api/v1/getBatchResults"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        assert!(answer.text().await.unwrap().contains(said));
    }
}
