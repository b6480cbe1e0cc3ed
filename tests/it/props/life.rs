//! A random life of keys against a small model: after every step every token that was ever made
//! must get exactly the verdict that the model expects, in this process and in another one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use keysrv::app::verify::{Ask, Counting};
use keysrv::model::expiry::Span;
use keysrv::model::key::{KeyChange, KeyName, KeyRef, NewKey};
use keysrv::store::check::silent;
use proptest::prelude::*;

use crate::app::{Fixture, default, open, operator};

#[derive(Debug, Clone)]
enum Step {
    Create { expires_in_hours: Option<i64> },
    Enable(usize),
    Disable(usize),
    Delete(usize),
    Rotate { key: usize, overlap_hours: u8 },
    EndOld(usize),
    Extend { key: usize, expires_in_hours: Option<i64> },
    Wait { minutes: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..6_usize;
    prop_oneof![
        3 => prop::option::of(1..48_i64).prop_map(|expires_in_hours| Step::Create { expires_in_hours }),
        2 => key.clone().prop_map(Step::Enable),
        2 => key.clone().prop_map(Step::Disable),
        1 => key.clone().prop_map(Step::Delete),
        3 => (key.clone(), prop_oneof![Just(0_u8), 1..48_u8]).prop_map(|(key, overlap_hours)| Step::Rotate { key, overlap_hours }),
        2 => key.clone().prop_map(Step::EndOld),
        2 => (key.clone(), prop::option::of(1..48_i64))
            .prop_map(|(key, expires_in_hours)| Step::Extend { key, expires_in_hours }),
        3 => (1..2_000_i64).prop_map(|minutes| Step::Wait { minutes }),
    ]
}

/// What the model knows of a key.
struct Known {
    enabled: bool,
    expires_at: Option<Timestamp>,
    /// Each token that was made for it, and when its secret ends.
    secrets: Vec<(String, Option<Timestamp>)>,
}

impl Known {
    fn verdict(&self, ends_at: Option<Timestamp>, now: Timestamp) -> &'static str {
        if ends_at.is_some_and(|at| at <= now) {
            "rotated"
        } else if !self.enabled {
            "disabled"
        } else if self.expires_at.is_some_and(|at| at <= now) {
            "expired"
        } else {
            "valid"
        }
    }
}

struct World {
    fixture: Fixture,
    keys: BTreeMap<String, Known>,
    gone: Vec<String>,
    n_created: usize,
}

impl World {
    fn new() -> Self {
        Self { fixture: Fixture::new(), keys: BTreeMap::new(), gone: Vec::new(), n_created: 0 }
    }

    fn name(&self, n: usize) -> Option<String> {
        self.keys.keys().nth(n % self.keys.len().max(1)).cloned()
    }

    fn take(&mut self, step: &Step) {
        let now = self.fixture.app.now();
        match step {
            Step::Create { expires_in_hours } => {
                self.create(expires_in_hours.map(|h| now + SignedDuration::from_hours(h)));
            }
            Step::Enable(n) => self.switch(*n, true),
            Step::Disable(n) => self.switch(*n, false),
            Step::Delete(n) => self.delete(*n),
            Step::Rotate { key, overlap_hours } => self.rotate(*key, *overlap_hours, now),
            Step::EndOld(n) => self.end_old(*n, now),
            Step::Extend { key, expires_in_hours } => {
                self.extend(*key, expires_in_hours.map(|h| now + SignedDuration::from_hours(h)));
            }
            Step::Wait { minutes } => self.fixture.clock.advance(SignedDuration::from_mins(*minutes)),
        }
    }

    fn create(&mut self, expires_at: Option<Timestamp>) {
        self.n_created += 1;
        let name = format!("key {}", self.n_created);
        let new = NewKey { expires_at, ..NewKey::named(KeyName::parse(&name).unwrap()) };
        let token = self.fixture.create_with(&new).token.expose().to_owned();
        self.keys.insert(name, Known { enabled: true, expires_at, secrets: vec![(token, None)] });
    }

    fn switch(&mut self, n: usize, enabled: bool) {
        let Some(name) = self.name(n) else { return };
        let (who, project, key) = (operator(), default(), KeyRef::parse(&name).unwrap());
        if enabled {
            self.fixture.app.enable_key(&who, &project, &key).unwrap();
        } else {
            self.fixture.app.disable_key(&who, &project, &key, None).unwrap();
        }
        self.keys.get_mut(&name).unwrap().enabled = enabled;
    }

    fn delete(&mut self, n: usize) {
        let Some(name) = self.name(n) else { return };
        self.fixture.app.delete_key(&operator(), &default(), &KeyRef::parse(&name).unwrap(), None).unwrap();
        self.gone.extend(self.keys.remove(&name).unwrap().secrets.into_iter().map(|(token, _)| token));
    }

    fn rotate(&mut self, n: usize, overlap_hours: u8, now: Timestamp) {
        let Some(name) = self.name(n) else { return };
        let known = self.keys.get_mut(&name).unwrap();
        let overlap = Span::parse("overlap", &format!("{overlap_hours}h")).unwrap();
        let key = KeyRef::parse(&name).unwrap();
        let rotated = self.fixture.app.rotate_key(&operator(), &default(), &key, Some(overlap));
        if known.expires_at.is_some_and(|at| at <= now) {
            assert!(rotated.is_err(), "an expired key is not rotated");
            return;
        }
        let newest = known.secrets.len() - 1;
        for (at, (_, ends_at)) in known.secrets.iter_mut().enumerate() {
            let end = if at == newest { overlap.after(now) } else { now };
            *ends_at = Some(ends_at.map_or(end, |ends_at| ends_at.min(end)));
        }
        known.secrets.push((rotated.unwrap().token.expose().to_owned(), None));
    }

    fn end_old(&mut self, n: usize, now: Timestamp) {
        let Some(name) = self.name(n) else { return };
        let known = self.keys.get_mut(&name).unwrap();
        let ended = self.fixture.app.end_old_secret(&operator(), &default(), &KeyRef::parse(&name).unwrap());
        let live_and_old =
            known.secrets.iter_mut().filter_map(|(_, ends_at)| ends_at.as_mut()).filter(|at| **at > now);
        let n_ended = live_and_old.map(|at| *at = now).count();
        assert_eq!(ended.is_ok(), n_ended == 1, "{name}");
    }

    fn extend(&mut self, n: usize, expires_at: Option<Timestamp>) {
        let Some(name) = self.name(n) else { return };
        let change = KeyChange { expires_at: Some(expires_at), ..KeyChange::default() };
        let key = KeyRef::parse(&name).unwrap();
        self.fixture.app.set_key(&operator(), &default(), &key, &change).unwrap();
        self.keys.get_mut(&name).unwrap().expires_at = expires_at;
    }

    fn check(&self, app: &keysrv::app::App) {
        let now = app.now();
        let verdict = |token: &str| {
            let ask = Ask {
                project: Some("default"),
                scopes: &[],
                ip: None,
                counting: Counting::Dry,
                ..Ask::new(token)
            };
            app.verify(&ask).unwrap().code.as_str()
        };
        for (name, known) in &self.keys {
            for (token, ends_at) in &known.secrets {
                assert_eq!(verdict(token), known.verdict(*ends_at, now), "{name}");
            }
        }
        for token in &self.gone {
            assert_eq!(verdict(token), "not_found");
        }
    }
}

proptest! {
    #![proptest_config(super::cases(300))]
    #[test]
    fn every_token_gets_the_verdict_that_its_keys_life_led_to(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        let other = open(world.fixture.dir.path(), &world.fixture.clock);
        for step in &steps {
            world.take(step);
            world.check(&world.fixture.app);
            world.check(&other);
        }
        let report = world.fixture.app.check(&operator(), world.fixture.dir.path(), &mut silent).unwrap();
        prop_assert_eq!(report.damage, Vec::<String>::new());
        prop_assert_eq!(report.n_keys, world.keys.len() as u64);
    }
}
