//! When a key ends, as the forms for a new key and a changed one ask for it.

use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::expiry::{Span, parse_expiry};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::Choice;

/// The value of *Expires* for as long as the project allows.
pub(super) const LONGEST: &str = "longest";
/// The value of *Expires* for as long a life as the key has that the new one is to be like.
pub(super) const AS_LIKE: &str = "like";
/// The value of *Expires* for the end that the key has.
pub(super) const KEEP: &str = "keep";
/// The choices of *Expires* beside those.
const PRESETS: [(&str, &str); 6] = [
    ("never", "Never"),
    ("7d", "In 7 days"),
    ("30d", "In 30 days"),
    ("90d", "In 90 days"),
    ("365d", "In a year"),
    ("date", "On a date…"),
];

/// The choices in a project where keys live this long at most, with one of its own before the others;
/// the first is chosen where none is.
pub(super) fn choices(
    current: Option<&str>,
    longest: Option<Span>,
    own: Option<(&'static str, String)>,
) -> Vec<Choice> {
    let longest_choice = longest.map(|longest| (LONGEST, format!("In {longest}, the longest")));
    let fits = |value: &str| match (Span::parse("expires", value), longest) {
        (_, None) => true,
        (Ok(span), Some(longest)) => span < longest,
        (Err(_), Some(_)) => value != "never",
    };
    let known = PRESETS.iter().filter(|(value, _)| fits(value));
    let known = known.map(|(value, label)| (*value, (*label).to_owned()));
    let all: Vec<_> = own.into_iter().chain(longest_choice).chain(known).collect();
    let current = current.or_else(|| all.first().map(|(value, _)| *value)).unwrap_or_default();
    all.iter().map(|(value, label)| Choice::new(value, label, *value == current)).collect()
}

/// When the key ends, as the form says it.
pub(super) enum End {
    /// Then; `None` is never.
    At(Option<Timestamp>),
    /// After the longest life that the project allows.
    Longest,
    /// After as long a life as the key has that it is to be like.
    AsLike,
    /// As before.
    Keep,
}

impl End {
    /// Reads the fields.
    ///
    /// # Errors
    /// When a date is missing, in the past or none at all.
    pub(super) fn parse(fields: &Fields, now: Timestamp) -> Result<Self, Invalid> {
        let text = match fields.filled("expires").unwrap_or(LONGEST) {
            LONGEST => return Ok(Self::Longest),
            AS_LIKE => return Ok(Self::AsLike),
            KEEP => return Ok(Self::Keep),
            "date" => fields.get("expires_on"),
            other => other,
        };
        if text.is_empty() {
            let rule = "needs a date: the last day on which the key works";
            return Err(Invalid::new("expires_at", text, rule));
        }
        parse_expiry(text, now).map(Self::At)
    }
}
