//! A JSON object that is taken apart field by field, so that every mistake is told with its field.
//!
//! Reading refuses a name that stands twice at any depth: of two readers one may believe the
//! first value and the other the last. A field that nobody took is an error, too: whoever
//! misspells `scopes` should not get an answer to another question.

use serde_json::{Map, Value};

use super::strict::{self, Refusal, Twice};
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::text::contains_token;
use crate::web::problem::Problem;

/// The longest name of a field that is repeated when it is wrong.
const NAME_REPEATED_BYTES_MAX: usize = 64;
/// Up to here a floating-point number is exact.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The fields of a JSON object that nobody took yet.
#[derive(Debug, Default)]
pub struct Object(Map<String, Value>);

impl Object {
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`Code::BadRequest`] when it is not UTF-8, not JSON, not an object, nested too deep, or
    /// has a name twice; the place is told, never the content, and of a name that stands twice which.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match strict::read(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Problem::new(Code::BadRequest, "the body is JSON, but not an object")),
            Err(Refusal { twice: Some(twice), error }) => Err(stands_twice(&twice, &error)),
            Err(Refusal { twice: None, error }) => {
                Err(Problem::new(Code::BadRequest, explain(bytes, &error)))
            }
        }
    }

    /// The text of a field that must be there.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is missing or no text.
    pub fn text(&mut self, field: &'static str) -> Result<String, Problem> {
        self.find_text(field)?.ok_or_else(|| wrong(field, "is missing"))
    }

    /// The text of a field that may be missing or `null`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn find_text(&mut self, field: &'static str) -> Result<Option<String>, Problem> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(field, "is not a text")),
        }
    }

    /// The text of a field that `null` empties; `None` where the field is missing.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn find_nullable(&mut self, field: &'static str) -> Result<Option<Option<String>>, Problem> {
        match self.0.remove(field) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(wrong(field, "is neither a text nor `null`")),
        }
    }

    /// A list of texts that may be missing or `null`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn find_texts(&mut self, field: &'static str) -> Result<Option<Vec<String>>, Problem> {
        if self.0.get(field).is_none_or(Value::is_null) {
            self.0.remove(field);
            return Ok(None);
        }
        self.texts(field).map(Some)
    }

    /// `true` or `false`, that may be missing or `null`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn find_bool(&mut self, field: &'static str) -> Result<Option<bool>, Problem> {
        let Some(value) = self.take(field) else { return Ok(None) };
        Ok(Some(value.as_bool().ok_or_else(|| wrong(field, "is neither `true` nor `false`"))?))
    }

    /// An object that may be missing or `null`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn find_object(&mut self, field: &'static str) -> Result<Option<Map<String, Value>>, Problem> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields)),
            Some(_) => Err(wrong(field, "is not an object")),
        }
    }

    /// An object, or `null`, which is told apart from a field that is missing.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn find_nullable_object(
        &mut self,
        field: &'static str,
    ) -> Result<Option<Option<Map<String, Value>>>, Problem> {
        match self.0.remove(field) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::Object(fields)) => Ok(Some(Some(fields))),
            Some(_) => Err(wrong(field, "is neither an object nor `null`")),
        }
    }

    /// Whether the field is there, whatever its value.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// A list of texts; empty where the field is missing or `null`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else.
    pub fn texts(&mut self, field: &'static str) -> Result<Vec<String>, Problem> {
        let Some(value) = self.take(field) else { return Ok(Vec::new()) };
        let Value::Array(values) = value else { return Err(wrong(field, "is not a list of texts")) };
        let text = |value| match value {
            Value::String(text) => Ok(text),
            _ => Err(wrong(field, "is not a list of texts")),
        };
        values.into_iter().map(text).collect()
    }

    /// A whole number that may be missing or `null`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] when it is something else, or negative.
    pub fn find_count(&mut self, field: &'static str) -> Result<Option<u64>, Problem> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let count = whole(&value).ok_or_else(|| wrong(field, "is not a whole number of 0 or more"))?;
        Ok(Some(count))
    }

    /// Requires that every field was taken.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] with the first that was not.
    pub fn finish(self) -> Result<(), Problem> {
        let Some(name) = self.0.keys().next() else { return Ok(()) };
        let mut problem = Problem::from(Invalid::new("field", name, "is not known here"));
        problem.field = repeatable(name).map(|name| name.to_owned().into());
        Err(problem)
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }
}

/// The number, also written `2.0`: in JSON that is the same number (RFC 8259 §6), and some programs
/// write all of theirs so.
pub(in crate::web) fn whole(value: &Value) -> Option<u64> {
    let is_exact = |n: &f64| n.fract() == 0.0 && (0.0..=EXACT_MAX).contains(n);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
    let from_float = || value.as_f64().filter(is_exact).map(|n| n as u64);
    value.as_u64().or_else(from_float)
}

/// A name that somebody sent, if it may be repeated: it is neither as long as a body nor holds a token.
pub(in crate::web) fn repeatable(name: &str) -> Option<&str> {
    Some(name).filter(|name| name.len() <= NAME_REPEATED_BYTES_MAX && !contains_token(name))
}

fn stands_twice(twice: &Twice, error: &serde_json::Error) -> Problem {
    let name = repeatable(&twice.name).map(|name| format!("name `{}`", name.escape_debug()));
    let name = name.unwrap_or_else(|| "same name".to_owned());
    let detail = format!("the body has the {name} twice, {}", place(error));
    let problem = Problem::new(Code::BadRequest, detail);
    match repeatable(&twice.field) {
        Some(field) => problem.field(field.to_owned()),
        None => problem,
    }
}

fn place(error: &serde_json::Error) -> String {
    format!("at line {}, column {}", error.line(), error.column())
}

fn wrong(field: &'static str, rule: &str) -> Problem {
    Problem::new(Code::InvalidValue, format!("`{field}` {rule}")).field(field)
}

// The reader's own words may repeat what was sent, which may be a token.
fn explain(bytes: &[u8], error: &serde_json::Error) -> String {
    if let Err(error) = std::str::from_utf8(bytes) {
        return format!("the body is not UTF-8, at byte {}", error.valid_up_to() + 1);
    }
    let place = place(error);
    if error.is_eof() {
        return format!("the body is not JSON: it ends too early, {place}");
    }
    // The one mistake that the reader has no kind for.
    if error.to_string().starts_with("recursion limit exceeded") {
        return format!("the body is nested too deep, {place}");
    }
    format!("the body is not JSON that can be read, {place}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(body: impl AsRef<[u8]>) -> Problem {
        Object::parse(body.as_ref()).unwrap_err()
    }

    #[test]
    fn fields_are_taken_one_by_one() {
        let body = br#"{"token":"t","scopes":["a:b"],"cost":2,"same":2.0,"ip":null}"#;
        let mut object = Object::parse(body).unwrap();
        assert_eq!(object.text("token").unwrap(), "t");
        assert_eq!(object.texts("scopes").unwrap(), ["a:b"]);
        assert_eq!(object.find_count("cost").unwrap(), Some(2));
        assert_eq!(object.find_count("same").unwrap(), Some(2));
        assert_eq!(object.find_text("ip").unwrap(), None);
        assert_eq!(object.find_text("project").unwrap(), None);
        object.finish().unwrap();
    }

    #[test]
    fn every_mistake_names_its_field() {
        let mut object =
            Object::parse(br#"{"a":1,"b":["x",2],"c":-1,"half":0.5,"huge":1e300,"scope":"typo"}"#).unwrap();
        assert_eq!(object.text("token").unwrap_err().detail, "`token` is missing");
        assert_eq!(object.text("a").unwrap_err().field.as_deref().unwrap(), "a");
        assert_eq!(object.texts("b").unwrap_err().field.as_deref().unwrap(), "b");
        for count in ["c", "half", "huge"] {
            assert_eq!(object.find_count(count).unwrap_err().code, Code::InvalidValue, "{count}");
        }
        let problem = object.finish().unwrap_err();
        assert_eq!(problem.detail, "field `scope` is not known here");
        assert_eq!(problem.field.as_deref().unwrap(), "scope");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        for (body, detail, field) in [
            (r#"{"a":1,"a":1}"#, "name `a` twice, at line 1", Some("a")),
            (r#"{"m":{"a":1,"b":[{"c":1,"\u0063":2}]}}"#, "name `c` twice, at line 1", Some("m")),
            ("{\"\\n\":1,\"\\n\":1}", "name `\\n` twice, at line 1", Some("\n")),
        ] {
            let problem = refusal(body);
            assert!(problem.detail.starts_with(&format!("the body has the {detail}")), "{}", problem.detail);
            assert_eq!(problem.field.as_deref(), field, "{body}");
        }
        let token = format!("ks_{}_{}", "a".repeat(12), "b".repeat(38));
        for name in [token, "x".repeat(65)] {
            let problem = refusal(format!("{{\"{name}\":1,\"{name}\":1}}"));
            assert!(problem.detail.starts_with("the body has the same name twice"), "{}", problem.detail);
            assert_eq!(problem.field, None);
        }
    }

    #[test]
    fn what_is_no_object_is_refused_with_the_place() {
        assert_eq!(refusal("[]").detail, "the body is JSON, but not an object");
        assert_eq!(refusal("{").detail, "the body is not JSON: it ends too early, at line 1, column 1");
        for body in [&b"\xff"[..], b"{\"a\":\"\xff\"}", b"{} x", b"{'a':1}", b"{\"a\":1e999}", b"{\"a\":NaN}"]
        {
            assert_eq!(refusal(body).code, Code::BadRequest, "{body:?}");
        }
        assert_eq!(refusal(b"{\"a\":\"\xff\"}").detail, "the body is not UTF-8, at byte 7");
        let deep = refusal(format!("{{\"a\":{}", "[".repeat(60_000)));
        assert_eq!(deep.code, Code::BadRequest);
        assert!(deep.detail.starts_with("the body is nested too deep, at line 1"), "{}", deep.detail);
    }

    #[test]
    fn a_token_in_a_fields_name_is_not_repeated() {
        let name = format!("ks_{}_{}", "a".repeat(12), "b".repeat(38));
        let problem = Object::parse(format!("{{\"{name}\":1}}").as_bytes()).unwrap().finish().unwrap_err();
        assert_eq!(problem.code, Code::ContainsToken);
        assert!(!format!("{problem:?}").contains("bbbb"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Err(problem) = Object::parse(&body) {
                prop_assert_eq!(problem.code, Code::BadRequest);
            }
        }
    }
}
