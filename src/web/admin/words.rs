//! Sentences with `code` in them, as a page shows them.

/// A text in pieces.
pub(crate) struct Words(pub(crate) Vec<Piece>);

/// A part of a text that is code, or is not.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) is_code: bool,
}

impl Words {
    /// Takes a text in which code stands in backticks.
    pub(crate) fn new(text: &str) -> Self {
        let pieces = text.split('`').enumerate().filter(|(_, text)| !text.is_empty());
        Self(pieces.map(|(at, text)| Piece { text: text.to_owned(), is_code: at % 2 == 1 }).collect())
    }

    /// The same for a text without a period at its end, which gets one and a capital letter.
    pub(crate) fn sentence(text: &str) -> Self {
        let mut chars = text.chars();
        let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
        let end = if text.is_empty() || text.ends_with('.') { "" } else { "." };
        Self::new(&format!("{first}{}{end}", chars.as_str()))
    }

    /// Whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_in_backticks_and_a_sentence_has_a_capital_and_a_period() {
        let told = |words: Words| -> Vec<String> {
            words.0.iter().map(|p| if p.is_code { format!("<{}>", p.text) } else { p.text.clone() }).collect()
        };
        assert_eq!(told(Words::sentence("use `a` or `b`")), ["Use ", "<a>", " or ", "<b>", "."]);
        assert_eq!(told(Words::sentence("done.")), ["Done."]);
        assert!(Words::sentence("").is_empty());
    }
}
