//! What every handler is handed: the use cases, and what the server knows about its surroundings.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::web::Data;

use super::admin::ShownOnce;
use super::blocking::Aside;
use super::client_ip::{Client, TrustedProxies};
use super::head::Head;
use super::headers::RequestIds;
use super::problem::Problem;
use super::proxy::Strangers;
use crate::app::App;
use crate::config::MetricsAccess;
use crate::model::code::Code;

/// The server's one context, shared by all workers.
pub struct Context {
    /// The use cases.
    pub app: Arc<App>,
    /// Whose `X-Forwarded-*` count.
    pub proxies: TrustedProxies,
    /// The address that the operator says people use, without a slash at its end.
    pub base_url: Option<String>,
    /// Who may read the metrics.
    pub metrics: MetricsAccess,
    /// The threads that read pages.
    pub aside: Aside,
    /// Tokens on their way to the page that shows them.
    pub shown_once: Arc<ShownOnce>,
    /// Who asked for forward auth without being a trusted proxy.
    pub strangers: Strangers,
    /// Names requests.
    pub request_ids: RequestIds,
}

impl Context {
    /// The other end of a request.
    pub fn client<'a>(&'a self, request: &'a HttpRequest) -> Client<'a> {
        self.client_of(request.head())
    }

    /// The same, of a request that has no handler yet.
    pub(super) fn client_of<'a>(&'a self, head: &'a RequestHead) -> Client<'a> {
        let head = Head::of(head);
        Client::new(head.lines, head.peer, &self.proxies)
    }

    /// The address under which this request's person reaches the server, without a slash at its end.
    pub fn base_url(&self, client: &Client<'_>) -> String {
        match &self.base_url {
            Some(base_url) => base_url.clone(),
            None => format!("{}://{}", client.transport().scheme(), client.host().unwrap_or("localhost")),
        }
    }

    /// The hosts under which our pages are asked for.
    pub(super) fn hosts<'a>(&'a self, client: &Client<'a>) -> Vec<&'a str> {
        let configured = self.base_url.as_deref().and_then(host_of);
        client.host().into_iter().chain(configured).collect()
    }
}

fn host_of(base_url: &str) -> Option<&str> {
    let (_, rest) = base_url.split_once("://")?;
    rest.split('/').next()
}

/// The context of the server that serves this request.
///
/// # Errors
/// Never in a server that `server` built.
pub fn of(request: &HttpRequest) -> Result<&Data<Context>, Problem> {
    let context = request.app_data::<Data<Context>>();
    context.ok_or_else(|| Problem::new(Code::Internal, "keysrv failed"))
}
