//! The beginning: a new database, and the first user.
//!
//! While there is no user, the server offers a link with a code that only who can read the
//! server's output knows. It holds for half an hour, in the server's memory alone, and dies when
//! any user exists.

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::audit::{Entry, append};
use super::sessions::SignedIn;
use super::throttle::Network;
use super::users::insert_user;
use super::{App, Error, Result};
use crate::clock::Clock;
use crate::crypto::hash::{self, Hash, sha256};
use crate::crypto::password::{Cost, Password, Passwords};
use crate::crypto::random;
use crate::model::audit::{NewAuditEvent, Target};
use crate::model::principal::Principal;
use crate::model::project::{Prefix, ProjectName};
use crate::model::scope::Catalogue;
use crate::model::user::{Role, UserName};
use crate::store::{self, WriteTx};

const CODE_CHARS: usize = 24;
/// How long a setup code holds.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The first user of a new database.
pub struct FirstAdmin<'a> {
    /// The user's name.
    pub name: &'a UserName,
    /// The user's password.
    pub password: &'a str,
}

/// Makes the database of a data directory: the project `default` with a catalogue, and the first
/// admin if one is named. All of it, or nothing.
///
/// # Errors
/// When there is a database already, or the password is too weak.
pub fn init(
    data_dir: &Path,
    clock: &Arc<dyn Clock>,
    who: &Principal,
    catalogue: &Catalogue,
    admin: Option<&FirstAdmin<'_>>,
) -> Result<()> {
    if store::exists(data_dir) {
        return Err(store::StoreError::Exists(data_dir.to_owned()).into());
    }
    let hash = admin.map(hash_of).transpose()?;
    let at = clock.now();
    store::create(data_dir, &mut |tx| {
        let project = ProjectName::default();
        seed_project(tx, &Entry { who, at, project: Some(&project) }, &project, catalogue)?;
        if let (Some(admin), Some(hash)) = (admin, &hash) {
            seed_admin(tx, &Entry { who, at, project: None }, admin.name, hash)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn hash_of(admin: &FirstAdmin<'_>) -> Result<String> {
    let password = Password::parse(admin.password, &[admin.name.as_str()])?;
    Ok(Passwords::new(Cost::STANDARD)?.hash(&password)?)
}

fn seed_project(
    tx: &mut dyn WriteTx,
    entry: &Entry<'_>,
    name: &ProjectName,
    catalogue: &Catalogue,
) -> store::Result<()> {
    let prefix = Prefix::default();
    let seq = tx.insert_project(name, &prefix, entry.at)?;
    tx.replace_catalogue(seq, catalogue)?;
    let target = Target::new("project", name.to_string(), name.to_string());
    entry.append(tx, "project.created", target, json!({ "prefix": prefix }))
}

fn seed_admin(tx: &mut dyn WriteTx, entry: &Entry<'_>, name: &UserName, hash: &str) -> store::Result<()> {
    let id = tx.insert_user(name, Role::Admin, hash, entry.at)?;
    let target = Target::new("user", id.to_string(), name.to_string());
    let event = NewAuditEvent {
        at: entry.at,
        project: None,
        actor: entry.who.actor(),
        action: "user.created",
        target,
        detail: json!({ "role": Role::Admin }),
    };
    append(tx, event)
}

/// The code of the setup link, in the server's memory alone.
#[derive(Default)]
pub(super) struct SetupCode(Mutex<Option<(Hash, Timestamp)>>);

impl SetupCode {
    fn set(&self, code: &str, ends_at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((sha256(code.as_bytes()), ends_at));
    }

    fn is_right(&self, code: &str, now: Timestamp) -> bool {
        let kept = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_some_and(|(hash, ends_at)| now < ends_at && hash::is_equal(&hash, &sha256(code.as_bytes())))
    }
}

impl App {
    /// Makes a new setup code, which the server prints; the one before is void. `None` when there
    /// is a user already.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn new_setup_code(&self) -> Result<Option<String>> {
        if self.has_users()? {
            return Ok(None);
        }
        let code = random::base62(CODE_CHARS)?;
        self.setup.set(&code, self.now().checked_add(CODE_LIFETIME).unwrap_or(Timestamp::MAX));
        Ok(Some(code))
    }

    /// Whether a setup code still makes the first user.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_setup_code(&self, code: &str) -> Result<bool> {
        Ok(self.setup.is_right(code, self.now()) && !self.has_users()?)
    }

    /// Makes the first user, an admin, and signs in.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a code that does not hold, and when the password is too weak.
    pub fn set_up(&self, code: &str, name: &UserName, password: &str, ip: IpAddr) -> Result<SignedIn> {
        let stale = || Error::no_such("setup link", "…");
        if !self.is_setup_code(code)? {
            return Err(stale());
        }
        let hash = self.hash_password(name, password)?;
        let mut tx = self.write()?;
        // Asked again inside the transaction: two people may follow the link at once.
        if !tx.list_users()?.is_empty() {
            return Err(stale());
        }
        let who = Principal::Operator("setup link".to_owned());
        let user = insert_user(&mut *tx, &self.server_entry(&who), name, Role::Admin, &hash)?;
        let signed_in = self.insert_session(&mut *tx, &user, Network::of(ip))?;
        tx.commit()?;
        Ok(signed_in)
    }
}
