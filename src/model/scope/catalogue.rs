//! The scope catalogue: what a project offers to grant, in words.
//!
//! The catalogue is data that an operator edits, except the resources `platform` and `keys`,
//! which guard keysrv's own API. The one that a new project starts with is `starter`.

use super::{Preset, Scope, ScopeSet};

mod starter;

/// A project's list of resources and their actions, and the presets made of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Catalogue {
    /// In the order in which they are shown.
    pub resources: Vec<Resource>,
    /// Stored presets; *Defaults* and *None* are derived.
    pub presets: Vec<Preset>,
}

/// One row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Resource {
    /// The part of a scope before the colon.
    pub name: String,
    /// For example "Platform API".
    pub label: String,
    /// What the scopes of this resource allow.
    pub description: String,
    /// Its actions, narrowest first.
    pub scopes: Vec<ScopeDetail>,
}

/// One action of a resource.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ScopeDetail {
    /// The scope.
    pub scope: Scope,
    /// For example "Read".
    pub label: String,
    /// Whether a new key gets it when nothing is said.
    #[serde(rename = "default")]
    pub is_default: bool,
}

/// One of the choices that a resource's row offers: nothing, then one action more each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// `off`, or the actions with `+` between two: `read+write`.
    pub value: String,
    /// "Off", "Read", "Read + Write".
    pub label: String,
    /// What it grants.
    pub scopes: ScopeSet,
}

/// A set of scopes in two words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summary {
    /// The catalogue's defaults.
    Defaults,
    /// A stored preset, by its label.
    Preset(String),
    /// None at all.
    None,
    /// Anything else, by its number.
    Count(usize),
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Defaults => f.write_str("Defaults"),
            Self::Preset(label) => f.write_str(label),
            Self::None => f.write_str("None"),
            Self::Count(1) => f.write_str("1 scope"),
            Self::Count(n) => write!(f, "{n} scopes"),
        }
    }
}

impl Catalogue {
    /// Resources that guard keysrv's own API and are not edited.
    pub const OWN: [&'static str; 2] = ["platform", "keys"];

    /// Whether the resource guards keysrv's own API.
    pub fn is_own(resource: &str) -> bool {
        Self::OWN.contains(&resource)
    }

    /// Every scope in the order of the rows.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeDetail> {
        self.resources.iter().flat_map(|resource| &resource.scopes)
    }

    /// What a key gets when nothing is said.
    pub fn defaults(&self) -> ScopeSet {
        self.scopes().filter(|detail| detail.is_default).map(|detail| detail.scope.clone()).collect()
    }

    /// The scopes of a preset by its name: `defaults`, `none`, or a stored one.
    pub fn preset(&self, name: &str) -> Option<ScopeSet> {
        match name {
            "defaults" => Some(self.defaults()),
            "none" => Some(ScopeSet::default()),
            _ => self.presets.iter().find(|preset| preset.name.as_str() == name).map(Preset::scope_set),
        }
    }

    /// Every preset's name, in the order in which they are offered.
    pub fn preset_names(&self) -> Vec<&str> {
        let stored = self.presets.iter().map(|preset| preset.name.as_str());
        std::iter::once("defaults").chain(stored).chain(std::iter::once("none")).collect()
    }

    /// Those of `scopes` that the catalogue does not have.
    pub fn unknown(&self, scopes: &ScopeSet) -> ScopeSet {
        let known: ScopeSet = self.scopes().map(|detail| detail.scope.clone()).collect();
        known.missing(scopes)
    }

    /// The set in two words: which preset it is, or how many scopes.
    pub fn summary(&self, scopes: &ScopeSet) -> Summary {
        if scopes.is_empty() {
            return Summary::None;
        }
        if *scopes == self.defaults() {
            return Summary::Defaults;
        }
        let preset = self.presets.iter().find(|preset| preset.scope_set() == *scopes);
        preset.map_or(Summary::Count(scopes.len()), |preset| Summary::Preset(preset.label.clone()))
    }
}

impl Level {
    /// Nothing at all.
    fn off() -> Self {
        Self { value: "off".to_owned(), label: "Off".to_owned(), scopes: ScopeSet::default() }
    }
}

impl Resource {
    /// Off, then one action more each time.
    pub fn levels(&self) -> Vec<Level> {
        let more = (1..=self.scopes.len()).map(|n| level_of(self.scopes.iter().take(n)));
        std::iter::once(Level::off()).chain(more).collect()
    }

    /// The level that grants exactly what `scopes` holds of this resource; it may be none of
    /// [`Resource::levels`], since a set can hold a later action without an earlier one.
    pub fn level_for(&self, scopes: &ScopeSet) -> Level {
        self.level_where(|detail| scopes.contains(&detail.scope))
    }

    /// The level that grants exactly the resource's defaults, in words.
    pub fn default_label(&self) -> String {
        self.level_where(|detail| detail.is_default).label
    }

    fn level_where(&self, is_held: impl Fn(&ScopeDetail) -> bool) -> Level {
        let mut held = self.scopes.iter().filter(|detail| is_held(detail)).peekable();
        if held.peek().is_none() { Level::off() } else { level_of(held) }
    }
}

fn level_of<'a>(details: impl Iterator<Item = &'a ScopeDetail>) -> Level {
    let details: Vec<&ScopeDetail> = details.collect();
    Level {
        value: details.iter().map(|detail| detail.scope.action()).collect::<Vec<_>>().join("+"),
        label: details.iter().map(|detail| detail.label.as_str()).collect::<Vec<_>>().join(" + "),
        scopes: details.iter().map(|detail| detail.scope.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_offers_one_action_more_each_time() {
        let catalogue = Catalogue::example();
        let labels: Vec<Vec<String>> = catalogue
            .resources
            .iter()
            .map(|resource| resource.levels().into_iter().map(|level| level.label).collect())
            .collect();
        assert_eq!(labels[0], ["Off", "Read", "Read + Write"]);
        assert_eq!(labels[1], ["Off", "Execute"]);
        assert_eq!(catalogue.resources[2].default_label(), "Read");
        assert_eq!(catalogue.resources[3].default_label(), "Off");
        let write = ScopeSet::parse(["connectors:write", "platform:read"]).unwrap();
        let level = |row: usize| catalogue.resources[row].level_for(&write);
        assert_eq!((level(2).value.as_str(), level(2).label.as_str()), ("write", "Write"));
        assert_eq!((level(0).label.as_str(), level(1).value.as_str()), ("Read", "off"));
    }

    #[test]
    fn a_set_is_summed_up_by_the_preset_it_equals() {
        let catalogue = Catalogue::example();
        let summary = |name: &str| catalogue.summary(&catalogue.preset(name).unwrap()).to_string();
        assert_eq!(summary("defaults"), "Defaults");
        assert_eq!(summary("ai-agent"), "AI agent");
        assert_eq!(summary("read-only"), "Read only");
        assert_eq!(summary("none"), "None");
        assert_eq!(catalogue.summary(&ScopeSet::parse(["keys:read"]).unwrap()).to_string(), "1 scope");
        assert_eq!((catalogue.defaults().len(), catalogue.scopes().count()), (6, 10));
    }
}
