//! The hot path: from the head of a request to its answer, for the addresses that somebody's API asks
//! on every request of its own.
//!
//! They are answered in one go and on the worker's own thread: nothing waits, so that nothing needs a timer.
//! `answer` is the whole way:
//!
//! 1. The lane (`lane`) has read the head, and `routes::hot` knows the address and the method by comparing.
//! 2. The request gets an id; `client_ip` says who is at the other end.
//! 3. The handler (`api::verify`, or a dialect of `proxy`) reads the question and asks [`Asked::verdict`].
//! 4. That reads the token (`credentials`) and has `App::verify` decide; what the answer tells besides
//!    is noted (`notes`).
//! 5. [`Asked::answer`] writes the answer as it goes over the wire: what never changes (`headers`), the
//!    notes, and what is kept beside the key's record (`told`).
//! 6. What went wrong becomes a problem document (`api::error`).
//!
//! What each step costs stands in `docs/performance.md`.
//!
//! Where the framework has read a request, on a connection that the lane has left to it, the same way is
//! gone in front of the router (`in_front`). A request with a body, and every spelling of an address but
//! its own, goes to the router, where [`routed`] ends in the same handler.

use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_http::{Payload, Request, Response};
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::api::error;
use super::client_ip::Client;
use super::connection::{Follows, Watch};
use super::context::Context;
use super::head::Head;
use super::headers::Seal;
use super::notes::Notes;
use super::problem::Problem;
use super::{auth, gate, routes, wire};
use crate::app::Source;
use crate::app::verify::{Ask, Verdict};
use crate::model::code::Code;

/// What answers one of these addresses.
pub type Handler = fn(&mut Asked<'_>) -> Result<Answered, Problem>;

/// The answer has been written.
#[derive(Debug)]
pub struct Answered(());

/// A request that asks for a verdict.
pub struct Asked<'a> {
    /// Its head, which is all of it that is read.
    pub head: Head<'a>,
    /// What the server knows.
    pub context: &'a Context,
    /// The other end.
    pub client: Client<'a>,
    seal: Seal,
    notes: Notes,
    source: Source,
    out: &'a mut Vec<u8>,
}

/// Adds the answer to a request, as it goes over the wire; says where the key was found that it is about.
pub(super) fn answer(head: Head<'_>, handle: Handler, context: &Context, out: &mut Vec<u8>) -> Source {
    let start = out.len();
    let mut asked = Asked::new(head, context, out);
    let outcome =
        catch_unwind(AssertUnwindSafe(|| handle(&mut asked))).unwrap_or_else(|_| Err(gate::panicked()));
    if let Err(problem) = outcome {
        asked.out.truncate(start);
        asked.refuse(&problem);
    }
    asked.source
}

/// Answers a request that the framework has read; `None` where that is the router's to do.
pub(super) fn in_front(request: &mut Request, context: &Context) -> Option<Response<BoxBody>> {
    if !matches!(request.payload(), Payload::None) {
        return None;
    }
    let head = Head::of(request.head());
    let handle = routes::hot(&head)?;
    if let Some(watch) = request.conn_data::<Watch>() {
        drop(watch.begin(Follows::Nothing));
    }
    let mut bytes = Vec::new();
    answer(head, handle, context, &mut bytes);
    wire::response(&bytes)
}

/// The same handler behind the router.
pub fn routed(
    handle: Handler,
) -> impl Fn(HttpRequest, Data<Context>) -> Ready<Result<HttpResponse, Problem>> + Clone + 'static {
    move |request, context| {
        let mut bytes = Vec::new();
        let mut asked = Asked::new(Head::of(request.head()), &context, &mut bytes);
        let answered = handle(&mut asked);
        asked.notes.keep(&request);
        ready(answered.and_then(|Answered(())| {
            let response = wire::response(&bytes);
            response.map(HttpResponse::from).ok_or_else(|| Problem::new(Code::Internal, "keysrv failed"))
        }))
    }
}

impl<'a> Asked<'a> {
    fn new(head: Head<'a>, context: &'a Context, out: &'a mut Vec<u8>) -> Self {
        let client = Client::new(head.lines, head.peer, &context.proxies);
        let seal = Seal::new(context, client.transport());
        Self { head, context, client, seal, notes: Notes::default(), source: Source::Memory, out }
    }

    /// Asks about the token that the request presents; the answer will tell what `notes` take from the verdict.
    ///
    /// # Errors
    /// As [`auth::ask_presented`].
    pub fn verdict(&mut self, ask: &Ask<'_>, notes: fn(&Verdict) -> Notes) -> Result<Verdict, Problem> {
        let verdict = auth::ask_presented(self.head.lines, self.context, ask)?;
        self.notes = notes(&verdict);
        self.source = verdict.source();
        Ok(verdict)
    }

    /// Answers: `rest` are the pieces of what follows the lines that every answer has, from the other header
    /// lines to the end of the body.
    pub fn answer(&mut self, status: StatusCode, rest: &[&[u8]]) -> Answered {
        self.seal.begin(self.out, status);
        self.notes.write(self.out);
        for piece in rest {
            self.out.extend_from_slice(piece);
        }
        Answered(())
    }

    fn refuse(&mut self, problem: &Problem) {
        problem.log(self.seal.id);
        let words = error::words(problem, self.seal.id);
        self.answer(problem.status(), &[&words]);
    }
}
