//! The `date` of an answer (RFC 9110 §6.6.1), worded once a second.

use std::cell::RefCell;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

thread_local! {
    static LAST: RefCell<Worded> = RefCell::default();
}

#[derive(Default)]
struct Worded {
    second: i64,
    text: String,
}

/// Hands the text of an instant to `see`: `Tue, 24 Nov 2026 12:00:00 GMT`.
pub(super) fn worded<T>(at: Timestamp, see: impl FnOnce(&str) -> T) -> T {
    LAST.with_borrow_mut(|last| {
        if last.second != at.as_second() || last.text.is_empty() {
            // What cannot be worded is left out; no clock shows a year with five digits.
            let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default();
            *last = Worded { second: at.as_second(), text };
        }
        see(&last.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_second_that_it_is_asked_about() {
        for (second, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_795_521_600, "Tue, 24 Nov 2026 12:00:00 GMT"),
            (1_795_521_601, "Tue, 24 Nov 2026 12:00:01 GMT"),
        ] {
            for ms in [0, 999] {
                let at = Timestamp::from_millisecond(second * 1000 + ms).unwrap();
                worded(at, |date| assert_eq!(date, text));
            }
        }
    }
}
