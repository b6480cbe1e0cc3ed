//! What is told of one address and method: who may ask, what goes in, what comes back, what can
//! go wrong. The tables of `endpoints` are made of these.

use crate::model::code::Code;

/// An address with one of its methods.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub(crate) method: &'static str,
    /// Its pattern, from `routes`.
    pub(crate) path: &'static str,
    /// What generated clients call it, `snake_case`.
    pub(crate) id: &'static str,
    /// The heading under which it stands.
    pub(crate) group: &'static str,
    /// What it does, in a few words.
    pub(crate) summary: &'static str,
    /// What else there is to know, in sentences; may be empty.
    pub(crate) about: &'static str,
    /// Who may ask.
    pub(crate) needs: Needs,
    /// What may stand in path, query and headers.
    pub(crate) parameters: &'static [Parameter],
    /// What the request carries.
    pub(crate) body: Sent,
    /// What comes back when all is well.
    pub(crate) answer: Answer,
    /// What can go wrong beside what can go wrong everywhere.
    pub(crate) errors: &'static [&'static [Code]],
}

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Nothing.
    Nothing,
    /// JSON of this schema.
    Json(&'static str),
    /// The same, or nothing.
    Perhaps(&'static str),
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Everybody.
    Nothing,
    /// Whoever holds a real secret, whatever the key's state.
    RealKey,
    /// A valid key.
    Key,
    /// A valid key with this scope.
    Scope(&'static str),
}

/// A value in the path, the query or a header.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// Where it stands.
    pub(crate) place: Place,
    /// The name of its schema.
    pub(crate) schema: &'static str,
    /// What it means.
    pub(crate) about: &'static str,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the path; always there.
    Path,
    /// In the query; may be missing.
    Query,
    /// In the query, as often as there are values.
    QueryList,
    /// In a header; may be missing.
    Header,
}

/// What comes back when all is well.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// What it means.
    pub(crate) about: &'static str,
    /// The body.
    pub(crate) body: Body,
    /// Headers beside those of every answer, each with what it tells.
    pub(crate) headers: &'static [(&'static str, &'static str)],
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// None.
    Nothing,
    /// JSON of this schema.
    Json(&'static str),
    /// Text of this media type.
    Text(&'static str),
}

impl Endpoint {
    /// Every code with which it can refuse, in the order of the table of codes.
    pub(crate) fn codes(&self) -> Vec<Code> {
        let keyed: &[&[Code]] = match self.needs {
            Needs::Nothing => &[],
            Needs::RealKey => &[REAL_KEY],
            Needs::Key => &[REAL_KEY, KEY],
            Needs::Scope(_) => &[REAL_KEY, KEY, &[Code::InsufficientScope]],
        };
        let body: &[Code] = if self.body == Sent::Nothing { &[] } else { BODY };
        let all = [EVERYWHERE, body].into_iter().chain(keyed.iter().copied());
        let all: Vec<Code> = all.chain(self.errors.iter().copied()).flatten().copied().collect();
        Code::all().filter(|code| all.contains(code)).collect()
    }
}

/// What can go wrong with any request.
const EVERYWHERE: &[Code] = &[
    Code::BadRequest,
    Code::RequestTimeout,
    Code::PathTooLong,
    Code::HeadTooLarge,
    Code::Internal,
    Code::Unavailable,
];
/// What can be wrong with a token before anybody looks at the key.
const REAL_KEY: &[Code] =
    &[Code::AmbiguousCredentials, Code::NoCredentials, Code::Malformed, Code::NotFound, Code::Rotated];
/// What can be wrong with a key.
const KEY: &[Code] = &[
    Code::Disabled,
    Code::AccountDisabled,
    Code::Expired,
    Code::IpDenied,
    Code::RateLimited,
    Code::QuotaExceeded,
];
/// What can be wrong with a body.
const BODY: &[Code] =
    &[Code::BodyTooLarge, Code::UnsupportedMediaType, Code::InvalidValue, Code::ContainsToken];
/// What can be wrong with the values of a query.
pub(super) const VALUES: &[Code] = &[Code::InvalidValue];
/// What can keep a change from being kept.
pub(super) const CHANGE: &[Code] = &[Code::StorageFull];
/// What can be wrong with the id of one thing.
pub(super) const ONE: &[Code] = &[Code::NoSuchResource, Code::InvalidValue, Code::ContainsToken];
/// What can be wrong with the state that a change expects.
pub(super) const EXPECTED: &[Code] = &[Code::PreconditionFailed];
/// What can be wrong with a request that is to be done once. What came of the first may be gone.
pub(super) const ONCE: &[Code] =
    &[Code::IdempotencyKeyReused, Code::InvalidValue, Code::ContainsToken, Code::NoSuchResource];

/// A value in the path.
pub(super) const fn path(name: &'static str, schema: &'static str, about: &'static str) -> Parameter {
    Parameter { name, place: Place::Path, schema, about }
}

/// A value in a header.
pub(super) const fn header(name: &'static str, schema: &'static str, about: &'static str) -> Parameter {
    Parameter { name, place: Place::Header, schema, about }
}

/// A value in the query.
pub(super) const fn query(name: &'static str, schema: &'static str, about: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, schema, about }
}

/// A list of values in the query.
pub(super) const fn queries(name: &'static str, schema: &'static str, about: &'static str) -> Parameter {
    Parameter { name, place: Place::QueryList, schema, about }
}

/// The state that a change expects.
pub(super) const IF_MATCH: Parameter = Parameter {
    name: "If-Match",
    place: Place::Header,
    schema: "IfMatch",
    about: "Only if it is still in this state: the `ETag` of the answer that showed it. Several, with commas \
            between them, are one of these states; a weak one (`W/`) fits nothing, so that the answer is 412",
};
/// The caller's name for a request that is to be done once.
pub(super) const IDEMPOTENCY_KEY: Parameter = Parameter {
    name: "Idempotency-Key",
    place: Place::Header,
    schema: "IdempotencyKey",
    about: "A name of your choice for this request. Whoever sends the same request under the same name \
            within 24 hours gets what came of the first, without the token",
};
/// Names the state of what an answer shows.
pub(super) const ETAG: (&str, &str) = ("ETag", "Its state, for `If-Match`");
/// Leads to what was made.
pub(super) const LOCATION: (&str, &str) = ("Location", "Where it is");
/// Tells a repeated answer from a first.
pub(super) const REPLAYED: (&str, &str) =
    ("Idempotency-Replayed", "`true` when this request was done before under its `Idempotency-Key`");

/// How many rows.
pub(super) const LIMIT: Parameter = query("limit", "Limit", "How many; 50 when it is not given");
/// From where on.
pub(super) const CURSOR: Parameter =
    query("cursor", "Cursor", "Where to go on: `next_cursor` of the page before, with the same filters");

/// JSON with the status 200.
pub(super) const fn ok(schema: &'static str, about: &'static str) -> Answer {
    Answer { status: 200, about, body: Body::Json(schema), headers: &[] }
}

/// JSON with the status 200, and the state of what it shows.
pub(super) const fn tagged(schema: &'static str, about: &'static str) -> Answer {
    Answer { headers: &[ETAG], ..ok(schema, about) }
}

/// JSON with the status 201, and where to find what was made.
pub(super) const fn made(schema: &'static str, about: &'static str) -> Answer {
    Answer { status: 201, about, body: Body::Json(schema), headers: &[LOCATION, ETAG, REPLAYED] }
}

/// No body, with the status 204.
pub(super) const fn done(about: &'static str) -> Answer {
    Answer { status: 204, about, body: Body::Nothing, headers: &[] }
}
