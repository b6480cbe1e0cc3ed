//! Hides what differs from run to run in a snapshot, after it has looked as it must.

/// Replaces times, ids, hashes and the test's folder; everything that is replaced has its shape.
pub fn redact(text: &str, folder: &std::path::Path) -> String {
    let text = text
        .replace(env!("CARGO_BIN_EXE_keysrv"), "keysrv")
        .replace(&folder.display().to_string(), "[folder]");
    let mut redacted = String::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.') {
            word.push(c);
        } else {
            redacted.push_str(&hidden(&std::mem::take(&mut word)));
            redacted.push(c);
        }
    }
    redacted + &hidden(&word)
}

fn hidden(word: &str) -> String {
    let is_base62 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let has_digit_and_letter = |text: &str| {
        text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic())
    };
    if keysrv::crypto::token::read_key_id(word).is_some() {
        return "[token]".to_owned();
    }
    if word.strip_suffix('Z').is_some() && (word.parse::<jiff::Timestamp>().is_ok() || is_time_of_day(word)) {
        return "[time]".to_owned();
    }
    if word.len() == 10 && word.parse::<jiff::civil::Date>().is_ok() {
        return "[date]".to_owned();
    }
    if word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()) {
        return "[hash]".to_owned();
    }
    if let Some(id) = word.strip_prefix("acc_").filter(|id| id.len() == 12 && is_base62(id)) {
        return format!("acc_{}", if id.is_empty() { "" } else { "[id]" });
    }
    if let Some(id) =
        word.strip_prefix("ks_").and_then(|rest| rest.strip_suffix('_')).filter(|id| id.len() == 12)
    {
        return format!("ks_{}_", if is_base62(id) { "[id]" } else { id });
    }
    if word.len() == 12 && is_base62(word) && (has_digit_and_letter(word) || has_inner_capital(word)) {
        return "[id]".to_owned();
    }
    word.to_owned()
}

// An id need not have a digit: one in eight has none.
fn has_inner_capital(word: &str) -> bool {
    word.bytes().skip(1).any(|b| b.is_ascii_uppercase())
}

fn is_time_of_day(word: &str) -> bool {
    word.len() == 9 && word.trim_end_matches('Z').parse::<jiff::civil::Time>().is_ok()
}
