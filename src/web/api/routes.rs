//! `/v1/routes`: the route rules of the caller's project, in the order in which they are asked.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::call::Call;
use super::query::{Query, page};
use crate::web::context::Context;
use crate::web::problem::Problem;

/// `GET /v1/routes?limit=…&cursor=…`
///
/// # Errors
/// When the key is not accepted, or a parameter cannot be read.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by_any(&request, &context)?;
    let mut query = Query::parse(request.query_string());
    let page = page(&mut query)?;
    query.finish()?;
    let limit = page.limit;
    super::list(call.run(move |app, who, project| app.list_routes(who, project, &page)).await?, limit)
}
