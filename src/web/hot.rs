//! The hot path: from the head of a request to its answer, for the addresses that somebody's API asks
//! on every request of its own.
//!
//! They are answered here, in front of the router, in one go and on the worker's own thread: nothing
//! waits, so that nothing needs a timer. `answer` is the whole way:
//!
//! 1. `routes::hot` knows the address and the method by comparing; a request with a body, and every
//!    spelling of an address but its own, goes to the router, where [`routed`] ends in the same handler.
//! 2. `gate` says which id the request has, who is at the other end, and whether its address is too long.
//! 3. The handler (`api::verify`, or a dialect of `proxy`) reads the question and asks [`Asked::verdict`].
//! 4. That reads the token (`credentials`) and has `App::verify` decide; what the answer tells besides
//!    is noted (`notes`).
//! 5. The handler words the verdict, mostly with what is kept beside the key's record (`told`).
//! 6. `gate` makes what went wrong a problem document; `headers` and the notes complete the answer.
//!
//! What each step costs stands in `docs/performance.md`.

use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_http::{Payload, Request, Response};
use actix_web::body::BoxBody;
use actix_web::dev::RequestHead;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::client_ip::Client;
use super::connection::{Follows, Watch};
use super::context::Context;
use super::gate::{self, Passage};
use super::notes::Notes;
use super::problem::Problem;
use super::{auth, routes};
use crate::app::verify::{Ask, Verdict};

/// What answers one of these addresses.
pub type Handler = fn(&mut Asked<'_>) -> Result<Response<BoxBody>, Problem>;

/// A request that asks for a verdict.
pub struct Asked<'a> {
    /// Its head, which is all of it that is read.
    pub head: &'a RequestHead,
    /// What the server knows.
    pub context: &'a Context,
    /// The other end.
    pub client: Client<'a>,
    notes: Notes,
}

/// Answers a request; `None` where that is the router's to do.
pub(super) fn answer(request: &mut Request, context: &Context) -> Option<Response<BoxBody>> {
    if !matches!(request.payload(), Payload::None) {
        return None;
    }
    let head = request.head();
    let handle = routes::hot(head)?;
    let mut asked = Asked::new(head, context);
    let passage = Passage::new(head, context, &asked.client);
    if passage.admit(head, context, &asked.client).is_err() {
        return None;
    }
    if let Some(watch) = request.conn_data::<Watch>() {
        drop(watch.begin(Follows::Nothing));
    }
    let outcome =
        catch_unwind(AssertUnwindSafe(|| handle(&mut asked))).unwrap_or_else(|_| Err(gate::panicked()));
    let mut response = outcome.unwrap_or_else(|problem| passage.render(&problem).into());
    passage.complete_quickly(response.head_mut());
    asked.notes.complete(response.headers_mut());
    Some(response)
}

/// The same handler behind the router.
pub fn routed(
    handle: Handler,
) -> impl Fn(HttpRequest, Data<Context>) -> Ready<Result<HttpResponse, Problem>> + Clone + 'static {
    move |request, context| {
        let mut asked = Asked::new(request.head(), &context);
        let answered = handle(&mut asked);
        asked.notes.keep(&request);
        ready(answered.map(HttpResponse::from))
    }
}

impl<'a> Asked<'a> {
    fn new(head: &'a RequestHead, context: &'a Context) -> Self {
        let client = Client::of(head, &context.proxies);
        Self { head, context, client, notes: Notes::default() }
    }

    /// The part of the address after the `?`.
    pub fn query(&self) -> &'a str {
        self.head.uri.query().unwrap_or_default()
    }

    /// Asks about the token that the request presents; the answer will tell what `notes` take from the verdict.
    ///
    /// # Errors
    /// As [`auth::ask_presented`].
    pub fn verdict(&mut self, ask: &Ask<'_>, notes: fn(&Verdict) -> Notes) -> Result<Verdict, Problem> {
        let verdict = auth::ask_presented(self.head, self.context, ask)?;
        self.notes = notes(&verdict);
        Ok(verdict)
    }
}
