//! Signing in and out. Until there is a user, says where the link is that makes one.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::answer::{document, retry_after};
use super::error::ErrorPage;
use super::fields::Fields;
use super::kept::{Kept, KeptField};
use super::stranger::Stranger;
use crate::app;
use crate::app::sessions::SignedIn;
use crate::model::code::Code;
use crate::web::body::Form;
use crate::web::problem::Problem;
use crate::web::{auth, blocking, context, routes};

/// Longer addresses than the server reads lead nowhere.
const NEXT_BYTES_MAX: usize = 2048;

/// The form, in words.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    /// Whether the password would travel unencrypted over a network.
    is_plain_http: bool,
    /// What went wrong.
    error: String,
    /// The page to go to afterwards.
    next: String,
    /// The name as it was typed.
    user: String,
    /// The form that waits for this.
    kept: Option<Kept>,
}

/// The question after the sign-in, where a form has waited for it.
#[derive(Template)]
#[template(path = "send_again.html")]
struct SendAgainPage {
    to: String,
    fields: Vec<KeptField>,
    /// The page to go to without sending.
    next: String,
}

/// The form; goes on at once when somebody is signed in.
pub(crate) async fn ask(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let context = context::of(&request)?;
    let query = Fields::parse(request.query_string().as_bytes());
    let next = safe_next(query.get("next")).to_owned();
    let cookie = auth::session_cookie(&request, context).unwrap_or_default();
    let (is_signed_in, has_users) = blocking::run(context, move |app| {
        Ok::<_, app::Error>((app.find_session(&cookie)?.is_some(), app.has_users()?))
    })
    .await?;
    if is_signed_in {
        return Ok(go_to(&next));
    }
    if !has_users {
        return Ok(nobody_yet().answer(StatusCode::OK));
    }
    let is_plain_http = Stranger::of(&request, context).is_plain_http;
    let page = SignInPage { is_plain_http, error: String::new(), next, user: String::new(), kept: None };
    page.answer(StatusCode::OK)
}

/// The form for somebody whose session ended before they sent another, as the answer to that one.
#[derive(Debug)]
pub(super) struct SignInAgain(String);

impl SignInAgain {
    /// The form that carries what was sent.
    ///
    /// # Errors
    /// When the template fails, which it does not.
    pub(super) fn carrying(kept: Kept, next: &str, request: &HttpRequest) -> Result<Self, Problem> {
        let is_plain_http = Stranger::of(request, context::of(request)?).is_plain_http;
        let page = SignInPage {
            is_plain_http,
            error: String::new(),
            next: safe_next(next).to_owned(),
            user: String::new(),
            kept: Some(kept),
        };
        page.html().map(Self)
    }
}

impl fmt::Display for SignInAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody is signed in")
    }
}

/// As if a redirect had led to it.
impl ResponseError for SignInAgain {
    fn status_code(&self) -> StatusCode {
        StatusCode::OK
    }

    fn error_response(&self) -> HttpResponse {
        document(self.status_code(), self.0.clone())
    }
}

/// Signs in and goes on to the page that was asked for.
pub(crate) async fn sign_in(request: HttpRequest, form: Form) -> Result<HttpResponse, Problem> {
    let context = context::of(&request)?;
    let fields = Fields::parse(&form.0);
    let stranger = Stranger::of(&request, context);
    let (user, password) = (fields.get("name").trim().to_owned(), fields.get("password").to_owned());
    let next = safe_next(fields.get("next")).to_owned();
    let page = SignInPage {
        is_plain_http: stranger.is_plain_http,
        error: String::new(),
        next,
        user: fields.typed("name").to_owned(),
        kept: Kept::back(&fields),
    };
    match blocking::run(context, move |app| app.sign_in(&user, &password, stranger.ip)).await {
        Ok(signed_in) => match &page.kept {
            Some(kept) => start_with(&request, &signed_in, send_again(kept, &page.next)?),
            None => start(&request, &signed_in, &page.next),
        },
        Err(problem) => page.again(problem),
    }
}

/// Ends the session and leads to the form.
pub(crate) async fn sign_out(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let context = context::of(&request)?;
    if let Some(cookie) = auth::session_cookie(&request, context) {
        blocking::run(context, move |app| app.sign_out(&cookie)).await?;
    }
    let mut response = go_to(routes::SIGN_IN);
    add_cookie(&mut response, &auth::end_session(&context.client(&request)))?;
    Ok(response)
}

/// Starts a session in the browser and goes on.
pub(super) fn start(
    request: &HttpRequest,
    signed_in: &SignedIn,
    next: &str,
) -> Result<HttpResponse, Problem> {
    start_with(request, signed_in, go_to(next))
}

fn start_with(
    request: &HttpRequest,
    signed_in: &SignedIn,
    mut response: HttpResponse,
) -> Result<HttpResponse, Problem> {
    let context = context::of(request)?;
    add_cookie(&mut response, &auth::start_session(&context.client(request), signed_in))?;
    Ok(response)
}

fn send_again(kept: &Kept, next: &str) -> Result<HttpResponse, Problem> {
    let page = SendAgainPage { to: kept.to.clone(), fields: kept.fields(), next: next.to_owned() };
    let html = page.render().map_err(|_| Problem::new(Code::Internal, "keysrv failed"))?;
    Ok(document(StatusCode::OK, html))
}

fn go_to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

fn add_cookie(response: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> Result<(), Problem> {
    response.add_cookie(cookie).map_err(|_| Problem::new(Code::Internal, "keysrv failed"))
}

impl SignInPage {
    fn answer(&self, status: StatusCode) -> Result<HttpResponse, Problem> {
        Ok(document(status, self.html()?))
    }

    fn html(&self) -> Result<String, Problem> {
        self.render().map_err(|_| Problem::new(Code::Internal, "keysrv failed"))
    }

    /// The form once more with what the person can do something about; the rest has its own page.
    fn again(self, problem: Problem) -> Result<HttpResponse, Problem> {
        // Not 401: to a browser that would ask for the Basic credentials that the API takes.
        let status = match problem.code {
            Code::SignInFailed => StatusCode::UNPROCESSABLE_ENTITY,
            Code::TooManyAttempts | Code::Unavailable => problem.status(),
            _ => return Err(problem),
        };
        let page = Self { error: problem.detail.to_string(), ..self };
        Ok(retry_after(page.answer(status)?, problem.retry_after_seconds))
    }
}

/// What every page leads to before the first user exists.
fn nobody_yet() -> ErrorPage {
    ErrorPage {
        title: "Nobody can sign in yet".to_owned(),
        detail:
            "Open the setup link that keysrv printed when it started: it makes the first user. It holds for \
                 30 minutes, then keysrv prints a fresh one."
                .to_owned(),
        hint: "Or make the first user in the shell of the server:".to_owned(),
        command: "keysrv user add NAME",
        request_id: String::new(),
        way_back: routes::SIGN_IN.to_owned(),
        way_back_label: "Go to the sign-in",
    }
}

/// Where to go after signing in: the page that was asked for if it is one of this server, else
/// the start. A browser reads `//host` and `/\host` as another server's address.
fn safe_next(next: &str) -> &str {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= NEXT_BYTES_MAX
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_local { next } else { routes::HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_this_server_is_gone_to() {
        assert_eq!(safe_next("/p/default/keys?q=a"), "/p/default/keys?q=a");
        for next in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "x:1"]
        {
            assert_eq!(safe_next(next), "/", "{next}");
        }
    }
}
