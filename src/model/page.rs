//! Pages of a list: how many, from where, and where the next one starts.
//!
//! A cursor holds the place in the order (the sort value and the row's number), never an offset,
//! so a page stays exact while rows are added and removed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Invalid;

/// How many rows a page has, 1–200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// The most rows that a page may have.
    pub const MAX: u16 = 200;

    /// Reads a limit.
    ///
    /// # Errors
    /// When it is not a whole number from 1 to 200.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        match value.parse() {
            Ok(limit) if (1..=Self::MAX).contains(&limit) => Ok(Self(limit)),
            _ => Err(Invalid::new("limit", value, "is not a whole number from 1 to 200")),
        }
    }

    /// The largest page.
    pub fn max() -> Self {
        Self(Self::MAX)
    }

    /// The number of rows.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

/// A place in a sorted list: the last row that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which order the place belongs to.
    pub order: char,
    /// The sort value of that row; empty where the row's number alone is the order.
    pub value: String,
    /// The row's number.
    pub seq: i64,
}

impl Cursor {
    /// Reads what [`Cursor::encode`] wrote, for the same order.
    ///
    /// # Errors
    /// When it is not such a text, or was made for another order.
    pub fn parse(text: &str, order: char) -> Result<Self, Invalid> {
        let invalid =
            || Invalid::new("cursor", text, "is not a cursor of this list; start again without one");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        let plain = String::from_utf8(bytes).map_err(|_| invalid())?;
        let mut chars = plain.chars();
        let found = chars.next().ok_or_else(invalid)?;
        let (seq, value) = chars.as_str().split_once('.').ok_or_else(invalid)?;
        let seq = seq.parse().map_err(|_| invalid())?;
        if found != order {
            return Err(invalid());
        }
        Ok(Self { order, value: value.to_owned(), seq })
    }

    /// The opaque text, `[0-9A-Za-z_-]`.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}{}.{}", self.order, self.seq, self.value))
    }
}

/// Which page is asked for; the cursor is still text, since only the list knows its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows.
    pub limit: Limit,
    /// Where the page before ended; `None` for the first.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The place after which the page starts.
    ///
    /// # Errors
    /// As [`Cursor::parse`].
    pub fn after(&self, order: char) -> Result<Option<Cursor>, Invalid> {
        self.cursor.as_deref().map(|text| Cursor::parse(text, order)).transpose()
    }
}

/// A page whose cursor has been read.
#[derive(Debug, Clone)]
pub struct PageAfter {
    /// How many rows.
    pub limit: Limit,
    /// The place after which it starts.
    pub after: Option<Cursor>,
}

impl PageAfter {
    /// Reads the cursor of a request for a list in this order.
    ///
    /// # Errors
    /// When the cursor is not one of this list.
    pub fn new(request: &PageRequest, order: char) -> Result<Self, Invalid> {
        Ok(Self { limit: request.limit, after: request.after(order)? })
    }
}

/// One page of a list.
///
/// It may hold fewer rows than were asked for, even none, and still name the next one: a search
/// through many rows that fit nothing stops after a bounded number of them, and goes on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Whether the search for what fits stopped before the page was full, since it had looked at as much
    /// as one page may.
    pub fn has_stopped_early(&self, limit: Limit) -> bool {
        self.next_cursor.is_some() && self.items.len() < limit.get()
    }

    /// A page from up to `limit + 1` rows: the row too many says that there is a next page.
    pub fn from_rows(mut rows: Vec<T>, limit: Limit, place: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let next_cursor = if more { rows.last().map(|row| place(row).encode()) } else { None };
        Self { items: rows, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_fits_only_its_order() {
        let cursor = Cursor { order: 'n', value: "a.b ü".to_owned(), seq: 42 };
        assert_eq!(Cursor::parse(&cursor.encode(), 'n'), Ok(cursor.clone()));
        assert!(Cursor::parse(&cursor.encode(), 'u').is_err());
        for bad in ["", "x", "!!!", "////", "bm9wZQ"] {
            assert!(Cursor::parse(bad, 'n').is_err(), "{bad}");
        }
    }
}
