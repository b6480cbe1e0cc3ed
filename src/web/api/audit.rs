//! `/v1/audit`: who changed what in the project in which the caller's key acts.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::call::Call;
use super::query::{Query, page};
use crate::model::Invalid;
use crate::model::audit::AuditFilter;
use crate::model::page::PageRequest;
use crate::model::principal::ActorKind;
use crate::web::context::Context;
use crate::web::problem::Problem;

/// `GET /v1/audit?actor=…&actor_kind=…&action=…&target=…&target_id=…&from=…&to=…&limit=…&cursor=…`, newest
/// first.
///
/// # Errors
/// When the key does not hold `keys:read`, or a parameter cannot be read.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, "keys:read")?;
    let (mut filter, page) = read_query(request.query_string())?;
    let limit = page.limit;
    let listed = call.run(move |app, who, project| {
        filter.project = Some(project.clone());
        app.list_audit(who, &filter, &page)
    });
    super::list(listed.await?, limit)
}

fn read_query(text: &str) -> Result<(AuditFilter, PageRequest), Problem> {
    let mut query = Query::parse(text);
    let filter = AuditFilter {
        actor_kind: query.one("actor_kind")?.map(|kind| ActorKind::parse(&kind)).transpose()?,
        action: query.one("action")?.map(Into::into),
        actor: query.one("actor")?.map(Into::into),
        target_id: query.one("target_id")?.map(Into::into),
        target: query.one("target")?.map(Into::into),
        from: query.instant("from")?,
        to: query.instant("to")?,
        ..AuditFilter::default()
    };
    let page = page(&mut query)?;
    query.finish()?;
    match (filter.from, filter.to) {
        (Some(from), Some(to)) if from > to => {
            Err(Invalid::new("from", &from.to_string(), "is later than `to`").into())
        }
        _ => Ok((filter, page)),
    }
}
