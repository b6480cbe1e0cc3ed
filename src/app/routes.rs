//! Use cases for route rules.
//!
//! A rule may only ask for scopes of the catalogue, since no key could ever hold another. A rule is
//! not changed but removed and added; between the two the request is refused, which is the safe side.

use std::collections::HashMap;

use serde_json::json;

use super::audit::Entry;
use super::keys::find_project;
use super::permission::require;
use super::{App, Error, Permission, Result};
use crate::model::Invalid;
use crate::model::audit::Target;
use crate::model::page::{Cursor, Page, PageRequest};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::route::{OriginalRequest, PathPattern, RouteMatch, RouteMethod, RouteRule, RouteTable};
use crate::model::scope::ScopeSet;
use crate::store::projects::ProjectSeq;
use crate::store::{ReadTx, WriteTx};

/// What the cursors of this list start with.
const ORDER: char = 'r';

/// What [`App::add_routes`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct AddedRoutes {
    /// The rules that are new.
    pub added: Vec<RouteRule>,
    /// Those that were there already, just so.
    pub unchanged: Vec<RouteRule>,
}

impl App {
    /// The project's rules in the order in which they are asked.
    ///
    /// # Errors
    /// When `who` may not see them.
    pub fn all_routes(&self, who: &Principal, project: &ProjectName) -> Result<Vec<RouteRule>> {
        require(who, Permission::ReadProject, project)?;
        let tx = self.read()?;
        sorted(&*tx, find_project(&*tx, project)?)
    }

    /// A page of the project's rules in the order in which they are asked.
    ///
    /// # Errors
    /// When `who` may not see them, or the cursor is not one of this list.
    pub fn list_routes(
        &self,
        who: &Principal,
        project: &ProjectName,
        page: &PageRequest,
    ) -> Result<Page<RouteRule>> {
        require(who, Permission::ReadProject, project)?;
        let after = page.after(ORDER)?.map(|cursor| parse_name(&cursor.value)).transpose()?;
        let project = find_project(&*self.read()?, project)?;
        let table = self.store.project_routes(project)?;
        let is_shown = |rule: &RouteRule| after.as_ref().is_some_and(|after| rule.order(after).is_le());
        let start = table.rules().partition_point(is_shown);
        let rows = table.rules().iter().skip(start).take(page.limit.get() + 1).cloned().collect();
        let place = |rule: &RouteRule| Cursor { order: ORDER, value: rule.name(), seq: 0 };
        Ok(Page::from_rows(rows, page.limit, place))
    }

    /// Adds rules, all or none; one that is there already, just so, is passed over.
    ///
    /// # Errors
    /// When a scope is not in the catalogue, a rule is there that differs in its scopes or its
    /// spelling, or there would be more than [`RouteRule::MAX`].
    pub fn add_routes(
        &self,
        who: &Principal,
        project: &ProjectName,
        rules: &[RouteRule],
    ) -> Result<AddedRoutes> {
        require(who, Permission::WriteProject, project)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        require_known_scopes(&*tx, seq, rules)?;
        let present = tx.list_routes(seq)?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        let mut done = AddedRoutes::default();
        let mut known = Known::new(present);
        for rule in rules {
            if let Some(there) = known.find(rule)? {
                done.unchanged.push(there.clone());
            } else {
                add(&mut *tx, &entry, seq, rule)?;
                known.insert(rule.clone());
                done.added.push(rule.clone());
            }
        }
        if known.n_rules > RouteRule::MAX {
            let message = format!("a project has at most {} route rules; remove some first", RouteRule::MAX);
            return Err(Error::InUse(message));
        }
        tx.commit()?;
        Ok(done)
    }

    /// Removes a rule.
    ///
    /// # Errors
    /// When there is none with this method and pattern.
    pub fn remove_route(
        &self,
        who: &Principal,
        project: &ProjectName,
        method: &RouteMethod,
        pattern: &PathPattern,
    ) -> Result<RouteRule> {
        require(who, Permission::WriteProject, project)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let rules = tx.list_routes(seq)?;
        let rule = rules.into_iter().find(|rule| rule.method == *method && rule.pattern == *pattern);
        let rule = rule.ok_or_else(|| Error::no_such("route rule", format!("{method} {pattern}")))?;
        tx.delete_route(seq, method, pattern)?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        entry.append(&mut *tx, "route.removed", target(&rule), json!({ "scopes": rule.scopes }))?;
        tx.commit()?;
        Ok(rule)
    }

    /// Tells which rule a request would meet; `tell` gets what the rules say.
    ///
    /// # Errors
    /// When `who` may not see the rules.
    pub fn test_route<T>(
        &self,
        who: &Principal,
        project: &ProjectName,
        request: &OriginalRequest<'_>,
        tell: impl FnOnce(RouteMatch<'_>) -> T,
    ) -> Result<T> {
        require(who, Permission::ReadProject, project)?;
        let tx = self.read()?;
        let table = RouteTable::new(tx.list_routes(find_project(&*tx, project)?)?);
        Ok(tell(table.find(Some(request))))
    }
}

fn sorted(tx: &dyn ReadTx, project: ProjectSeq) -> Result<Vec<RouteRule>> {
    let mut rules = tx.list_routes(project)?;
    rules.sort_by(RouteRule::order);
    Ok(rules)
}

/// The rules that a project has, by their patterns with the spelling set aside: those of one
/// pattern must spell it alike, else a request could meet each of them and neither.
struct Known {
    by_pattern: HashMap<String, Vec<RouteRule>>,
    n_rules: usize,
}

impl Known {
    fn new(rules: Vec<RouteRule>) -> Self {
        let mut known = Self { by_pattern: HashMap::new(), n_rules: 0 };
        for rule in rules {
            known.insert(rule);
        }
        known
    }

    fn insert(&mut self, rule: RouteRule) {
        self.n_rules += 1;
        self.by_pattern.entry(rule.pattern.folded()).or_default().push(rule);
    }

    /// The same rule, if it is there.
    fn find(&self, rule: &RouteRule) -> Result<Option<&RouteRule>> {
        let of_pattern = self.by_pattern.get(&rule.pattern.folded()).map(Vec::as_slice).unwrap_or_default();
        if let Some(there) = of_pattern.iter().find(|there| there.pattern != rule.pattern) {
            let message =
                format!("`{}` differs from the rule `{}` in its spelling alone", rule.name(), there.name());
            return Err(taken(message));
        }
        match of_pattern.iter().find(|there| there.method == rule.method) {
            Some(there) if there.scopes == rule.scopes => Ok(Some(there)),
            Some(there) if there.scopes.is_empty() => {
                Err(taken(format!("there is a rule `{}` already, which needs no scope", there.name())))
            }
            Some(there) => {
                let needs = there.scopes.to_text();
                Err(taken(format!("there is a rule `{}` already, which needs {needs}", there.name())))
            }
            None => Ok(None),
        }
    }
}

fn taken(message: String) -> Error {
    Error::Taken { field: "pattern", message }
}

fn parse_name(name: &str) -> Result<RouteRule> {
    let (method, pattern) = name.split_once(' ').unwrap_or((name, ""));
    let (method, pattern) = (RouteMethod::parse(method)?, PathPattern::parse(pattern)?);
    Ok(RouteRule { method, pattern, scopes: ScopeSet::default() })
}

fn require_known_scopes(tx: &dyn ReadTx, project: ProjectSeq, rules: &[RouteRule]) -> Result<()> {
    let catalogue = tx.get_catalogue(project)?;
    for rule in rules {
        if let Some(scope) = catalogue.unknown(&rule.scopes).iter().next() {
            let rule = "is not in the project's catalogue, so that no key could hold it";
            return Err(Invalid::new("scopes", scope.as_str(), rule).into());
        }
    }
    Ok(())
}

fn add(tx: &mut dyn WriteTx, entry: &Entry<'_>, project: ProjectSeq, rule: &RouteRule) -> Result<()> {
    tx.insert_route(project, rule)?;
    Ok(entry.append(tx, "route.added", target(rule), json!({ "scopes": rule.scopes }))?)
}

fn target(rule: &RouteRule) -> Target {
    Target::new("route", rule.name(), rule.name())
}
