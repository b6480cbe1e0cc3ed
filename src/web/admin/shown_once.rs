//! Tokens that were just made and are shown by the next page, once.
//!
//! A form is answered with a redirect to the page that shows the token, so that a reload makes no
//! second key. In between the token waits here: in memory alone, for the session that made it,
//! for two minutes at most. A form that is sent twice finds what the first one made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::app;
use crate::app::keys_create::CreatedKey;
use crate::model::key::KeyId;

/// How long a token waits to be shown.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(2);
/// The most forms that are remembered; the oldest are forgotten.
const SLOTS_MAX: usize = 256;

/// What was made by forms lately.
#[derive(Default)]
pub struct ShownOnce {
    slots: Mutex<Vec<Slot>>,
    forms: AtomicU64,
}

/// Which form was sent, by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent<'a> {
    /// The session.
    pub(crate) session: &'a str,
    /// The form's number.
    pub(crate) nonce: &'a str,
    /// What it asks for: the same form, changed and sent again, asks for another thing.
    pub(crate) wish: &'a str,
}

/// What one form made.
struct Slot {
    session: String,
    nonce: String,
    wish: String,
    at: Timestamp,
    key: KeyId,
    /// Until it is shown.
    made: Option<CreatedKey>,
}

impl ShownOnce {
    /// A number for a form that is about to be shown. Sessions keep forms apart, so that it need
    /// not be secret; the time keeps it apart from those before a restart.
    pub(crate) fn nonce(&self, now: Timestamp) -> String {
        format!("{}-{}", now.as_millisecond(), self.forms.fetch_add(1, Ordering::Relaxed))
    }

    /// Makes what the form asks for, unless it was sent before; answers with the key's id.
    ///
    /// # Errors
    /// As `maker`.
    pub(crate) fn make(
        &self,
        sent: Sent<'_>,
        now: Timestamp,
        maker: impl FnOnce() -> app::Result<CreatedKey>,
    ) -> app::Result<KeyId> {
        // Held while the key is made: of two that arrive together, the second finds the first's.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.iter().find(|slot| slot.is_of(sent)) {
            return Ok(slot.key);
        }
        let made = maker()?;
        let key = made.key.facts.id;
        if slots.len() >= SLOTS_MAX {
            slots.remove(0);
        }
        slots.push(Slot {
            session: sent.session.to_owned(),
            nonce: sent.nonce.to_owned(),
            wish: sent.wish.to_owned(),
            at: now,
            key,
            made: Some(made),
        });
        Ok(key)
    }

    /// Takes the newest token of a key that this session made and has not seen.
    pub(crate) fn take(&self, session: &str, key: &KeyId, now: Timestamp) -> Option<CreatedKey> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        for slot in slots.iter_mut().filter(|slot| now.duration_since(slot.at) > TOKEN_LIFETIME) {
            slot.made = None;
        }
        let mine = |slot: &&mut Slot| slot.session == session && slot.key == *key && slot.made.is_some();
        slots.iter_mut().rev().find(mine).and_then(|slot| slot.made.take())
    }
}

impl Slot {
    fn is_of(&self, sent: Sent<'_>) -> bool {
        self.session == sent.session && self.nonce == sent.nonce && self.wish == sent.wish
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::App;
    use crate::clock::{Clock, ManualClock};
    use crate::model::key::{KeyName, NewKey};
    use crate::model::principal::Principal;
    use crate::model::project::ProjectName;
    use crate::model::scope::Catalogue;

    struct Maker {
        app: App,
        _dir: tempfile::TempDir,
    }

    impl Maker {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
            app::setup::init(dir.path(), &clock, &operator(), &Catalogue::empty(), None).unwrap();
            Self { app: App::open(dir.path(), clock).unwrap(), _dir: dir }
        }

        fn make(&self, shown: &ShownOnce, n: usize) -> KeyId {
            let (nonce, new) = (n.to_string(), NewKey::named(KeyName::parse(&format!("key-{n}")).unwrap()));
            let sent = Sent { session: "s", nonce: &nonce, wish: new.name.as_str() };
            let maker = || self.app.create_key(&operator(), &ProjectName::default(), &new);
            shown.make(sent, self.app.now(), maker).unwrap()
        }
    }

    fn operator() -> Principal {
        Principal::Operator("test".to_owned())
    }

    #[test]
    fn a_token_waits_two_minutes_and_is_taken_once() {
        let (maker, shown) = (Maker::new(), ShownOnce::default());
        let (first, second) = (maker.make(&shown, 1), maker.make(&shown, 2));
        let later = |seconds| maker.app.now() + SignedDuration::from_secs(seconds);
        assert!(shown.take("another", &first, later(0)).is_none());
        assert!(shown.take("s", &first, later(120)).is_some());
        assert!(shown.take("s", &first, later(120)).is_none());
        assert!(shown.take("s", &second, later(121)).is_none());
        assert!(shown.take("s", &second, later(0)).is_none(), "a token that is over does not come back");
    }

    #[test]
    fn only_the_newest_forms_are_remembered() {
        let (maker, shown) = (Maker::new(), ShownOnce::default());
        let ids: Vec<KeyId> = (0..=SLOTS_MAX).map(|n| maker.make(&shown, n)).collect();
        assert_eq!(maker.make(&shown, SLOTS_MAX), ids[SLOTS_MAX]);
        assert!(shown.take("s", &ids[0], maker.app.now()).is_none());
        assert!(shown.take("s", &ids[1], maker.app.now()).is_some());
        assert_eq!(shown.slots.lock().unwrap().len(), SLOTS_MAX);
    }
}
