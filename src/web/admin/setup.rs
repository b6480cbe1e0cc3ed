//! The one-time page that makes the first user. Its address is a secret that the server prints.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::answer::document;
use super::error::ErrorPage;
use super::fields::Fields;
use super::page::FieldErrors;
use super::sign_in;
use super::stranger::Stranger;
use crate::app;
use crate::model::code::Code;
use crate::model::user::UserName;
use crate::web::body::Form;
use crate::web::problem::Problem;
use crate::web::{blocking, context, routes};

/// The form, in words.
#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    /// Where the form goes: the same one-time address.
    action: String,
    /// Whether the password would travel unencrypted over a network.
    is_plain_http: bool,
    /// The name as it was typed.
    user: String,
    /// What is wrong.
    errors: FieldErrors,
}

/// The form, while the link holds.
pub(crate) async fn ask(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let context = context::of(&request)?;
    let code = code(&request);
    let asked = code.clone();
    let (holds, has_users) = blocking::run(context, move |app| {
        Ok::<_, app::Error>((app.is_setup_code(&asked)?, app.has_users()?))
    })
    .await?;
    if holds {
        page(&request, &code, "", FieldErrors::default())?.answer(StatusCode::OK)
    } else {
        Ok(over(has_users).answer(StatusCode::NOT_FOUND))
    }
}

/// Makes the first user and signs in.
pub(crate) async fn set_up(request: HttpRequest, form: Form) -> Result<HttpResponse, Problem> {
    let context = context::of(&request)?;
    let (code, fields) = (code(&request), Fields::parse(&form.0));
    let user = fields.get("name").trim().to_owned();
    let name = match UserName::parse(&user) {
        Ok(name) => name,
        Err(invalid) => return again(&request, &code, fields.typed("name"), &Problem::from(invalid)),
    };
    let ip = Stranger::of(&request, context).ip;
    let (asked, password) = (code.clone(), fields.get("password").to_owned());
    match blocking::run(context, move |app| app.set_up(&asked, &name, &password, ip)).await {
        Ok(signed_in) => sign_in::start(&request, &signed_in, routes::HOME),
        Err(problem) if problem.code == Code::NoSuchResource => {
            let has_users = blocking::run(context, app::App::has_users).await?;
            Ok(over(has_users).answer(StatusCode::NOT_FOUND))
        }
        Err(problem) => again(&request, &code, fields.typed("name"), &problem),
    }
}

fn code(request: &HttpRequest) -> String {
    request.match_info().get("code").unwrap_or_default().to_owned()
}

/// The form once more, every wrong field with its sentence.
fn again(request: &HttpRequest, code: &str, user: &str, problem: &Problem) -> Result<HttpResponse, Problem> {
    let field = problem.field.as_deref().unwrap_or_default();
    let errors = FieldErrors::at(field, problem.detail.to_string());
    page(request, code, user, errors)?.answer(problem.status())
}

fn page(request: &HttpRequest, code: &str, user: &str, errors: FieldErrors) -> Result<SetupPage, Problem> {
    let is_plain_http = Stranger::of(request, context::of(request)?).is_plain_http;
    Ok(SetupPage {
        action: routes::setup(code),
        is_plain_http,
        user: user.to_owned(),
        errors: errors.beside(&["user", "password"]),
    })
}

impl SetupPage {
    fn answer(&self, status: StatusCode) -> Result<HttpResponse, Problem> {
        let html = self.render().map_err(|_| Problem::new(Code::Internal, "keysrv failed"))?;
        Ok(document(status, html))
    }
}

/// What a link that does not hold leads to.
fn over(has_users: bool) -> ErrorPage {
    let (detail, hint, command) = if has_users {
        ("The first user exists already, and the link worked only once.", "", "")
    } else {
        (
            "keysrv prints a fresh link when it starts and whenever one ends, after 30 minutes.",
            "Or make the first user in the shell of the server:",
            "keysrv user add NAME",
        )
    };
    ErrorPage {
        title: "This setup link no longer holds".to_owned(),
        detail: detail.to_owned(),
        hint: hint.to_owned(),
        command,
        request_id: String::new(),
        way_back: routes::SIGN_IN.to_owned(),
        way_back_label: "Go to the sign-in",
    }
}
