//! What a project demands of its keys, and what it lets their holders know.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::model::Invalid;
use crate::model::expiry::Span;

/// What a project demands of its keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProjectRules {
    /// The longest time from now to a key's end; then no key lives for ever. `None` for no limit.
    pub max_lifetime: Option<Span>,
    /// Keys that were not used for so long are disabled, announced
    /// [`ANNOUNCED_AHEAD`](super::ANNOUNCED_AHEAD) ahead. `None` for never.
    pub disable_unused: Option<Span>,
    /// Whether the holder of a disabled key reads why.
    pub reason: ReasonShown,
}

/// Who reads why a key was disabled, beside those who manage it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReasonShown {
    /// Nobody.
    #[default]
    Never,
    /// Whoever presents its token.
    ToHolder,
}

impl ReasonShown {
    /// Reads the switch.
    ///
    /// # Errors
    /// When it is neither `on` nor `off`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        match value {
            "on" => Ok(Self::ToHolder),
            "off" => Ok(Self::Never),
            other => Err(Invalid::new("show_reason", other, "is neither `on` nor `off`")),
        }
    }

    /// Whether the holder reads it.
    pub fn is_shown(self) -> bool {
        self == Self::ToHolder
    }
}

/// Reads a length of time of at least a day, or `none`.
///
/// # Errors
/// When it is neither, or shorter than a day.
pub fn parse_days(field: &'static str, value: &str) -> Result<Option<Span>, Invalid> {
    if value == "none" {
        return Ok(None);
    }
    let span = Span::parse(field, value)?;
    if span < Span::DAY { Err(Invalid::new(field, value, "is shorter than a day")) } else { Ok(Some(span)) }
}

/// Lengths of time are seconds outside.
impl Serialize for ProjectRules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = |span: Option<Span>| span.map(|span| span.duration().as_secs());
        let mut fields = serializer.serialize_struct("ProjectRules", 3)?;
        fields.serialize_field("max_lifetime_seconds", &seconds(self.max_lifetime))?;
        fields.serialize_field("disable_unused_after_seconds", &seconds(self.disable_unused))?;
        fields.serialize_field("show_reason", &self.reason.is_shown())?;
        fields.end()
    }
}
