//! The page of the API: how to send a token, every address with a command to try it, and every
//! code with what to do about it.
//!
//! Made from what the OpenAPI document is made of (`api::openapi`), for this very server's address.
//! It is for everybody: it tells nothing that is not the same everywhere.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::answer::Answer;
use super::words::Words;
use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{Answer as Told, Body, Endpoint, Needs, Parameter, Place};
use crate::web::api::openapi::{endpoints, groups};
use crate::web::context::Context;
use crate::web::problem::Problem;
use crate::web::routes;

mod curl;
mod fields;

use fields::Field;

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    base_url: String,
    first: String,
    document: &'static str,
    groups: Vec<Group>,
    codes: Vec<CodeRow>,
}

struct Group {
    name: &'static str,
    entries: Vec<Entry>,
}

struct Entry {
    id: &'static str,
    method: &'static str,
    path: &'static str,
    summary: Words,
    about: Words,
    needs: Words,
    parameters: Vec<Field>,
    fields: Vec<Field>,
    curl: String,
    answer: Words,
    codes: Vec<Code>,
}

struct CodeRow {
    code: Code,
    fix: Words,
}

/// `GET /docs`
///
/// # Errors
/// When the template fails, which it does not.
pub(crate) async fn docs(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let base_url = context.base_url(&context.client(&request));
    let of_group = |name: &&'static str| Group { name, entries: entries(name, &base_url) };
    let page = DocsPage {
        first: format!("{base_url}{}", routes::API_WHOAMI),
        document: routes::OPENAPI,
        groups: groups().iter().map(of_group).collect(),
        codes: Code::all().map(|code| CodeRow { code, fix: Words::sentence(code.fix()) }).collect(),
        base_url,
    };
    Ok(actix_web::Responder::respond_to(Answer::page(&page)?, &request).map_into_boxed_body())
}

fn entries(group: &str, base_url: &str) -> Vec<Entry> {
    endpoints::all().filter(|endpoint| endpoint.group == group).map(|one| entry(one, base_url)).collect()
}

fn entry(endpoint: &Endpoint, base_url: &str) -> Entry {
    Entry {
        id: endpoint.id,
        method: endpoint.method,
        path: endpoint.path,
        summary: Words::sentence(endpoint.summary),
        about: Words::new(endpoint.about),
        needs: Words::new(&needs(endpoint.needs)),
        parameters: endpoint.parameters.iter().map(parameter).collect(),
        fields: fields::of_body(endpoint.body),
        curl: curl::command(endpoint, base_url),
        answer: Words::sentence(&answer(&endpoint.answer)),
        codes: endpoint.codes(),
    }
}

fn needs(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "Everybody.".to_owned(),
        Needs::RealKey => "A key, in whatever state.".to_owned(),
        Needs::Key => "A valid key.".to_owned(),
        Needs::Scope(scope) => format!("A valid key with the scope `{scope}`."),
    }
}

fn parameter(parameter: &Parameter) -> Field {
    let place = match parameter.place {
        Place::Path => "in the path",
        Place::Query => "in the query",
        Place::QueryList => "in the query, as often as needed",
        Place::Header => "header",
    };
    Field { name: parameter.name.to_owned(), kind: place.to_owned(), about: Words::sentence(parameter.about) }
}

fn answer(answer: &Told) -> String {
    let body = match answer.body {
        Body::Nothing => ", without a body".to_owned(),
        Body::Json(schema) => format!(": `{schema}`"),
        Body::Text(media_type) => format!(", as `{media_type}`"),
    };
    format!("`{}`{body}. {}", answer.status, answer.about)
}
