//! Users in `SQLite`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::error::taken;
use super::rows::{instant, instant_opt, ms, parsed};
use super::tx::Tx;
use crate::model::user::{Role, User, UserId, UserName};
use crate::store::users::USERS_MAX;
use crate::store::{Result, UserReads, UserWrites};

const COLUMNS: &str = "seq, name, role, created_at, last_sign_in_at";

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId(row.get(0)?),
        name: parsed(row, 1, UserName::parse)?,
        role: parsed(row, 2, Role::parse)?,
        created_at: instant(row, 3)?,
        last_sign_in_at: instant_opt(row, 4)?,
    })
}

impl UserReads for Tx {
    fn find_user(&self, name: &UserName) -> Result<Option<(User, String)>> {
        let sql = format!("SELECT {COLUMNS}, password_hash FROM users WHERE name = ?1");
        let mut statement = self.connection().prepare_cached(&sql)?;
        Ok(statement.query_row([name.as_str()], |row| Ok((user(row)?, row.get(5)?))).optional()?)
    }

    fn list_users(&self) -> Result<Vec<User>> {
        let sql = format!("SELECT {COLUMNS} FROM users ORDER BY name LIMIT {USERS_MAX}");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let users = statement.query_map([], user)?;
        Ok(users.collect::<rusqlite::Result<_>>()?)
    }
}

impl UserWrites for Tx {
    fn insert_user(
        &mut self,
        name: &UserName,
        role: Role,
        password_hash: &str,
        at: Timestamp,
    ) -> Result<UserId> {
        let sql = "INSERT INTO users (name, role, password_hash, created_at) VALUES (?1, ?2, ?3, ?4)";
        let values = params![name.as_str(), role.as_str(), password_hash, ms(at)];
        self.connection().execute(sql, values).map_err(taken("users.name", "user"))?;
        Ok(UserId(self.connection().last_insert_rowid()))
    }

    fn set_user_password(&mut self, id: UserId, password_hash: &str) -> Result<()> {
        let sql = "UPDATE users SET password_hash = ?2 WHERE seq = ?1";
        self.connection().execute(sql, params![id.0, password_hash])?;
        Ok(())
    }

    fn set_user_role(&mut self, id: UserId, role: Role) -> Result<()> {
        self.connection()
            .execute("UPDATE users SET role = ?2 WHERE seq = ?1", params![id.0, role.as_str()])?;
        Ok(())
    }

    fn set_user_signed_in(&mut self, id: UserId, at: Timestamp) -> Result<()> {
        self.connection()
            .execute("UPDATE users SET last_sign_in_at = ?2 WHERE seq = ?1", params![id.0, ms(at)])?;
        Ok(())
    }

    fn delete_user(&mut self, id: UserId) -> Result<()> {
        self.connection().execute("DELETE FROM users WHERE seq = ?1", [id.0])?;
        Ok(())
    }
}
