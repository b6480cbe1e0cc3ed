//! Users' passwords: argon2id, and how many may be computed at once.
//!
//! One computation takes 64 MiB and about a tenth of a second by design, so that at most two run
//! at once, on half of the cores, and a short queue waits; whoever comes after that is told to come back. They give way to
//! everything else (`aside`). What a password must be is in `rules`.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

mod aside;
mod rules;

pub use rules::Password;

const RUNNING_MAX: usize = 2;
const WAITING_MAX: usize = 16;
// A hash in the file could name any cost; more than this is not computed.
const MEMORY_KIB_MAX: u32 = 256 * 1024;

/// How much work a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// 64 MiB, three passes; the floor of the OWASP cheat sheet is 19 MiB and two.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3 };
}

/// Why no answer was computed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many computations wait already.
    #[error("too many sign-ins are waiting")]
    Busy,
    /// The kept hash cannot be read, or the library failed.
    #[error("a password could not be computed: {0}")]
    Failed(String),
}

/// Whether a password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was, and its hash has today's cost.
    Right,
    /// It was, but its hash is cheaper than today's: hash it again.
    RightButCheap,
    /// It was not.
    Wrong,
}

/// Computes and checks password hashes, a few at a time.
pub struct Passwords {
    cost: Cost,
    gate: Gate,
    // Checked for users that do not exist, so that they take as long as those that do.
    dummy: String,
}

impl Passwords {
    /// A service with this cost.
    ///
    /// # Errors
    /// When the cost is not one that argon2 allows.
    pub fn new(cost: Cost) -> Result<Self, PasswordError> {
        let dummy = format!(
            "$argon2id$v=19$m={},t={},p=1$c29tZXNhbHRzb21lc2FsdA${}",
            cost.memory_kib,
            cost.passes,
            "A".repeat(43)
        );
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let passwords = Self { cost, gate: Gate::new(cores), dummy };
        passwords.argon2()?;
        Ok(passwords)
    }

    /// The hash to keep, in the PHC string format. Takes a tenth of a second.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait.
    pub fn hash(&self, password: &Password) -> Result<String, PasswordError> {
        let (argon2, _turn) = (self.argon2()?, self.gate.enter()?);
        let hash = aside::compute(|| argon2.hash_password(password.as_bytes()))?.map_err(failed)?;
        Ok(hash.to_string())
    }

    /// Compares a presented password with a kept hash; without one it takes as long and is wrong.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait, `Failed` when the kept hash cannot be read.
    pub fn check(&self, presented: &str, kept: Option<&str>) -> Result<Outcome, PasswordError> {
        let presented = Zeroizing::new(presented.as_bytes().to_vec());
        let parsed = PasswordHash::new(kept.unwrap_or(&self.dummy)).map_err(failed)?;
        let params = Params::try_from(&parsed).map_err(failed)?;
        if params.m_cost() > MEMORY_KIB_MAX {
            return Err(PasswordError::Failed("the kept hash asks for too much memory".to_owned()));
        }
        let (argon2, _turn) = (self.argon2()?, self.gate.enter()?);
        let is_right = aside::compute(|| argon2.verify_password(&presented, &parsed).is_ok())?;
        Ok(match (is_right && kept.is_some(), self.is_cheap(&params)) {
            (false, _) => Outcome::Wrong,
            (true, true) => Outcome::RightButCheap,
            (true, false) => Outcome::Right,
        })
    }

    fn is_cheap(&self, params: &Params) -> bool {
        params.m_cost() < self.cost.memory_kib || params.t_cost() < self.cost.passes
    }

    fn argon2(&self) -> Result<Argon2<'static>, PasswordError> {
        let params = Params::new(self.cost.memory_kib, self.cost.passes, 1, None).map_err(failed)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

/// Lets two in, or fewer where there are few cores, lets some wait, and turns the rest away.
struct Gate {
    running_max: usize,
    inside: Mutex<Inside>,
    left: Condvar,
}

#[derive(Default)]
struct Inside {
    running: usize,
    waiting: usize,
}

struct Turn<'a>(&'a Gate);

impl Gate {
    fn new(cores: usize) -> Self {
        Self {
            running_max: (cores / 2).clamp(1, RUNNING_MAX),
            inside: Mutex::default(),
            left: Condvar::new(),
        }
    }

    fn enter(&self) -> Result<Turn<'_>, PasswordError> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.running >= self.running_max {
            if inside.waiting >= WAITING_MAX {
                return Err(PasswordError::Busy);
            }
            inside.waiting += 1;
            let is_full = |inside: &mut Inside| inside.running >= self.running_max;
            inside = self.left.wait_while(inside, is_full).unwrap_or_else(PoisonError::into_inner);
            inside.waiting -= 1;
        }
        inside.running += 1;
        Ok(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner).running -= 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    #[test]
    fn the_right_password_is_right_and_others_are_not() {
        let passwords = Passwords::new(CHEAP).unwrap();
        let hash = passwords.hash(&Password::parse("correct horse battery", &[]).unwrap()).unwrap();
        assert_eq!(passwords.check("correct horse battery", Some(&hash)).unwrap(), Outcome::Right);
        assert_eq!(passwords.check("correct horse batterz", Some(&hash)).unwrap(), Outcome::Wrong);
        assert_eq!(passwords.check("correct horse battery", None).unwrap(), Outcome::Wrong);
    }

    #[test]
    fn a_cheaper_hash_asks_for_a_new_one() {
        let hash = Passwords::new(CHEAP)
            .unwrap()
            .hash(&Password::parse("correct horse battery", &[]).unwrap())
            .unwrap();
        let dearer = Passwords::new(Cost { memory_kib: 128, passes: 1 }).unwrap();
        assert_eq!(dearer.check("correct horse battery", Some(&hash)).unwrap(), Outcome::RightButCheap);
    }

    #[test]
    fn a_hash_that_asks_for_too_much_memory_is_not_computed() {
        let hash = format!("$argon2id$v=19$m=4000000,t=1,p=1$c29tZXNhbHRzb21lc2FsdA${}", "A".repeat(43));
        assert!(Passwords::new(CHEAP).unwrap().check("x", Some(&hash)).is_err());
    }

    #[test]
    fn the_gate_turns_away_when_half_of_the_cores_or_two_are_busy_and_the_queue_is_full() {
        for (cores, running_max) in [(1, 1), (2, 1), (3, 1), (4, 2), (64, 2)] {
            let gate = Gate::new(cores);
            let inside: Vec<_> = (0..running_max).map(|_| gate.enter().unwrap()).collect();
            gate.inside.lock().unwrap().waiting = WAITING_MAX;
            assert!(matches!(gate.enter(), Err(PasswordError::Busy)), "{cores} cores");
            drop(inside);
            assert!(gate.enter().is_ok(), "{cores} cores");
        }
    }
}
