//! What the query of a verification asks for: `?scope=…&project=…`.
//!
//! Somebody's API asks for the same few things all the time, so that each worker keeps the last that it
//! read: reading a query anew costs six allocations, comparing it with these none.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use super::api::query::Query;
use super::api::verify::parse_scopes;
use super::problem::Problem;
use crate::model::project::ProjectName;
use crate::model::scope::Scope;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Only keys of this project are accepted.
    pub(super) project: Box<str>,
    /// The scopes that the key must hold.
    pub(super) scopes: Vec<Scope>,
}

/// How many a worker keeps, and how long a query may be of which it keeps what it says: 16 KiB in all.
const KEPT: usize = 16;
const KEPT_BYTES_MAX: usize = 256;

thread_local! {
    static LAST: RefCell<Last> = RefCell::default();
}

#[derive(Default)]
struct Last {
    read: Vec<(Box<str>, Rc<Wanted>)>,
    next: usize,
}

impl Last {
    fn find(&self, query: &str) -> Option<Rc<Wanted>> {
        self.read.iter().find(|(text, _)| **text == *query).map(|(_, wanted)| Rc::clone(wanted))
    }

    /// Keeps one more, in the place of the oldest if there is no other.
    fn keep(&mut self, query: &str, wanted: &Rc<Wanted>) {
        if query.len() > KEPT_BYTES_MAX {
            return;
        }
        let entry = (query.into(), Rc::clone(wanted));
        match self.read.get_mut(self.next) {
            Some(oldest) => *oldest = entry,
            None => self.read.push(entry),
        }
        self.next = (self.next + 1) % KEPT;
    }
}

/// Reads a query.
///
/// # Errors
/// When a parameter is not known, stands twice or cannot be read.
pub(super) fn read(query: &str) -> Result<Rc<Wanted>, Problem> {
    LAST.with(|last| {
        if let Some(wanted) = last.borrow().find(query) {
            return Ok(wanted);
        }
        let wanted = Rc::new(Wanted::parse(query)?);
        last.borrow_mut().keep(query, &wanted);
        Ok(wanted)
    })
}

impl Wanted {
    fn parse(query: &str) -> Result<Self, Problem> {
        let mut query = Query::parse(query);
        let scopes = parse_scopes(&query.all("scope"))?;
        let project = query.one("project")?;
        query.finish()?;
        Ok(Self { project: project.unwrap_or(Cow::Borrowed(ProjectName::DEFAULT)).into(), scopes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_is_what_would_be_read_now() {
        for n in 0..3 * KEPT {
            let query = format!("scope=a:b&project=p{}", n % (KEPT + 3));
            let (wanted, again) = (read(&query).unwrap(), read(&query).unwrap());
            assert!(Rc::ptr_eq(&wanted, &again), "{query} was read again");
            assert_eq!(*wanted, Wanted::parse(&query).unwrap());
        }
        LAST.with(|last| assert_eq!(last.borrow().read.len(), KEPT));
        let long = format!("project={}", "p".repeat(KEPT_BYTES_MAX));
        assert!(!Rc::ptr_eq(&read(&long).unwrap(), &read(&long).unwrap()));
        assert!(read("scopes=a:b").is_err() && read("scopes=a:b").is_err());
    }
}
