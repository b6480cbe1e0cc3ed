//! The query of the table of keys: search, filters, order and place, so that a view can be sent
//! to someone and a change can come back to it.

use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::expiry::Span;
use crate::model::key::{KeyFilter, KeyOrder, KeyStatus};
use crate::model::page::{Limit, PageRequest};
use crate::model::scope::Scope;
use crate::web::admin::fields::Fields;

const Q_CHARS_MAX: usize = 128;

/// What the table shows, as its address says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeysQuery {
    /// The search; empty for none.
    pub(crate) q: String,
    /// Only this status.
    pub(crate) status: Option<KeyStatus>,
    /// Only holders of this scope.
    pub(crate) scope: Option<Scope>,
    /// Only this account's, by id or external id.
    pub(crate) account: Option<String>,
    /// Only those that were not used for some time.
    pub(crate) unused: Unused,
    /// Only those that end within so long, or never.
    pub(crate) ends: Ends,
    /// The order.
    pub(crate) order: KeyOrder,
    /// Where the page before ended.
    pub(crate) cursor: Option<String>,
}

/// When a key ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Does not matter.
    #[default]
    Any,
    /// Within this time, as it was written: `14d`.
    Within(String, Span),
    /// Never.
    Never,
}

/// For how long a key was not used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Unused {
    /// Does not matter.
    #[default]
    Any,
    /// For this long, as it was written: `90d`.
    For(String, Span),
    /// Never used at all.
    Ever,
}

impl KeysQuery {
    /// Reads the part of an address after the `?`.
    ///
    /// # Errors
    /// When a value is not one that its filter knows.
    pub(crate) fn parse(query: &str) -> Result<Self, Invalid> {
        let fields = Fields::parse(query.as_bytes());
        let q = fields.filled("q").unwrap_or_default();
        if q.chars().count() > Q_CHARS_MAX {
            return Err(Invalid::new("q", q, format!("is longer than {Q_CHARS_MAX} characters")));
        }
        Ok(Self {
            q: q.to_owned(),
            status: fields.filled("status").map(KeyStatus::parse).transpose()?,
            scope: fields.filled("scope").map(Scope::parse).transpose()?,
            account: fields.filled("account").map(str::to_owned),
            unused: Unused::parse(fields.filled("unused_for"))?,
            ends: Ends::parse(fields.filled("expires_within"))?,
            order: fields.filled("sort").map(KeyOrder::parse).transpose()?.unwrap_or_default(),
            cursor: fields.filled("cursor").map(str::to_owned),
        })
    }

    /// The filter of the use case.
    pub(crate) fn filter(&self, now: Timestamp) -> KeyFilter {
        KeyFilter {
            q: (!self.q.is_empty()).then(|| self.q.clone()),
            status: self.status,
            scope: self.scope.clone(),
            account: self.account.clone(),
            unused_since: match &self.unused {
                Unused::For(_, span) => Some(span.before(now)),
                Unused::Any | Unused::Ever => None,
            },
            never_used: self.unused == Unused::Ever,
            expires_by: match &self.ends {
                Ends::Within(_, span) => Some(span.after(now)),
                Ends::Any | Ends::Never => None,
            },
            never_ends: self.ends == Ends::Never,
            order: self.order,
        }
    }

    /// The page of the use case.
    pub(crate) fn page(&self) -> PageRequest {
        PageRequest { limit: Limit::default(), cursor: self.cursor.clone() }
    }

    /// Whether any filter holds keys back.
    pub(crate) fn is_filtered(&self) -> bool {
        let all = Self { order: self.order, cursor: self.cursor.clone(), ..Self::default() };
        *self != all
    }

    /// The same view from the start, in another order.
    pub(crate) fn sorted(&self, order: KeyOrder) -> Self {
        Self { order, cursor: None, ..self.clone() }
    }

    /// The same view from another place on; `None` for the start.
    pub(crate) fn at(&self, cursor: Option<String>) -> Self {
        Self { cursor, ..self.clone() }
    }

    /// The query again, with only what differs from the plain table; empty for the plain table.
    pub(crate) fn to_text(&self) -> String {
        let order = (self.order != KeyOrder::default()).then(|| self.order.as_str());
        let pairs = [
            ("q", Some(self.q.as_str()).filter(|q| !q.is_empty())),
            ("status", self.status.map(KeyStatus::as_str)),
            ("scope", self.scope.as_ref().map(Scope::as_str)),
            ("account", self.account.as_deref()),
            ("unused_for", self.unused.as_str()),
            ("expires_within", self.ends.as_str()),
            ("sort", order),
            ("cursor", self.cursor.as_deref()),
        ];
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            if let Some(value) = value {
                text.append_pair(name, value);
            }
        }
        text.finish()
    }
}

impl Ends {
    fn parse(value: Option<&str>) -> Result<Self, Invalid> {
        match value {
            None => Ok(Self::Any),
            Some("never") => Ok(Self::Never),
            Some(text) => Ok(Self::Within(text.to_owned(), Span::parse("expires_within", text)?)),
        }
    }

    /// As it stands in an address.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::Within(text, _) => Some(text),
            Self::Never => Some("never"),
        }
    }
}

impl Unused {
    fn parse(value: Option<&str>) -> Result<Self, Invalid> {
        match value {
            None => Ok(Self::Any),
            Some("never") => Ok(Self::Ever),
            Some(text) => Ok(Self::For(text.to_owned(), Span::parse("unused_for", text)?)),
        }
    }

    /// As it stands in an address.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::For(text, _) => Some(text),
            Self::Ever => Some("never"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_survives_its_address() {
        let text = "q=a+%26+b&status=disabled&scope=keys%3Aread&account=acc_1&unused_for=90d&expires_within=14d&sort=name&cursor=xyz";
        let query = KeysQuery::parse(text).unwrap();
        assert_eq!(query.to_text(), text);
        assert!(query.is_filtered());
        assert_eq!(query.at(None).to_text(), text.replace("&cursor=xyz", ""));
    }

    #[test]
    fn the_plain_table_has_an_empty_query() {
        let query = KeysQuery::parse("q=&status=&scope=&account=&unused_for=&sort=&other=1").unwrap();
        assert_eq!((query.to_text(), query.is_filtered()), (String::new(), false));
        assert!(!KeysQuery::parse("sort=last_used&cursor=x").unwrap().is_filtered());
    }

    #[test]
    fn a_value_that_no_filter_knows_is_refused() {
        for text in ["status=asleep", "scope=x", "unused_for=soon", "sort=size"] {
            assert!(KeysQuery::parse(text).is_err(), "{text}");
        }
        assert!(KeysQuery::parse(&format!("q={}", "x".repeat(129))).is_err());
    }
}
