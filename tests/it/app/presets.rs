//! Presets are part of the catalogue: each change is one event, and what cannot be is refused.

use keysrv::app::presets::PresetChange;
use keysrv::model::scope::{PresetName, PresetScope, Scope};

use super::{Fixture, default, operator};

fn name(text: &str) -> PresetName {
    PresetName::parse(text).unwrap()
}

fn granting(scopes: &[&str]) -> PresetChange {
    let entry = |scope: &&str| PresetScope { scope: Scope::parse(scope).unwrap(), reason: String::new() };
    PresetChange { scopes: Some(scopes.iter().map(entry).collect()), ..PresetChange::default() }
}

#[test]
fn a_preset_is_added_changed_and_removed_with_one_event_each() {
    let fixture = Fixture::new();
    let (app, who, project, ci) = (&fixture.app, operator(), default(), name("ci-runner"));
    let catalogue = app.add_preset(&who, &project, &ci, &granting(&["actions:execute"])).unwrap();
    assert_eq!(catalogue.presets.last().unwrap().label, "Ci runner");
    assert_eq!(catalogue.preset("ci-runner").unwrap().to_text(), "actions:execute");
    let label = PresetChange { label: Some("CI".to_owned()), ..PresetChange::default() };
    let catalogue = app.change_preset(&who, &project, &ci, &label).unwrap();
    assert_eq!(catalogue.preset("ci-runner").unwrap().len(), 1, "what is not named stays");
    app.change_preset(&who, &project, &ci, &label).unwrap();
    let catalogue = app.remove_preset(&who, &project, &ci).unwrap();
    assert_eq!((catalogue.preset("ci-runner"), catalogue.presets.len()), (None, 2));
    assert_eq!(app.get_catalogue(&who, &project).unwrap(), catalogue);
    assert_eq!(fixture.actions()[..3], ["preset.removed", "preset.changed", "preset.added"]);
    assert_eq!(fixture.events()[2].detail["to"]["scopes"][0], "actions:execute");
}

#[test]
fn what_cannot_be_a_preset_is_refused_and_changes_nothing() {
    let fixture = Fixture::new();
    let (app, who, project) = (&fixture.app, operator(), default());
    let none = PresetChange::default();
    let n = fixture.events().len();
    let taken = app.add_preset(&who, &project, &name("ai-agent"), &none).unwrap_err();
    assert_eq!(taken.to_string(), "there is a preset `ai-agent` already");
    let unknown = app.add_preset(&who, &project, &name("a"), &granting(&["gone:read"])).unwrap_err();
    assert_eq!(unknown.to_string(), "scope `gone:read` is not in this project's catalogue");
    let gone = app.change_preset(&who, &project, &name("gone"), &none).unwrap_err();
    assert_eq!(gone.to_string(), "there is no preset `gone`");
    assert!(app.remove_preset(&who, &project, &name("gone")).is_err());
    let blank = PresetChange { label: Some(" ".to_owned()), ..PresetChange::default() };
    assert!(app.change_preset(&who, &project, &name("ai-agent"), &blank).is_err());
    assert_eq!(fixture.events().len(), n);
    for i in 2..50 {
        app.add_preset(&who, &project, &name(&format!("p{i}")), &none).unwrap();
    }
    let many = app.add_preset(&who, &project, &name("more"), &none).unwrap_err();
    assert!(many.to_string().starts_with("a catalogue has at most 50 presets"), "{many}");
}
