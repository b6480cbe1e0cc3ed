//! The patterns of addresses, filled: for links, forms and redirects.
//!
//! Values in a path are percent-encoded here.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    ACCOUNT, ACCOUNT_DELETE, ACCOUNT_DISABLE, ACCOUNT_ENABLE, ACCOUNT_LIMITS, ACCOUNT_NEW, ACCOUNTS,
    API_ACCOUNT, API_KEY, BACKUP_DELETE, BACKUP_DOWNLOAD, BACKUP_PROVE, KEY, KEY_DELETE, KEY_DISABLE,
    KEY_EDIT, KEY_ENABLE, KEY_EXPLAIN, KEY_FIRST_USE, KEY_LIMITS, KEY_NARROW, KEY_NEW, KEY_ROTATE,
    KEY_ROTATE_END, KEY_TOKEN, KEYS, KEYS_SELECTED, OVERVIEW, PRESET, PRESET_NEW, PRESET_REMOVE,
    PROXY_CONFIG, ROUTE_RULE_NEW, ROUTE_RULE_REMOVE, ROUTE_RULES, SCOPE, SCOPE_NEW, SCOPE_REMOVE, SCOPES,
    SETTINGS, SETUP, SIGN_IN, STATIC, USER, USER_DELETE, USER_PASSWORD, USER_ROLE, USER_SIGN_OUT,
};
use crate::model::account::AccountId;
use crate::model::backup::BackupName;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;
use crate::model::scope::{PresetName, Scope};
use crate::model::user::UserName;

/// RFC 3986 "unreserved" characters stand as they are.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The one-time link of the first user.
pub fn setup(code: &str) -> String {
    fill(SETUP, &[code])
}

/// Where to sign in, and the page to go to afterwards.
pub fn sign_in(next: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    format!("{SIGN_IN}?{}", query.finish())
}

/// The overview of a project.
pub fn overview(project: &ProjectName) -> String {
    fill(OVERVIEW, &[project.as_str()])
}

/// A project's keys.
pub fn keys(project: &ProjectName) -> String {
    fill(KEYS, &[project.as_str()])
}

/// The keys that were selected in the table.
pub fn keys_selected(project: &ProjectName) -> String {
    fill(KEYS_SELECTED, &[project.as_str()])
}

/// The form for a new key.
pub fn key_new(project: &ProjectName) -> String {
    fill(KEY_NEW, &[project.as_str()])
}

/// One key.
pub fn key(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY, &[project.as_str(), id.as_str()])
}

/// A key's token, shown once.
pub fn key_token(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_TOKEN, &[project.as_str(), id.as_str()])
}

/// Switches a key on.
pub fn key_enable(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_ENABLE, &[project.as_str(), id.as_str()])
}

/// Switches a key off.
pub fn key_disable(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_DISABLE, &[project.as_str(), id.as_str()])
}

/// Gives a key a new secret.
pub fn key_rotate(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_ROTATE, &[project.as_str(), id.as_str()])
}

/// Ends a key's old secret.
pub fn key_rotate_end(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_ROTATE_END, &[project.as_str(), id.as_str()])
}

/// Explains what happens to a request with a key.
pub fn key_explain(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_EXPLAIN, &[project.as_str(), id.as_str()])
}

/// Changes a key.
pub fn key_edit(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_EDIT, &[project.as_str(), id.as_str()])
}

/// Narrows a key to what it is asked for.
pub fn key_narrow(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_NARROW, &[project.as_str(), id.as_str()])
}

/// Tells whether a key was used yet.
pub fn key_first_use(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_FIRST_USE, &[project.as_str(), id.as_str()])
}

/// Sets a key's limits.
pub fn key_limits(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_LIMITS, &[project.as_str(), id.as_str()])
}

/// One account.
pub fn account(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT, &[project.as_str(), id.as_str()])
}

/// Sets the limits that an account's keys share.
pub fn account_limits(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT_LIMITS, &[project.as_str(), id.as_str()])
}

/// Deletes a key.
pub fn key_delete(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_DELETE, &[project.as_str(), id.as_str()])
}

/// A project's catalogue.
pub fn scopes(project: &ProjectName) -> String {
    fill(SCOPES, &[project.as_str()])
}

/// The form for a new scope.
pub fn scope_new(project: &ProjectName) -> String {
    fill(SCOPE_NEW, &[project.as_str()])
}

/// The form for one scope.
pub fn scope(project: &ProjectName, scope: &Scope) -> String {
    fill(SCOPE, &[project.as_str(), scope.as_str()])
}

/// Removes a scope.
pub fn scope_remove(project: &ProjectName, scope: &Scope) -> String {
    fill(SCOPE_REMOVE, &[project.as_str(), scope.as_str()])
}

/// The form for a new preset.
pub fn preset_new(project: &ProjectName) -> String {
    fill(PRESET_NEW, &[project.as_str()])
}

/// The form for one preset.
pub fn preset(project: &ProjectName, name: &PresetName) -> String {
    fill(PRESET, &[project.as_str(), name.as_str()])
}

/// Removes a preset.
pub fn preset_remove(project: &ProjectName, name: &PresetName) -> String {
    fill(PRESET_REMOVE, &[project.as_str(), name.as_str()])
}

/// A project's route rules.
pub fn route_rules(project: &ProjectName) -> String {
    fill(ROUTE_RULES, &[project.as_str()])
}

/// The form for a new rule.
pub fn route_rule_new(project: &ProjectName) -> String {
    fill(ROUTE_RULE_NEW, &[project.as_str()])
}

/// Removes a rule, which the query names.
pub fn route_rule_remove(project: &ProjectName) -> String {
    fill(ROUTE_RULE_REMOVE, &[project.as_str()])
}

/// The configuration of a proxy.
pub fn proxy_config(project: &ProjectName) -> String {
    fill(PROXY_CONFIG, &[project.as_str()])
}

/// A project's settings.
pub fn settings(project: &ProjectName) -> String {
    fill(SETTINGS, &[project.as_str()])
}

/// A user.
pub fn user(name: &UserName) -> String {
    fill(USER, &[name.as_str()])
}

/// Gives a user another role.
pub fn user_role(name: &UserName) -> String {
    fill(USER_ROLE, &[name.as_str()])
}

/// Gives a user another password.
pub fn user_password(name: &UserName) -> String {
    fill(USER_PASSWORD, &[name.as_str()])
}

/// Ends a user's sessions.
pub fn user_sign_out(name: &UserName) -> String {
    fill(USER_SIGN_OUT, &[name.as_str()])
}

/// Deletes a user.
pub fn user_delete(name: &UserName) -> String {
    fill(USER_DELETE, &[name.as_str()])
}

/// Reads a backup as a restore would.
pub fn backup_prove(name: &BackupName) -> String {
    fill(BACKUP_PROVE, &[name.as_str()])
}

/// Hands a backup out.
pub fn backup_download(name: &BackupName) -> String {
    fill(BACKUP_DOWNLOAD, &[name.as_str()])
}

/// Deletes a backup.
pub fn backup_delete(name: &BackupName) -> String {
    fill(BACKUP_DELETE, &[name.as_str()])
}

/// A project's accounts.
pub fn accounts(project: &ProjectName) -> String {
    fill(ACCOUNTS, &[project.as_str()])
}

/// The form for a new account.
pub fn account_new(project: &ProjectName) -> String {
    fill(ACCOUNT_NEW, &[project.as_str()])
}

/// Switches an account on.
pub fn account_enable(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT_ENABLE, &[project.as_str(), id.as_str()])
}

/// Switches an account off.
pub fn account_disable(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT_DISABLE, &[project.as_str(), id.as_str()])
}

/// Deletes an account.
pub fn account_delete(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT_DELETE, &[project.as_str(), id.as_str()])
}

/// One key, for programs.
pub fn api_key(id: &KeyId) -> String {
    fill(API_KEY, &[id.as_str()])
}

/// One account, for programs.
pub fn api_account(id: &AccountId) -> String {
    fill(API_ACCOUNT, &[id.as_str()])
}

/// A file that belongs to the pages.
pub fn static_file(name: &str) -> String {
    fill(STATIC, &[name])
}

/// Puts the values into the pattern's `{…}`, from left to right.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let segments: Vec<String> = pattern
        .split('/')
        .map(|segment| match segment.strip_prefix('{').and_then(|_| values.next()) {
            Some(value) => utf8_percent_encode(value, SEGMENT).to_string(),
            None => segment.to_owned(),
        })
        .collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filled_from_left_to_right() {
        let id = KeyId::parse("8Qm2LxT0aZr4").unwrap();
        assert_eq!(key(&ProjectName::default(), &id), "/p/default/keys/8Qm2LxT0aZr4");
        assert_eq!(setup("a/../b ü"), "/setup/a%2F..%2Fb%20%C3%BC");
    }

    #[test]
    fn the_page_asked_for_goes_along_to_the_sign_in() {
        assert_eq!(sign_in("/p/default/keys?q=a&b"), "/sign-in?next=%2Fp%2Fdefault%2Fkeys%3Fq%3Da%26b");
    }
}
