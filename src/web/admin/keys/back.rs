//! Where a change of a key comes back to: the view of the table that it was made in, or the
//! key's own page. It travels as a form's field, and only what is read here is gone to.

use super::query::KeysQuery;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;
use crate::web::admin::page::with_query;
use crate::web::routes;

/// The value of the field that leads to the key's page; no query of the table looks like it.
const KEY_PAGE: &str = "key";

/// A place to come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Back {
    /// The key's page.
    Key,
    /// The table, with this query.
    Table(KeysQuery),
}

/// What was done to a key, as the address of the page after it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It was switched on.
    Enabled,
    /// It was switched off.
    Disabled,
    /// It is gone.
    Deleted,
    /// Something else about it changed.
    Changed,
    /// Scopes that nobody asked for were taken away.
    Narrowed,
    /// They were given back.
    Widened,
}

impl Done {
    /// Its name in an address.
    fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Changed => "changed",
            Self::Narrowed => "narrowed",
            Self::Widened => "widened",
        }
    }

    /// What an address says was done.
    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled, Self::Deleted, Self::Changed, Self::Narrowed, Self::Widened]
            .into_iter()
            .find(|done| done.as_str() == name)
    }
}

impl Back {
    /// Reads the field; whatever is no place leads to the plain table.
    pub(crate) fn parse(value: &str) -> Self {
        if value == KEY_PAGE { Self::Key } else { Self::Table(KeysQuery::parse(value).unwrap_or_default()) }
    }

    /// The field's value.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Key => KEY_PAGE.to_owned(),
            Self::Table(query) => query.to_text(),
        }
    }

    /// The place as it is, for *Cancel*.
    pub(crate) fn address(&self, project: &ProjectName, id: &KeyId) -> String {
        match self {
            Self::Key => routes::key(project, id),
            Self::Table(query) => with_query(&routes::keys(project), &query.to_text()),
        }
    }

    /// The place with a message about what was done, at the key's row.
    pub(crate) fn after(&self, project: &ProjectName, id: &KeyId, done: Done) -> String {
        let place = match self {
            Self::Key if done != Done::Deleted => self.clone(),
            Self::Key => Self::Table(KeysQuery::default()),
            Self::Table(_) => self.clone(),
        };
        let query = match &place {
            Self::Key => String::new(),
            Self::Table(query) => query.to_text(),
        };
        let mut query = form_urlencoded::Serializer::for_suffix(query, 0);
        query.append_pair("done", done.as_str()).append_pair("it", id.as_str());
        let query = query.finish();
        let address = place.bare(project, id);
        let row = if place == Self::Key { String::new() } else { format!("#key-{id}") };
        format!("{address}?{query}{row}")
    }

    fn bare(&self, project: &ProjectName, id: &KeyId) -> String {
        match self {
            Self::Key => routes::key(project, id),
            Self::Table(_) => routes::keys(project),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_comes_back_to_its_row_in_the_same_view() {
        let (project, id) = (ProjectName::default(), KeyId::parse("8Qm2LxT0aZr4").unwrap());
        let back = Back::parse("q=a&sort=name");
        assert_eq!(
            back.after(&project, &id, Done::Disabled),
            "/p/default/keys?q=a&sort=name&done=disabled&it=8Qm2LxT0aZr4#key-8Qm2LxT0aZr4"
        );
        assert_eq!(
            Back::parse("key").after(&project, &id, Done::Enabled),
            "/p/default/keys/8Qm2LxT0aZr4?done=enabled&it=8Qm2LxT0aZr4"
        );
        assert!(Back::Key.after(&project, &id, Done::Deleted).starts_with("/p/default/keys?done=deleted"));
    }

    #[test]
    fn nothing_but_a_view_is_gone_back_to() {
        for value in ["https://evil.example/", "//evil.example", "status=nonsense", "/p/x/keys"] {
            assert_eq!(Back::parse(value).to_text(), "", "{value}");
        }
    }
}
