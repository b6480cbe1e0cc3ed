//! Whether a new key works, as a small piece of a page that the script asks for until it does.

use askama::Template;

use crate::model::code::Code;
use crate::model::key::KeyRef;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::visit::Visit;

/// The piece; empty while nobody has used the key.
#[derive(Template)]
#[template(path = "keys/first_use.html")]
struct FirstUse {
    /// Whether a request was accepted.
    is_used: bool,
    /// From where the last one came, if known.
    ip: String,
    /// Why the last one was refused, while none is accepted.
    refused: &'static str,
}

/// Tells of a key's first request.
pub(crate) fn first_use(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project()?, visit.key_id()?);
    let key = visit.app.get_key(&visit.who(), &project, &KeyRef::from(id))?;
    Answer::page(&FirstUse {
        is_used: key.last_used_at.is_some(),
        ip: key.last_used_ip.clone().unwrap_or_default(),
        refused: key.last_refused_code.map(Code::title).unwrap_or_default(),
    })
}
