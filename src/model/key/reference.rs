//! The three forms in which a person names a key: its id, its visible start, its name.
//!
//! A whole token is refused, since it now stands in the shell's history.

use super::{KeyId, Prefix, text};
use crate::model::Invalid;
use crate::model::revision::Expected;

/// An argument that names a key; which key it is depends on the project's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRef {
    text: String,
    id: Option<KeyId>,
    expected: Option<Expected>,
}

impl KeyRef {
    /// Reads an argument in any of the three forms.
    ///
    /// # Errors
    /// When it is empty or contains a whole token.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        if text::contains_token(value) {
            return Err(Invalid::token("id"));
        }
        if value.is_empty() {
            return Err(Invalid::new("id", value, "is empty"));
        }
        let id = KeyId::parse(value).ok().or_else(|| visible_start_id(value));
        Ok(Self { text: value.to_owned(), id, expected: None })
    }

    /// The key in a state that a change expects; in another one it is not changed.
    #[must_use]
    pub fn expecting(self, expected: Option<Expected>) -> Self {
        Self { expected, ..self }
    }

    /// The state that a change expects.
    pub fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    /// The key id that the text may be; a name of 12 characters may look like one, so that a key
    /// with this id is tried first and the name after it.
    pub fn id(&self) -> Option<KeyId> {
        self.id
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<KeyId> for KeyRef {
    fn from(id: KeyId) -> Self {
        Self { text: id.to_string(), id: Some(id), expected: None }
    }
}

/// Whether the text has the shape `<prefix>_<key id>_`.
pub fn is_visible_start(value: &str) -> bool {
    visible_start_id(value).is_some()
}

/// The id in a text of the shape `<prefix>_<key id>_`.
pub fn visible_start_id(value: &str) -> Option<KeyId> {
    // Pages show `ks_8Qm2LxT0aZr4_…`, and people copy the dots with it.
    let value = value.strip_suffix('…').unwrap_or(value);
    let (prefix, id) = value.strip_suffix('_')?.rsplit_once('_')?;
    Prefix::parse(prefix).ok()?;
    KeyId::parse(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_each_of_its_forms() {
        let id = KeyId::parse("8Qm2LxT0aZr4").unwrap();
        for text in ["8Qm2LxT0aZr4", "ks_8Qm2LxT0aZr4_", "acme_live_8Qm2LxT0aZr4_", "ks_8Qm2LxT0aZr4_…"] {
            assert_eq!(KeyRef::parse(text).unwrap().id(), Some(id), "{text}");
        }
        assert_eq!(KeyRef::parse("my-agent-key").unwrap().id(), None);
    }

    #[test]
    fn a_whole_token_is_no_reference() {
        let token = format!("ks_8Qm2LxT0aZr4_{}", "a".repeat(38));
        assert!(KeyRef::parse(&token).is_err());
    }
}
