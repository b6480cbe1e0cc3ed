//! What every request passes on its way in, and every answer on its way out.
//!
//! In: an id, the bounds on its address, and for pages the question which site sent it. Out: what
//! went wrong becomes a problem document or a page, logged here once if it is the server's fault,
//! and the answer gets the headers that every answer has. A handler that takes longer than fifteen
//! seconds or panics is answered for.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{RequestHead, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, rt};
use futures_util::FutureExt;

use super::client_ip::{Client, Transport};
use super::connection::{Follows, Watch};
use super::context::Context;
use super::csrf::{CrossSite, require_same_site};
use super::headers::{self, RequestId};
use super::notes::Notes;
use super::problem::Problem;
use super::routes::Surface;
use super::{admin, api, body};
use crate::model::code::Code;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
const PATH_BYTES_MAX: usize = 2 * 1024;
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// What of a request its answer depends on; the request itself goes to its handler.
#[derive(Debug, Clone, Copy)]
struct Passage {
    id: RequestId,
    surface: Surface,
    transport: Transport,
}

/// The id of a request, which its error page shows.
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

/// Lets one request through and completes its answer.
///
/// # Errors
/// An answer that is complete, where there is no request any more to answer to.
pub async fn pass<B: MessageBody + 'static>(
    context: Data<Context>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let head = request.head();
    let client = context.client_of(head);
    let passage = Passage::new(head, &context, &client);
    if let Err(problem) = passage.admit(head, &context, &client) {
        let response = passage.answer(&problem).map_into_right_body();
        return Ok(request.into_response(response));
    }
    // Held until the answer is made: meanwhile the connection is not idle.
    let _in_hand = request.conn_data::<Watch>().map(|watch| watch.begin(follows(request.request())));
    request.extensions_mut().insert(passage.id);
    // The request must not be kept here beside its handler: the router takes it apart.
    let handling = AssertUnwindSafe(next.call(request)).catch_unwind();
    match rt::time::timeout(REQUEST_TIMEOUT, handling).await {
        Ok(Ok(Ok(response))) => Ok(passage.finish(response)),
        Ok(Ok(Err(error))) => Err(passage.stand_in(&Problem::from(&error))),
        Ok(Err(_panic)) => Err(passage.stand_in(&panicked())),
        Err(_elapsed) => Err(passage.stand_in(&Problem::new(Code::Unavailable, "the request took too long"))),
    }
}

fn follows(request: &HttpRequest) -> Follows {
    if body::has_body(request) { Follows::Body } else { Follows::Nothing }
}

/// Whether an address is short enough.
pub(super) fn has_room(path: &str, query: &str) -> bool {
    path.len() <= PATH_BYTES_MAX && query.len() <= QUERY_BYTES_MAX
}

/// What is answered in place of a handler that panicked.
pub(super) fn panicked() -> Problem {
    Problem::new(Code::Internal, "keysrv failed")
}

fn cross_site() -> Problem {
    Problem::new(Code::CrossSite, "the form was not sent from a page of this server")
        .fix(Code::CrossSite.fix())
}

impl Passage {
    /// The passage of a request that has just arrived.
    fn new(head: &RequestHead, context: &Context, client: &Client<'_>) -> Self {
        Self {
            id: context.request_ids.next(),
            surface: Surface::of(head.uri.path()),
            transport: client.transport(),
        }
    }

    /// Whether it goes on to a handler at all.
    ///
    /// # Errors
    /// When its address is too long, or a page of another site sent it.
    fn admit(self, head: &RequestHead, context: &Context, client: &Client<'_>) -> Result<(), Problem> {
        if !has_room(head.uri.path(), head.uri.query().unwrap_or_default()) {
            return Err(Problem::new(
                Code::PathTooLong,
                "the address is longer than 2 KiB, or its query than 8 KiB",
            ));
        }
        if self.surface == Surface::Page && !head.method.is_safe() {
            let hosts = context.hosts(client);
            require_same_site(&head.method, &head.headers, &hosts).map_err(|CrossSite| cross_site())?;
        }
        Ok(())
    }

    /// Adds what every answer has.
    fn complete(self, headers: &mut HeaderMap) {
        headers::complete(headers, self.id, self.transport);
    }

    fn finish<B: MessageBody + 'static>(
        self,
        response: ServiceResponse<B>,
    ) -> ServiceResponse<EitherBody<B>> {
        let (request, response) = response.into_parts();
        let mut response = if let Some(answer) = response.error().and_then(|error| self.answer_to(error)) {
            answer.map_into_right_body()
        } else {
            let mut response = response.map_into_left_body();
            self.complete(response.headers_mut());
            response
        };
        Notes::of(&request).complete(response.headers_mut());
        ServiceResponse::new(request, response)
    }

    /// `None` where an error is only another way to say where to go on.
    fn answer_to(self, error: &actix_web::Error) -> Option<HttpResponse<BoxBody>> {
        if let Some(problem) = error.as_error::<Problem>() {
            return Some(self.answer(problem));
        }
        let status = error.as_response_error().status_code();
        (status.is_client_error() || status.is_server_error()).then(|| self.answer(&Problem::from(error)))
    }

    /// The complete answer to a request that went wrong.
    fn answer(self, problem: &Problem) -> HttpResponse<BoxBody> {
        let mut response = self.render(problem);
        self.complete(response.headers_mut());
        response
    }

    /// The words of the answer to a request that went wrong, which the log hears of where it is our fault.
    fn render(self, problem: &Problem) -> HttpResponse<BoxBody> {
        problem.log(self.id);
        match self.surface {
            Surface::Api => api::error::render(problem, self.id),
            Surface::Page | Surface::Static => admin::error::render(problem, self.id),
        }
    }

    fn stand_in(self, problem: &Problem) -> actix_web::Error {
        InternalError::from_response("", self.answer(problem)).into()
    }
}
