//! A user: a person who signs in to the admin pages.
//!
//! Names are kept in lower case, so that `Anna` and `anna` are one person. What a password must
//! be is `crypto::password`'s.

use jiff::Timestamp;

use super::Invalid;

/// The number of a user; never used again after a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserId(pub i64);

impl std::fmt::Display for UserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A user's name in its one spelling: 1–40 characters `[a-z0-9._@-]`, starting with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct UserName(String);

impl UserName {
    /// Reads a user's name in any case.
    ///
    /// # Errors
    /// When a character is not `[A-Za-z0-9._@-]`, or there are more than 40.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let name = value.to_ascii_lowercase();
        let fits = (1..=40).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'-'));
        let rule =
            "is not 1 to 40 of letters, digits, `.`, `_`, `@` and `-`, starting with a letter or digit";
        if fits { Ok(Self(name)) } else { Err(Invalid::new("user", value, rule)) }
    }

    /// A name that nobody can have, for attempts with what is no name.
    pub fn nobody() -> Self {
        Self("-".to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Admin,
    /// Look, and change nothing.
    Viewer,
}

impl Role {
    /// Its name on the command line and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    /// Reads a role.
    ///
    /// # Errors
    /// When it is neither `admin` nor `viewer`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let found = [Self::Admin, Self::Viewer].into_iter().find(|role| role.as_str() == value);
        found.ok_or_else(|| Invalid::new("role", value, "is neither `admin` nor `viewer`"))
    }
}

/// A user as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct User {
    /// Its number.
    #[serde(skip)]
    pub id: UserId,
    /// Its name.
    pub name: UserName,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}
