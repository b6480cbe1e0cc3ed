//! One address and the methods that it takes.
//!
//! `HEAD` is answered like `GET`, `OPTIONS` with the methods, and any other method with 405 and
//! the methods; left alone, actix answers each of these with a bare 404 or 405.

use std::rc::Rc;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, guard, web};

use super::problem::Problem;
use crate::model::code::Code;

/// An address that is being put together.
pub struct Address {
    resource: Resource,
    takes: Vec<Method>,
}

impl Address {
    /// An address by its pattern; it takes nothing yet. A last segment `{path}` stands for all that
    /// follow, also for none.
    pub fn new(pattern: &str) -> Self {
        let is_tail = pattern.ends_with("{path}");
        let pattern = if is_tail { format!("{pattern}*") } else { pattern.to_owned() };
        Self { resource: web::resource(pattern), takes: Vec::new() }
    }

    /// Answers `GET` and `HEAD`.
    #[must_use]
    pub fn get<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes.extend([Method::GET, Method::HEAD]);
        let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler);
        Self { resource: self.resource.route(route), ..self }
    }

    /// Answers `POST`.
    #[must_use]
    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::POST, handler)
    }

    /// Answers `PATCH`.
    #[must_use]
    pub fn patch<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::PATCH, handler)
    }

    /// Answers `DELETE`.
    #[must_use]
    pub fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::DELETE, handler)
    }

    /// Answers every method, those that nobody has thought of included.
    #[must_use]
    pub fn any<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self { resource: self.resource.route(web::route().to(handler)), ..self }
    }

    fn method<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.takes.push(method.clone());
        Self { resource: self.resource.route(web::method(method).to(handler)), ..self }
    }
}

impl HttpServiceFactory for Address {
    fn register(mut self, config: &mut AppService) {
        self.takes.push(Method::OPTIONS);
        let allow: Rc<str> = self.takes.iter().map(Method::as_str).collect::<Vec<_>>().join(", ").into();
        let other = move |request: HttpRequest| std::future::ready(refuse(&request, &allow));
        self.resource.default_service(web::to(other)).register(config);
    }
}

fn refuse(request: &HttpRequest, allow: &str) -> Result<HttpResponse, Problem> {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish());
    }
    let mut problem =
        Problem::new(Code::MethodNotAllowed, format!("this address takes {allow}, not this method"));
    problem.allow = Some(allow.to_owned());
    Err(problem)
}
