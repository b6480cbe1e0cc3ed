//! The fields of a form or a query, read without knowing their names beforehand: the rows of a
//! scope catalogue are data.

use crate::model::text::contains_token;

/// Name and value of every field, in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; whatever is no UTF-8 is replaced.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// Gives the field a value where it has none.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        if self.filled(name).is_none() {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The fields of a form as it would be sent with these values.
    pub(crate) fn of<const N: usize>(values: [(&str, String); N]) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The last value of this field; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// Every value of this field, such as of boxes with one name.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The last value of this field, unless it is missing or blank.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.find(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// What was typed into this field, for a form that comes back; nothing of it when it contains
    /// a whole token, which no page shows a second time.
    pub(crate) fn typed(&self, name: &str) -> &str {
        Some(self.get(name)).filter(|value| !contains_token(value)).unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
