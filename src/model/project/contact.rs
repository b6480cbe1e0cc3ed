//! Whom a key's holder may ask, in the words of whoever runs the project.

use crate::model::Invalid;
use crate::model::text::require_label;

/// An address, a link or a name; 1–120 characters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Contact(String);

impl Contact {
    /// Reads a contact; an empty or blank one is none.
    ///
    /// # Errors
    /// As [`require_label`].
    pub fn parse(value: &str) -> Result<Option<Self>, Invalid> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(None);
        }
        require_label("contact", value, 120)?;
        Ok(Some(Self(value.to_owned())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
