//! Who an action is done as: a user, a key, or the operator at the shell.
//!
//! They are made in different places (a session cookie, a verified token, the shell) and
//! never turn into each other. `Actor` is what remains of a principal in the records.

use super::Invalid;
use super::account::AccountId;
use super::key::KeyId;
use super::project::ProjectName;
use super::scope::ScopeSet;
use super::user::{Role, UserId, UserName};

/// Who an action is done as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person who signed in to the pages.
    User(UserPrincipal),
    /// A caller of the API, by its verified key.
    Key(KeyPrincipal),
    /// The person at the shell of the machine, by the name of the operating system's user.
    Operator(String),
    /// Somebody unknown who tried, by the network; may do nothing, and appears in the records.
    Stranger(String),
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPrincipal {
    /// The user's id.
    pub id: UserId,
    /// The user's name.
    pub name: UserName,
    /// What the user may do.
    pub role: Role,
}

/// A verified key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrincipal {
    /// The key's id.
    pub id: KeyId,
    /// The key's name.
    pub name: String,
    /// The project in which it acts.
    pub project: ProjectName,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The account that it is bound to.
    pub account: Option<AccountId>,
}

/// A principal as the records keep it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Actor {
    /// Which kind.
    pub kind: ActorKind,
    /// Its id.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

/// Which kind of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person who signed in.
    User,
    /// An API key.
    Key,
    /// The person at the shell.
    Operator,
    /// Somebody unknown.
    Stranger,
}

impl ActorKind {
    /// Its name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Operator => "operator",
            Self::Stranger => "stranger",
        }
    }

    /// Reads the name of a kind.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let rule = "is not `user`, `key`, `operator` or `stranger`";
        Self::find(name).ok_or_else(|| Invalid::new("actor_kind", name, rule))
    }

    /// The kind with this name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::User, Self::Key, Self::Operator, Self::Stranger].into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Principal {
    /// The name of the server among operators; no user of a machine has one with a space in it.
    pub const SERVER: &str = "the server";

    /// The server itself, which does by itself what its operator told it to.
    pub fn server() -> Self {
        Self::Operator(Self::SERVER.to_owned())
    }

    /// What the records keep.
    pub fn actor(&self) -> Actor {
        match self {
            Self::User(user) => {
                Actor { kind: ActorKind::User, id: user.id.to_string(), name: user.name.as_str().to_owned() }
            }
            Self::Key(key) => Actor { kind: ActorKind::Key, id: key.id.to_string(), name: key.name.clone() },
            Self::Operator(name) => Actor { kind: ActorKind::Operator, id: name.clone(), name: name.clone() },
            Self::Stranger(network) => {
                Actor { kind: ActorKind::Stranger, id: network.clone(), name: network.clone() }
            }
        }
    }
}
