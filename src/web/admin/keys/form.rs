//! The scopes section of the forms for a new key and a changed one: *Start from*, and a row of levels a resource.
//!
//! The rows decide. A preset only sets them: with script at once, without script when the form
//! is sent, and only if no row was touched since the preset that the page was made with.

use crate::model::Invalid;
use crate::model::scope::{Catalogue, Level, Preset, Resource, Scope, ScopeSet};
use crate::web::admin::fields::Fields;

/// The field that says which preset is chosen.
pub(crate) const PRESET: &str = "preset";
/// The field that says which preset the rows showed when the page was made.
pub(crate) const SHOWN_PRESET: &str = "shown_preset";
/// What the field of a resource's level starts with.
pub(crate) const LEVEL: &str = "level.";

/// The section as the page shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScopeForm {
    /// What to start from.
    pub(crate) presets: Vec<PresetChoice>,
    /// One row a resource.
    pub(crate) rows: Vec<ScopeRow>,
    /// The preset that the rows match, or "Custom".
    pub(crate) summary: String,
    /// The value of that preset; empty when the rows match none.
    pub(crate) shown_preset: String,
    /// How many scopes are on.
    pub(crate) n: usize,
    /// How many there are.
    pub(crate) total: usize,
    /// Whether the section stands open.
    pub(crate) is_open: bool,
}

/// One choice of *Start from*.
#[derive(Debug, Clone)]
pub(crate) struct PresetChoice {
    /// As in `--preset`.
    pub(crate) value: String,
    /// "AI agent".
    pub(crate) label: String,
    /// Whether the rows match it.
    pub(crate) is_checked: bool,
    /// What it sets, for the script: `platform=read actions=execute`, every resource named.
    pub(crate) levels: String,
}

/// One resource.
#[derive(Debug, Clone)]
pub(crate) struct ScopeRow {
    /// The resource.
    pub(crate) name: String,
    /// "Platform API".
    pub(crate) label: String,
    /// What it is.
    pub(crate) description: String,
    /// Its default in words.
    pub(crate) default: String,
    /// Its levels.
    pub(crate) levels: Vec<LevelChoice>,
    /// Why presets ask for it.
    pub(crate) reasons: Vec<Reason>,
}

/// One level of a resource.
#[derive(Debug, Clone)]
pub(crate) struct LevelChoice {
    /// `read+write`.
    pub(crate) value: String,
    /// "Read + Write".
    pub(crate) label: String,
    /// Whether it is on.
    pub(crate) is_checked: bool,
    /// How many scopes it grants.
    pub(crate) n: usize,
}

/// Why a preset asks for a resource.
#[derive(Debug, Clone)]
pub(crate) struct Reason {
    /// The preset.
    pub(crate) preset: String,
    /// The sentence.
    pub(crate) text: String,
    /// Whether that preset is the one that the rows match.
    pub(crate) is_shown: bool,
}

impl ScopeForm {
    /// The section with the rows set to `scopes`.
    pub(crate) fn new(catalogue: &Catalogue, scopes: &ScopeSet) -> Self {
        let presets = preset_choices(catalogue, scopes);
        let shown = presets.iter().find(|preset| preset.is_checked);
        let shown_preset = shown.map(|preset| preset.value.clone()).unwrap_or_default();
        Self {
            rows: catalogue
                .resources
                .iter()
                .map(|resource| row(catalogue, resource, scopes, &shown_preset))
                .collect(),
            summary: shown.map_or_else(|| "Custom".to_owned(), |preset| preset.label.clone()),
            shown_preset,
            presets,
            n: scopes.len(),
            total: catalogue.scopes().count(),
            is_open: false,
        }
    }
}

/// The resource's levels, and those that only a preset or the set itself grants.
fn levels(catalogue: &Catalogue, resource: &Resource, scopes: &ScopeSet) -> Vec<Level> {
    let mut levels = resource.levels();
    let presets = catalogue.presets.iter().map(Preset::scope_set);
    for set in presets.chain([catalogue.defaults(), scopes.clone()]) {
        let level = resource.level_for(&set);
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    levels
}

/// Reads the section back.
///
/// # Errors
/// When a level is none of its resource's, and when a preset was chosen *and* rows were changed
/// by hand so that they say something else: the form comes back and asks.
pub(crate) fn chosen(fields: &Fields, catalogue: &Catalogue) -> Result<ScopeSet, Invalid> {
    let rows = rows_chosen(fields, catalogue)?;
    let preset = fields.get(PRESET);
    let Some(wanted) = catalogue.preset(preset).filter(|wanted| *wanted != rows) else { return Ok(rows) };
    let shown = fields.get(SHOWN_PRESET);
    if preset == shown {
        return Ok(rows);
    }
    if catalogue.preset(shown).is_some_and(|set| set == rows) {
        return Ok(wanted);
    }
    Err(Invalid::new(
        "scopes",
        preset,
        "was chosen to start from, and rows were changed too; check the rows, then send the form again",
    ))
}

/// What the rows alone say.
///
/// # Errors
/// When a level is none of its resource's.
pub(crate) fn rows_chosen(fields: &Fields, catalogue: &Catalogue) -> Result<ScopeSet, Invalid> {
    let mut scopes = Vec::new();
    for resource in &catalogue.resources {
        let value = fields.get(&format!("{LEVEL}{}", resource.name));
        let actions = value.split('+').filter(|action| !action.is_empty() && *action != "off");
        for action in actions {
            scopes.push(Scope::parse(&format!("{}:{action}", resource.name))?);
        }
    }
    let scopes = ScopeSet::new(scopes)?;
    match catalogue.unknown(&scopes).iter().next() {
        Some(scope) => Err(Invalid::new("scope", scope.as_str(), "is not in this project's catalogue")),
        None => Ok(scopes),
    }
}

/// The rows as they were sent, to show them again.
pub(crate) fn typed(fields: &Fields, catalogue: &Catalogue) -> ScopeSet {
    chosen(fields, catalogue).or_else(|_| rows_chosen(fields, catalogue)).unwrap_or_default()
}

fn preset_choices(catalogue: &Catalogue, scopes: &ScopeSet) -> Vec<PresetChoice> {
    let mut is_found = false;
    let mut choice = |value: &str, label: &str, set: &ScopeSet| {
        // Two presets may grant the same; only the first of them is the one that matches.
        let is_checked = !is_found && set == scopes;
        is_found |= is_checked;
        let levels: Vec<String> = catalogue
            .resources
            .iter()
            .map(|resource| format!("{}={}", resource.name, resource.level_for(set).value))
            .collect();
        PresetChoice {
            value: value.to_owned(),
            label: label.to_owned(),
            is_checked,
            levels: levels.join(" "),
        }
    };
    let mut choices = vec![choice("defaults", "Defaults", &catalogue.defaults())];
    choices.extend(
        catalogue
            .presets
            .iter()
            .map(|preset| choice(preset.name.as_str(), &preset.label, &preset.scope_set())),
    );
    choices.push(choice("none", "None", &ScopeSet::default()));
    choices
}

fn row(catalogue: &Catalogue, resource: &Resource, scopes: &ScopeSet, shown_preset: &str) -> ScopeRow {
    let current = resource.level_for(scopes).value;
    let reasons = catalogue.presets.iter().filter_map(|preset| {
        let text = preset.reason_for(&resource.name);
        let is_shown = preset.name.as_str() == shown_preset;
        (!text.is_empty()).then(|| Reason {
            preset: preset.name.to_string(),
            text: text.to_owned(),
            is_shown,
        })
    });
    ScopeRow {
        name: resource.name.clone(),
        label: resource.label.clone(),
        description: resource.description.clone(),
        default: resource.default_label(),
        reasons: reasons.collect(),
        levels: levels(catalogue, resource, scopes)
            .into_iter()
            .map(|level| LevelChoice {
                is_checked: level.value == current,
                n: level.scopes.len(),
                value: level.value,
                label: level.label,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    fn chosen_text(text: &str) -> Option<String> {
        chosen(&fields(text), &Catalogue::example()).ok().map(|scopes| scopes.to_text())
    }

    #[test]
    fn the_section_starts_with_the_defaults() {
        let catalogue = Catalogue::example();
        let form = ScopeForm::new(&catalogue, &catalogue.defaults());
        assert_eq!((form.summary.as_str(), form.n, form.total), ("Defaults", 6, 10));
        assert_eq!(
            form.presets[1].levels,
            "platform=read actions=execute connectors=read credentials=read unified=off keys=off"
        );
    }

    #[test]
    fn a_set_that_no_level_grants_gets_a_level_of_its_own() {
        let catalogue = Catalogue::example();
        let form = ScopeForm::new(&catalogue, &ScopeSet::parse(["connectors:write"]).unwrap());
        let levels: Vec<_> =
            form.rows[2].levels.iter().map(|level| (level.label.as_str(), level.is_checked)).collect();
        assert_eq!(levels, [("Off", false), ("Read", false), ("Read + Write", false), ("Write", true)]);
        assert_eq!((form.summary.as_str(), form.shown_preset.as_str()), ("Custom", ""));
    }

    #[test]
    fn rows_that_were_changed_are_what_is_granted() {
        let rows = "level.platform=read&level.keys=read%2Bwrite&level.actions=off";
        assert_eq!(chosen_text(rows).as_deref(), Some("keys:read keys:write platform:read"));
        assert_eq!(chosen_text("level.platform=fly"), None);
    }

    #[test]
    fn a_preset_counts_without_script_when_no_row_was_touched() {
        let untouched = "level.platform=off&shown_preset=none&preset=read-only";
        assert_eq!(chosen_text(untouched).as_deref(), Some("connectors:read platform:read unified:read"));
        let agreed =
            "level.platform=read&level.connectors=read&level.unified=read&shown_preset=none&preset=read-only";
        assert_eq!(chosen_text(agreed).as_deref(), Some("connectors:read platform:read unified:read"));
    }

    #[test]
    fn a_preset_beside_rows_changed_by_hand_is_asked_about() {
        let both = "level.platform=read&shown_preset=none&preset=ai-agent";
        assert_eq!(chosen_text(both), None);
    }
}
