//! Who asks: a key of the API by its token, or a person by a session's cookie.
//!
//! The two are distinct types and read distinct headers: [`ApiKey`] never reads a cookie, so that
//! no page of another site can make a browser use one, and [`AdminUser`] never reads
//! `Authorization`, so that a key never opens a page.

use std::fmt;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::Uri;
use actix_web::http::header::{LOCATION, REFERER};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use futures_util::future::LocalBoxFuture;

use super::client_ip::{Client, Transport};
use super::context::{self, Context};
use super::head::{Head, Lines};
use super::notes::Notes;
use super::problem::Problem;
use super::{blocking, credentials, refusal, routes};
use crate::app::sessions::SignedIn;
use crate::app::verify::{Ask, Counting, Verdict};
use crate::model::principal::{KeyPrincipal, Principal, UserPrincipal};
use crate::model::project::ProjectName;
use crate::model::scope::Scope;

/// Asks for a verdict about the token that a request presents.
///
/// # Errors
/// When there is not exactly one token, or nothing can be decided.
pub fn ask(
    request: &HttpRequest,
    context: &Context,
    project: Option<&str>,
    scopes: &[Scope],
    counting: Counting,
) -> Result<Verdict, Problem> {
    let ip = context.client(request).ip();
    let ask = Ask { project, scopes, ip, counting, ..Ask::new("") };
    let verdict = ask_presented(Head::of(request.head()).lines, context, &ask)?;
    Notes::all(&verdict).keep(request);
    Ok(verdict)
}

/// Asks about the one token that the header lines present, whatever token stands in the question.
///
/// # Errors
/// When there is not exactly one token, or nothing can be decided.
pub fn ask_presented(lines: Lines<'_>, context: &Context, ask: &Ask<'_>) -> Result<Verdict, Problem> {
    let token = credentials::read_token(lines).map_err(|code| {
        if ask.counting == Counting::Use {
            context.app.note_unread(code);
        }
        refusal::of_code(code)
    })?;
    Ok(context.app.verify(&Ask { token: &token, ..*ask })?)
}

/// A caller of the API whose key was accepted.
#[derive(Debug)]
pub struct ApiKey(KeyPrincipal);

impl ApiKey {
    /// Requires a valid key that holds `scope`; the request counts as a use of it.
    ///
    /// # Errors
    /// The verdict that refuses.
    pub fn require(request: &HttpRequest, context: &Context, scope: &str) -> Result<Self, Problem> {
        Self::require_all(request, context, &[Scope::parse(scope)?])
    }

    /// Requires a valid key; the request counts as a use of it.
    ///
    /// # Errors
    /// The verdict that refuses.
    pub fn require_any(request: &HttpRequest, context: &Context) -> Result<Self, Problem> {
        Self::require_all(request, context, &[])
    }

    fn require_all(request: &HttpRequest, context: &Context, scopes: &[Scope]) -> Result<Self, Problem> {
        let verdict = ask(request, context, None, scopes, Counting::Use)?;
        match verdict.principal() {
            Some(principal) => Ok(Self(principal)),
            None => Err(refusal::of(verdict)),
        }
    }

    /// The key as the use cases know it, and the project in which it acts.
    pub fn into_parts(self) -> (Principal, ProjectName) {
        let project = self.0.project.clone();
        (Principal::Key(self.0), project)
    }
}

/// A person who is signed in.
#[derive(Debug)]
pub struct AdminUser(UserPrincipal);

impl AdminUser {
    /// The person as the use cases know them.
    pub fn principal(&self) -> Principal {
        Principal::User(self.0.clone())
    }

    /// Name and role.
    pub fn user(&self) -> &UserPrincipal {
        &self.0
    }
}

impl FromRequest for AdminUser {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let context = context::of(&request)?;
            let Some(cookie) = session_cookie(&request, context) else {
                return Err(SignInFirst::on_the_way_to(&request).into());
            };
            let found = blocking::run(context, move |app| app.find_session(&cookie)).await?;
            found.map(Self).ok_or_else(|| SignInFirst::on_the_way_to(&request).into())
        })
    }
}

/// The value of the session's cookie, if the browser sent one.
pub fn session_cookie(request: &HttpRequest, context: &Context) -> Option<String> {
    let cookie = request.cookie(cookie_name(context.client(request).transport()))?;
    Some(cookie.value().to_owned())
}

/// The cookie that starts a session in the browser; it ends with the browser.
pub fn start_session(client: &Client<'_>, signed_in: &SignedIn) -> Cookie<'static> {
    build_cookie(client.transport(), signed_in.cookie.as_str().to_owned())
}

/// The cookie that makes the browser forget its session.
pub fn end_session(client: &Client<'_>) -> Cookie<'static> {
    let mut cookie = build_cookie(client.transport(), String::new());
    cookie.make_removal();
    cookie
}

// `__Host-` binds the cookie to this very host, over TLS alone: a neighbouring host cannot set it.
fn cookie_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Plain => "keysrv_session",
        Transport::Tls => "__Host-keysrv_session",
    }
}

fn build_cookie(transport: Transport, value: String) -> Cookie<'static> {
    // Lax: with Strict, whoever follows a link to a page would be asked to sign in again.
    let cookie =
        Cookie::build(cookie_name(transport), value).path("/").http_only(true).same_site(SameSite::Lax);
    cookie.secure(transport == Transport::Tls).finish()
}

/// Nobody is signed in: leads to the sign-in, and from there to the page that was asked for.
#[derive(Debug)]
pub struct SignInFirst {
    next: String,
}

impl SignInFirst {
    fn on_the_way_to(request: &HttpRequest) -> Self {
        // A form is not sent a second time; the person goes on from the page that it was on.
        let next = if request.method().is_safe() {
            request.uri().path_and_query().map(|next| next.as_str().to_owned())
        } else {
            page_of_form(request)
        };
        Self { next: next.unwrap_or_else(|| routes::HOME.to_owned()) }
    }

    /// The page to go to afterwards.
    pub fn next(&self) -> &str {
        &self.next
    }
}

/// The page that a form was sent from, without its host: `csrf` has seen that it is one of ours.
fn page_of_form(request: &HttpRequest) -> Option<String> {
    let page: Uri = request.headers().get(REFERER)?.to_str().ok()?.parse().ok()?;
    Some(page.path_and_query()?.as_str().to_owned())
}

impl fmt::Display for SignInFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody is signed in")
    }
}

impl ResponseError for SignInFirst {
    fn status_code(&self) -> StatusCode {
        StatusCode::SEE_OTHER
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((LOCATION, routes::sign_in(&self.next))).finish()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn over_tls_the_cookie_belongs_to_this_host_alone() {
        let text = build_cookie(Transport::Tls, "x".to_owned()).to_string();
        assert_eq!(text, "__Host-keysrv_session=x; HttpOnly; SameSite=Lax; Secure; Path=/");
        let text = build_cookie(Transport::Plain, "x".to_owned()).to_string();
        assert_eq!(text, "keysrv_session=x; HttpOnly; SameSite=Lax; Path=/");
    }

    #[test]
    fn the_sign_in_leads_back_to_the_page_and_from_a_form_to_the_page_that_it_was_on() {
        let location = |request: &HttpRequest| {
            let answer = SignInFirst::on_the_way_to(request).error_response();
            answer.headers().get(LOCATION).unwrap().to_str().unwrap().to_owned()
        };
        let page = TestRequest::get().uri("/p/default/keys?q=a").to_http_request();
        assert_eq!(location(&page), "/sign-in?next=%2Fp%2Fdefault%2Fkeys%3Fq%3Da");
        let form = TestRequest::post().uri("/p/default/keys/new").to_http_request();
        assert_eq!(location(&form), "/sign-in?next=%2F");
        let from = (REFERER, "http://keys.lan:8080/p/default/keys?sort=name");
        let form = TestRequest::post().uri("/p/default/keys/new").insert_header(from).to_http_request();
        let next = "/sign-in?next=%2Fp%2Fdefault%2Fkeys%3Fsort%3Dname";
        assert_eq!(location(&form), next);
    }
}
