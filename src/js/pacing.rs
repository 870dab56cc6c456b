//! A caller's object that decides for a lane shared beyond this realm.

use std::rc::Rc;

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::reader::kind_of;
use crate::client::error::Error;
use crate::client::shared_pacing::{Member, SharedPacing};
use crate::core::error::Failure;
use crate::web::LocalFuture;
use crate::web::promise::Settling;
use crate::web::value::{method, set};

#[wasm_bindgen]
extern "C" {
    pub(super) type JsPacing;

    #[wasm_bindgen(method, structural, catch)]
    fn reserve(this: &JsPacing, request: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, structural, catch)]
    fn hold(this: &JsPacing, request: &JsValue) -> Result<JsValue, JsValue>;
}

impl JsPacing {
    /// The object that `sharePacing` is, if it is one.
    pub(super) fn of(value: &JsValue) -> Result<Option<Rc<dyn SharedPacing>>, Error> {
        if value.is_undefined() {
            return Ok(None);
        }
        if method(value, "reserve").is_some() && method(value, "hold").is_some() {
            return Ok(Some(Rc::new(value.clone().unchecked_into::<Self>())));
        }
        Err(Failure::invalid("sharePacing", "an object with the functions reserve and hold", &kind_of(value)).into())
    }
}

impl SharedPacing for JsPacing {
    fn reserve<'a>(&'a self, member: &'a Member, gap_ms: f64) -> LocalFuture<'a, Result<f64, Error>> {
        Box::pin(async move {
            let returned = self.reserve(&request(member, &[("gapMs", gap_ms)])).and_then(|given| Settling::of(&given));
            let given = returned.map_err(Error::thrown)?.await.map_err(Error::thrown)?;
            Ok(given.as_f64().unwrap_or(f64::NAN))
        })
    }

    fn hold<'a>(&'a self, member: &'a Member, closed_for_ms: f64, margin_ms: f64) -> LocalFuture<'a, ()> {
        Box::pin(async move {
            let request = request(member, &[("closedForMs", closed_for_ms), ("marginMs", margin_ms)]);
            let returned = self.hold(&request).and_then(|given| Settling::of(&given));
            if let Ok(returned) = returned {
                let _ = returned.await;
            }
        })
    }
}

fn request(member: &Member, times: &[(&'static str, f64)]) -> JsValue {
    let request = Object::new();
    set(&request, "lane", &member.lane.as_str().into());
    set(&request, "member", &JsValue::from_str(&member.id));
    for (name, ms) in times {
        set(&request, name, &(*ms).into());
    }
    request.into()
}
