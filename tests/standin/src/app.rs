//! The routes: two results endpoints, two for uploads, the log, static files, and for all else what Express says.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, OriginalUri, Request, State},
    handler::HandlerWithoutStateExt,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    response::Response,
    routing::{any, post},
};
use tower_http::{
    cors::{AllowHeaders, AllowMethods, Any, CorsLayer},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

use crate::{
    connection::Fate,
    family::Family,
    faults::deliver,
    observe,
    reply::Reply,
    results,
    server::Config,
    standin::{Endpoint, Standin},
    uploads,
};

/// On every reply, so that nobody takes one for the service's.
const NOTICE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-standin"), HeaderValue::from_static("not the Extracta.ai service"));

/// Builds the application. Fails with a sentence when two folders are to be served under one path.
pub(crate) fn build(config: &Config) -> Result<Router, String> {
    let standin = Arc::new(Standin::new(config.floor, config.retry_after));
    let mut app = observe::routes()
        .route(Endpoint::Elsewhere.path(), any(elsewhere))
        .merge(endpoint(Family::Extraction))
        .merge(endpoint(Family::Classification))
        .merge(upload(Family::Extraction))
        .merge(upload(Family::Classification))
        .with_state(standin)
        .fallback(cannot);

    let mut taken: Vec<&str> = Vec::new();
    for mount in &config.serve {
        if taken.contains(&mount.prefix()) {
            return Err(format!("two folders are to be served at \"{}/\"", mount.prefix()));
        }
        taken.push(mount.prefix());
        // Without the second call a POST to an unknown path below the folder would be answered 405.
        let files =
            ServeDir::new(mount.dir()).fallback(cannot.into_service()).call_fallback_on_method_not_allowed(true);
        // A folder is served while somebody works on it.
        let fresh = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let files = Router::new().fallback_service(files).layer(fresh);
        app = if mount.prefix().is_empty() {
            app.fallback_service(files)
        } else {
            app.nest_service(mount.prefix(), files)
        };
    }
    let app = app.method_not_allowed_fallback(cannot);
    let app = if config.close_connections {
        app.layer(SetResponseHeaderLayer::overriding(header::CONNECTION, HeaderValue::from_static("close")))
    } else {
        app
    };
    Ok(app.layer(cors(config.expose_retry_after)).layer(SetResponseHeaderLayer::overriding(NOTICE.0, NOTICE.1)))
}

fn endpoint(family: Family) -> Router<Arc<Standin>> {
    let answer = move |State(standin): State<Arc<Standin>>, ConnectInfo(fate): ConnectInfo<Fate>, request: Request| async move {
        results::answer(&standin, family, &fate, request).await
    };
    Router::new().route(&format!("/api/v1{}", family.path()), post(answer))
}

fn upload(family: Family) -> Router<Arc<Standin>> {
    let answer = move |State(standin): State<Arc<Standin>>, ConnectInfo(fate): ConnectInfo<Fate>, request: Request| async move {
        uploads::answer(&standin, family, &fate, request).await
    };
    // Files of any size: they are read piece by piece and forgotten.
    let path = format!("/api/v1{}", family.upload_path());
    Router::new().route(&path, post(answer)).layer(DefaultBodyLimit::disable())
}

async fn elsewhere(State(standin): State<Arc<Standin>>, headers: HeaderMap) -> Response {
    deliver(results::elsewhere(&standin, &headers), &Fate::default()).await
}

async fn cannot(method: Method, OriginalUri(uri): OriginalUri) -> Result<Response, Infallible> {
    Ok(deliver(Reply::cannot(method.as_str(), uri.path()), &Fate::default()).await)
}

/// Web pages of two code bases are known to call the real API directly, so it must allow them; how widely is not known.
fn cors(expose_retry_after: bool) -> CorsLayer {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(AllowMethods::mirror_request())
        // `*` would not cover Authorization.
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(Duration::from_secs(600));
    if expose_retry_after { cors.expose_headers([header::RETRY_AFTER]) } else { cors }
}
