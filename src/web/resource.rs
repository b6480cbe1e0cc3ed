//! One address and the methods that it takes.
//!
//! `HEAD` is answered like `GET`, `OPTIONS` with the methods, and any other method with 405 and
//! the methods; left alone, actix answers each of these with a bare 404 or 405.

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, guard, web};

use super::problem::Problem;
use crate::model::code::Code;

/// An address that is being put together.
pub struct Address {
    resource: Resource,
    takes: Takes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Get,
    Post,
    Both,
}

impl Address {
    /// An address by its pattern; it takes nothing yet.
    pub fn new(pattern: &str) -> Self {
        Self { resource: web::resource(pattern), takes: Takes::Nothing }
    }

    /// Answers `GET` and `HEAD`.
    #[must_use]
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler);
        let takes = if self.takes == Takes::Nothing { Takes::Get } else { Takes::Both };
        Self { resource: self.resource.route(route), takes }
    }

    /// Answers `POST`.
    #[must_use]
    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let takes = if self.takes == Takes::Nothing { Takes::Post } else { Takes::Both };
        Self { resource: self.resource.route(web::post().to(handler)), takes }
    }
}

impl Takes {
    fn allow(self) -> &'static str {
        match self {
            Self::Nothing => "OPTIONS",
            Self::Get => "GET, HEAD, OPTIONS",
            Self::Post => "POST, OPTIONS",
            Self::Both => "GET, HEAD, POST, OPTIONS",
        }
    }
}

impl HttpServiceFactory for Address {
    fn register(self, config: &mut AppService) {
        let allow = self.takes.allow();
        let other = move |request: HttpRequest| std::future::ready(refuse(&request, allow));
        self.resource.default_service(web::to(other)).register(config);
    }
}

fn refuse(request: &HttpRequest, allow: &'static str) -> Result<HttpResponse, Problem> {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish());
    }
    let mut problem =
        Problem::new(Code::MethodNotAllowed, format!("this address takes {allow}, not this method"));
    problem.allow = Some(allow);
    Err(problem)
}
