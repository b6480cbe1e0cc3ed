//! Reading JSON so that nothing in it can be understood in two ways.
//!
//! A name that stands twice in one object is refused at any depth, where a reader of the usual kind
//! would take one of the two values. Which name it is, and in which field of the body, is told.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why bytes are not read.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The name that stands twice, if that is why.
    pub(super) twice: Option<Twice>,
    /// What the reader says, and where.
    pub(super) error: serde_json::Error,
}

/// A name that stands twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Twice {
    /// The name.
    pub(super) name: String,
    /// The field of the body in which that is so; the same where it is the body's own.
    pub(super) field: String,
}

/// Reads a whole text.
///
/// # Errors
/// When it is not UTF-8, not JSON, nested too deep, or has a name twice.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Refusal> {
    let twice = RefCell::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(&twice).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| Refusal { twice: twice.into_inner(), error })
}

/// Builds a value, and notes a name that stands twice.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a RefCell<Option<Twice>>);

impl Strict<'_> {
    fn note(self, name: &str) {
        *self.0.borrow_mut() = Some(Twice { name: name.to_owned(), field: name.to_owned() });
    }

    /// The outermost field is noted last.
    fn note_field(self, name: &str) {
        if let Some(twice) = self.0.borrow_mut().as_mut() {
            name.clone_into(&mut twice.field);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(self).inspect_err(|_| self.note_field(&name))?;
            if fields.contains_key(&name) {
                self.note(&name);
                return Err(A::Error::custom("a name twice"));
            }
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}
