//! What a new project's catalogue starts with: the example, or only what guards keysrv itself.

use super::{Catalogue, Resource, ScopeDetail};
use crate::model::scope::{Preset, PresetName, PresetScope, Scope};

/// Name, label, description, and each action with its label and default.
type Row = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str, bool)]);

const READ_WRITE: &[(&str, &str, bool)] = &[("read", "Read", true), ("write", "Write", true)];

const PLATFORM: Row = (
    "platform",
    "Platform API",
    "Access to account management, session tokens and connector profiles. Required for platform operations such as \
     embedding a connect flow and managing accounts.",
    READ_WRITE,
);
const KEYS: Row = (
    "keys",
    "Key management",
    "See (read) and manage (write) this project's API keys over the API.",
    &[("read", "Read", false), ("write", "Write", false)],
);
const EXAMPLE: [Row; 6] = [
    PLATFORM,
    ("actions", "Actions", "Interact with actions over RPC and MCP.", &[("execute", "Execute", true)]),
    (
        "connectors",
        "Connectors",
        "Access to custom connectors. Read (connectors:read) downloads them from the registry, write (connectors:write) \
         pushes and deletes them. Required for connector engine operations.",
        &[("read", "Read", true), ("write", "Write", false)],
    ),
    (
        "credentials",
        "Credentials",
        "Retrieve stored credentials for direct provider access (read-only). Required for the command line and for \
         running actions outside the platform.",
        &[("read", "Read", false)],
    ),
    (
        "unified",
        "Unified API",
        "All legacy (unified) endpoints (HRIS, ATS, CRM, LMS and others): read and write data across connected providers.",
        READ_WRITE,
    ),
    KEYS,
];

const AI_AGENT: &[(&str, &str)] = &[
    ("platform:read", "To list connected accounts."),
    ("actions:execute", "To use actions over RPC and MCP."),
    ("connectors:read", "To download connectors from the registry."),
    ("credentials:read", "To retrieve stored credentials for direct provider access."),
];
const READ_ONLY: &[(&str, &str)] = &[("platform:read", ""), ("connectors:read", ""), ("unified:read", "")];

impl Catalogue {
    /// The catalogue that shows what scopes are for; six resources, ten scopes.
    pub fn example() -> Self {
        Self {
            resources: EXAMPLE.iter().filter_map(resource).collect(),
            presets: [("ai-agent", "AI agent", AI_AGENT), ("read-only", "Read only", READ_ONLY)]
                .into_iter()
                .filter_map(preset)
                .collect(),
        }
    }

    /// Only what guards keysrv's own API.
    pub fn empty() -> Self {
        let read_only = preset(("read-only", "Read only", &[("platform:read", "")]));
        Self {
            resources: [PLATFORM, KEYS].iter().filter_map(resource).collect(),
            presets: read_only.into_iter().collect(),
        }
    }
}

fn resource((name, label, description, actions): &Row) -> Option<Resource> {
    let detail = |(action, label, is_default): &(&str, &str, bool)| {
        let scope = Scope::parse(&format!("{name}:{action}")).ok()?;
        Some(ScopeDetail { scope, label: (*label).to_owned(), is_default: *is_default })
    };
    Some(Resource {
        name: (*name).to_owned(),
        label: (*label).to_owned(),
        description: (*description).to_owned(),
        scopes: actions.iter().map(detail).collect::<Option<_>>()?,
    })
}

fn preset((name, label, scopes): (&str, &str, &[(&str, &str)])) -> Option<Preset> {
    let entry = |(scope, reason): &(&str, &str)| {
        Some(PresetScope { scope: Scope::parse(scope).ok()?, reason: (*reason).to_owned() })
    };
    let scopes = scopes.iter().map(entry).collect::<Option<_>>()?;
    Some(Preset { name: PresetName::parse(name).ok()?, label: label.to_owned(), scopes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_of_the_starters_is_lost() {
        assert_eq!(Catalogue::example().resources.len(), 6);
        assert_eq!(Catalogue::empty().resources.len(), 2);
        assert_eq!(Catalogue::example().preset("ai-agent").map(|set| set.len()), Some(4));
        assert_eq!(Catalogue::example().preset("read-only").map(|set| set.len()), Some(3));
    }
}
