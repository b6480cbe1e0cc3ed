//! From a request to a page: who asks, what they say, then the page on a thread that may wait.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use futures_util::future::LocalBoxFuture;

use super::answer::{Answer, PageResult};
use super::fields::Fields;
use super::kept::Kept;
use super::sign_in::SignInAgain;
use super::stranger::Stranger;
use super::visit::{Asked, Visit};
use crate::model::project::ProjectName;
use crate::web::auth::{self, AdminUser, SignInFirst};
use crate::web::body::Form;
use crate::web::client_ip::Transport;
use crate::web::problem::Problem;
use crate::web::{blocking, context};

/// Remembers the project that was looked at last; nothing depends on it.
const PROJECT_COOKIE: &str = "keysrv_project";
const PROJECT_COOKIE_DAYS: i64 = 365;

/// A page as a handler.
pub(crate) fn page(
    page: fn(&Visit) -> PageResult,
) -> impl Fn(HttpRequest, Visit) -> LocalBoxFuture<'static, Result<HttpResponse, actix_web::Error>> + Clone {
    move |request, visit| {
        Box::pin(async move {
            let context = context::of(&request)?;
            let looked_at = visit.asked.project.clone();
            let is_change = request.method() == Method::POST;
            let read = move |_: &_| page(&visit);
            let answer = if is_change {
                blocking::run(context, read).await
            } else {
                blocking::show(context, read).await
            }?;
            let is_page = matches!(answer, Answer::Page { .. });
            let mut response = answer.respond_to(&request);
            if is_page && last_project(&request).is_none_or(|last| last.as_str() != looked_at) {
                remember(&mut response, &looked_at, context.client(&request).transport())?;
            }
            Ok(response)
        })
    }
}

/// The project that was looked at last, as the browser says it.
pub(super) fn last_project(request: &HttpRequest) -> Option<ProjectName> {
    ProjectName::parse(request.cookie(PROJECT_COOKIE)?.value()).ok()
}

fn remember(
    response: &mut HttpResponse,
    project: &str,
    transport: Transport,
) -> Result<(), actix_web::Error> {
    let Ok(project) = ProjectName::parse(project) else { return Ok(()) };
    let cookie = Cookie::build(PROJECT_COOKIE, project.as_str())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(transport == Transport::Tls)
        .max_age(Duration::days(PROJECT_COOKIE_DAYS))
        .finish();
    Ok(response.add_cookie(&cookie)?)
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user = AdminUser::from_request(request, payload);
        let form = (request.method() == Method::POST).then(|| Form::from_request(request, payload));
        let request = request.clone();
        Box::pin(async move {
            let user = match user.await {
                Ok(user) => user,
                Err(error) => return Err(interrupted(&request, form, error).await),
            };
            let fields = match form {
                Some(form) => Fields::parse(&form.await?.0),
                None => Fields::default(),
            };
            let context = context::of(&request)?;
            Ok(Self {
                app: context.app.clone(),
                shown_once: context.shown_once.clone(),
                user: user.user().clone(),
                ip: Stranger::of(&request, context).ip,
                session: auth::session_cookie(&request, context).unwrap_or_default(),
                last_project: last_project(&request),
                is_head: request.method() == Method::HEAD,
                base_url: context.base_url(&context.client(&request)),
                asked: asked(&request, fields),
            })
        })
    }
}

/// What a person whose session has ended is told: a form is carried through the sign-in if it may be.
async fn interrupted(
    request: &HttpRequest,
    form: Option<impl Future<Output = Result<Form, Problem>>>,
    error: actix_web::Error,
) -> actix_web::Error {
    let (Some(first), Some(form)) = (error.as_error::<SignInFirst>(), form) else { return error };
    let Ok(form) = form.await else { return error };
    let kept = Kept::of(request, &form.0);
    let again = kept.and_then(|kept| SignInAgain::carrying(kept, first.next(), request).ok());
    again.map_or(error, Into::into)
}

fn asked(request: &HttpRequest, fields: Fields) -> Asked {
    let named = |name| request.match_info().get(name).unwrap_or_default().to_owned();
    Asked { project: named("project"), id: named("id"), query: request.query_string().to_owned(), fields }
}
