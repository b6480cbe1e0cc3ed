//! The part of an address after the `?`, read strictly.
//!
//! A parameter that is not known is an error: `scopes=a:b` instead of `scope=a:b` would
//! otherwise ask for nothing and be allowed.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::page::{Limit, PageRequest};
use crate::web::body::repeatable;
use crate::web::problem::Problem;

/// A query of which parameters are taken.
#[derive(Debug)]
pub(in crate::web) struct Query<'a> {
    /// As it was sent.
    text: &'a str,
    /// The parameters that nobody took yet, in their order.
    left: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Query<'a> {
    /// Reads a query.
    pub(in crate::web) fn parse(text: &'a str) -> Self {
        Self { text, left: form_urlencoded::parse(text.as_bytes()).collect() }
    }

    /// Takes every value of a parameter.
    pub(in crate::web) fn all(&mut self, name: &str) -> Vec<Cow<'a, str>> {
        self.left.extract_if(.., |(key, _)| key == name).map(|(_, value)| value).collect()
    }

    /// Takes the one value of a parameter that may be missing.
    ///
    /// # Errors
    /// When it stands twice: which of the two is meant?
    pub(in crate::web) fn one(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, Problem> {
        let mut values = self.all(name).into_iter();
        let first = values.next();
        if values.next().is_some() {
            let detail = format!("the parameter `{name}` stands twice in the address");
            return Err(Problem::new(Code::BadRequest, detail).field(name));
        }
        Ok(first)
    }

    /// Takes a time that may be missing.
    ///
    /// # Errors
    /// When it is none, or stands twice.
    pub(in crate::web) fn instant(&mut self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let rule = "is not a time such as `2026-11-24T00:00:00Z`";
        Ok(Some(value.parse().map_err(|_| Invalid::new(name, &value, rule))?))
    }

    /// Requires that every parameter was taken, and that all of them were UTF-8: what is not has been
    /// read as something else, which may be what nobody asks for.
    ///
    /// # Errors
    /// When one was not.
    pub(in crate::web) fn finish(self) -> Result<(), Problem> {
        if let Some((name, _)) = self.left.first() {
            return Err(wrong(name, "is not known at this address"));
        }
        match self.text.split('&').find(|pair| !is_utf8(pair)) {
            Some(pair) => Err(wrong(pair.split('=').next().unwrap_or_default(), "is not UTF-8")),
            None => Ok(()),
        }
    }
}

fn is_utf8(pair: &str) -> bool {
    percent_encoding::percent_decode_str(pair).decode_utf8().is_ok()
}

fn wrong(name: &str, rule: &'static str) -> Problem {
    let mut problem = Problem::from(Invalid::new("parameter", name, rule));
    problem.field = repeatable(name).map(|name| name.to_owned().into());
    problem.code = Code::BadRequest;
    problem
}

/// Takes the two parameters that every list has.
///
/// # Errors
/// When one cannot be read.
pub(super) fn page(query: &mut Query<'_>) -> Result<PageRequest, Problem> {
    let limit = query.one("limit")?.map(|limit| Limit::parse(&limit)).transpose()?;
    Ok(PageRequest { limit: limit.unwrap_or_default(), cursor: query.one("cursor")?.map(Into::into) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_and_the_rest_is_refused() {
        let mut query = Query::parse("scope=a%3Ab&project=p&scope=c:d&scopes=e:f");
        assert_eq!(query.all("scope"), ["a:b", "c:d"]);
        assert_eq!(query.one("project").unwrap().unwrap(), "p");
        assert!(query.one("project").unwrap().is_none());
        let problem = query.finish().unwrap_err();
        assert_eq!(problem.detail, "parameter `scopes` is not known at this address");
        assert_eq!(problem.field.as_deref(), Some("scopes"));
        assert_eq!(Query::parse("a=1&a=1").one("a").unwrap_err().code, Code::BadRequest);
    }

    #[test]
    fn what_is_not_utf_8_is_refused_with_its_name() {
        let mut query = Query::parse("a=%C3%BC&q=x%ff");
        query.all("a");
        query.all("q");
        let problem = query.finish().unwrap_err();
        assert_eq!(problem.detail, "parameter `q` is not UTF-8");
        assert_eq!((problem.code, problem.field.as_deref()), (Code::BadRequest, Some("q")));
        assert!(Query::parse("%ff=1").finish().is_err());
    }
}
