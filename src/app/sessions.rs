//! Signing in and out, and whose session a cookie is.
//!
//! A user that does not exist takes as long as a wrong password and answers the same. Failed
//! attempts are slowed down (`throttle`) and recorded, at most once a minute for a user.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::json;
use zeroize::Zeroizing;

use super::throttle::Network;
use super::users::{require_user, target};
use super::{App, Error, Result};
use crate::crypto::hash::sha256;
use crate::crypto::password::Outcome;
use crate::crypto::random;
use crate::model::audit::Target;
use crate::model::principal::{Principal, UserPrincipal};
use crate::model::session::{AGE_MAX, IDLE_MAX, Session};
use crate::model::user::{User, UserName};
use crate::store::WriteTx;

const COOKIE_BYTES: usize = 32;
/// A request notes that the session was seen when the last note is older than this.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The most sessions of one user; the oldest end.
const SESSIONS_MAX: usize = 20;

/// A new session.
pub struct SignedIn {
    /// The cookie's value, 43 characters `[0-9A-Za-z_-]`; kept nowhere but in the browser.
    pub cookie: Zeroizing<String>,
    /// Who signed in.
    pub user: UserPrincipal,
}

/// Which session one of a person's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The one that asks.
    This,
    /// One of another browser.
    Another,
}

impl App {
    /// Signs a person in.
    ///
    /// # Errors
    /// [`Error::SignInFailed`] for a wrong name or password, [`Error::TooManyAttempts`] and
    /// [`Error::Busy`] when it was not even tried.
    pub fn sign_in(&self, name: &str, password: &str, ip: IpAddr) -> Result<SignedIn> {
        let network = Network::of(ip);
        // What cannot be a name is nobody's; it is still counted, as one.
        let name = UserName::parse(name).unwrap_or_else(|_| UserName::nobody());
        self.require_no_wait(&name, network)?;
        let found = self.read()?.find_user(&name)?;
        let kept = found.as_ref().map(|(_, hash)| hash.as_str());
        let outcome = self.passwords.check(password, kept)?;
        match (found, outcome) {
            (Some((user, _)), Outcome::Right) => self.start_session(&user, network, None),
            (Some((user, _)), Outcome::RightButCheap) => {
                let hash = self.hash_password(&name, password).ok();
                self.start_session(&user, network, hash)
            }
            (found, _) => {
                self.note_failure(&name, found.map(|(user, _)| user), network)?;
                Err(Error::SignInFailed)
            }
        }
    }

    fn start_session(&self, user: &User, network: Network, better_hash: Option<String>) -> Result<SignedIn> {
        let mut tx = self.write()?;
        if let Some(hash) = better_hash {
            tx.set_user_password(user.id, &hash)?;
        }
        let signed_in = self.insert_session(&mut *tx, user, network)?;
        tx.commit()?;
        self.throttle.succeed(&user.name, network);
        Ok(signed_in)
    }

    /// Adds a session for a user inside a transaction, with its event.
    pub(super) fn insert_session(
        &self,
        tx: &mut dyn WriteTx,
        user: &User,
        network: Network,
    ) -> Result<SignedIn> {
        let at = self.now();
        let cookie = Zeroizing::new(URL_SAFE_NO_PAD.encode(random::bytes::<COOKIE_BYTES>()?));
        tx.delete_sessions(at.checked_sub(IDLE_MAX.max(AGE_MAX)).ok())?;
        tx.insert_session(&sha256(cookie.as_bytes()), user.id, at)?;
        tx.delete_user_sessions(user.id, SESSIONS_MAX)?;
        tx.set_user_signed_in(user.id, at)?;
        let principal = UserPrincipal { id: user.id, name: user.name.clone(), role: user.role };
        let who = Principal::User(principal.clone());
        self.server_entry(&who).append(
            tx,
            "user.signed_in",
            target(user),
            json!({ "network": network.to_string() }),
        )?;
        Ok(SignedIn { cookie, user: principal })
    }

    fn note_failure(&self, name: &UserName, user: Option<User>, network: Network) -> Result<()> {
        if !self.throttle.fail(name, network, self.now()) {
            return Ok(());
        }
        let mut tx = self.write()?;
        let nobody = Target::new("user", "", name.as_str());
        let target = user.as_ref().map_or(nobody, target);
        let who = Principal::Stranger(network.to_string());
        let detail = json!({ "network": network.to_string() });
        self.server_entry(&who).append(&mut *tx, "user.sign_in_failed", target, detail)?;
        Ok(tx.commit()?)
    }

    /// Whose session a cookie's value is; `None` when it is nobody's or has ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_session(&self, cookie: &str) -> Result<Option<UserPrincipal>> {
        let hash = sha256(cookie.as_bytes());
        let now = self.now();
        let session = self.read()?.find_session(&hash)?.filter(|session| session.is_live(now));
        let Some(session) = session else { return Ok(None) };
        if now.duration_since(session.last_seen_at) >= SEEN_EVERY {
            let mut tx = self.write()?;
            tx.set_session_seen(&hash, now)?;
            tx.commit()?;
        }
        Ok(Some(principal(session)))
    }

    /// The live sessions of the person whose cookie this is, newest first, and which of them it is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list_own_sessions(&self, who: &UserPrincipal, cookie: &str) -> Result<Vec<(Session, Whose)>> {
        let (own, now) = (sha256(cookie.as_bytes()), self.now());
        let sessions = self.read()?.list_user_sessions(who.id)?.into_iter();
        let live = sessions.filter(|session| session.is_live(now));
        let whose = |session: &Session| if session.hash == own { Whose::This } else { Whose::Another };
        Ok(live.map(|session| (session.clone(), whose(&session))).collect())
    }

    /// Ends the person's sessions but the one of this cookie; answers with how many there were.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_other_sessions(&self, who: &UserPrincipal, cookie: &str) -> Result<usize> {
        let own = sha256(cookie.as_bytes());
        let mut tx = self.write()?;
        let others: Vec<Session> =
            tx.list_user_sessions(who.id)?.into_iter().filter(|session| session.hash != own).collect();
        if others.is_empty() {
            tx.commit()?;
            return Ok(0);
        }
        for session in &others {
            tx.delete_session(&session.hash)?;
        }
        let (principal, detail) = (Principal::User(who.clone()), json!({ "n": others.len() }));
        let user = Target::new("user", who.id.to_string(), who.name.as_str());
        self.server_entry(&principal).append(&mut *tx, "user.sessions_ended", user, detail)?;
        tx.commit()?;
        Ok(others.len())
    }

    /// Changes a person's own password and ends all of the person's sessions.
    ///
    /// # Errors
    /// As [`App::sign_in`] when `current` is not the password, and when the new one is too weak.
    pub fn change_own_password(
        &self,
        who: &UserPrincipal,
        (current, new): (&str, &str),
        ip: IpAddr,
    ) -> Result<()> {
        self.require_password(who, current, ip)?;
        let hash = self.hash_password(&who.name, new)?;
        let mut tx = self.write()?;
        let user = require_user(&*tx, &who.name)?;
        tx.set_user_password(user.id, &hash)?;
        tx.delete_user_sessions(user.id, 0)?;
        let principal = Principal::User(who.clone());
        let entry = self.server_entry(&principal);
        entry.append(&mut *tx, "user.password_changed", target(&user), json!({ "by": "self" }))?;
        Ok(tx.commit()?)
    }

    /// Requires a signed-in person's password again, before something that a session alone may not do.
    ///
    /// # Errors
    /// As [`App::sign_in`].
    pub fn require_password(&self, who: &UserPrincipal, password: &str, ip: IpAddr) -> Result<()> {
        let network = Network::of(ip);
        self.require_no_wait(&who.name, network)?;
        let found = self.read()?.find_user(&who.name)?;
        let kept = found.as_ref().map(|(_, hash)| hash.as_str());
        match self.passwords.check(password, kept)? {
            Outcome::Right | Outcome::RightButCheap => {
                self.throttle.succeed(&who.name, network);
                Ok(())
            }
            Outcome::Wrong => {
                self.note_failure(&who.name, found.map(|(user, _)| user), network)?;
                Err(Error::SignInFailed)
            }
        }
    }

    fn require_no_wait(&self, name: &UserName, network: Network) -> Result<()> {
        let Some(wait) = self.throttle.wait(name, network, self.now()) else { return Ok(()) };
        let retry_after_seconds = u64::try_from(wait.as_secs()).unwrap_or_default() + 1;
        Err(Error::TooManyAttempts { retry_after_seconds })
    }

    /// Ends the session of a cookie; one that is nobody's has ended already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn sign_out(&self, cookie: &str) -> Result<()> {
        let hash = sha256(cookie.as_bytes());
        let mut tx = self.write()?;
        let Some(session) = tx.find_session(&hash)? else { return Ok(tx.commit()?) };
        tx.delete_session(&hash)?;
        let user = Target::new("user", session.user_id.to_string(), session.user_name.to_string());
        let who = Principal::User(principal(session));
        self.server_entry(&who).append(&mut *tx, "user.signed_out", user, json!({}))?;
        Ok(tx.commit()?)
    }
}

fn principal(session: Session) -> UserPrincipal {
    UserPrincipal { id: session.user_id, name: session.user_name, role: session.role }
}
