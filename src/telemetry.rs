//! Logs: set-up, and the last writer that masks anything that looks like a token.
//!
//! Lines go to standard error, for people or as JSON. Key ids may be logged, presented strings may
//! not; the mask is there for the day when somebody forgets that. A panic prints its place alone,
//! since its message may hold what was being worked on.

use std::io::{self, Write};
use std::panic::PanicHookInfo;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, LogLevel};
use crate::model::text::mask_tokens;

/// Starts to log to standard error; called once, by whatever runs for long.
pub fn start(format: LogFormat, level: LogLevel) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(filter(level))
        .with_writer(MaskedStderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()));
    // Only a second start could fail, and the first one goes on logging then.
    let _started = match format {
        LogFormat::Text => builder.with_target(false).finish().with(targets(level)).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).finish().with(targets(level)).try_init(),
    };
}

/// From now on a panic tells its place, in the log once there is one, and nothing else: its
/// message may hold what was being worked on.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = place(panic);
        if tracing::dispatcher::has_been_set() {
            tracing::error!(%place, "a bug: keysrv panicked");
        } else {
            // When even standard error is gone there is nobody left to tell.
            let _nobody = writeln!(io::stderr(), "error: a bug: keysrv panicked at {place}");
        }
    }));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

/// Ours at the level that was asked for, others' warnings, and of the framework's parser nothing:
/// it reports every stranger who sends nonsense as an error, and at `trace` what was sent.
fn targets(level: LogLevel) -> Targets {
    Targets::new()
        .with_target(env!("CARGO_CRATE_NAME"), filter(level))
        .with_target("actix_http", LevelFilter::OFF)
        .with_default(filter(level).min(LevelFilter::WARN))
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

struct MaskedStderr;

impl<'a> MakeWriter<'a> for MaskedStderr {
    type Writer = Masked<io::Stderr>;

    fn make_writer(&'a self) -> Self::Writer {
        Masked(io::stderr())
    }
}

/// Writes whole lines, as the formatter hands them over, with tokens masked.
struct Masked<W>(W);

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(mask_tokens(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_write_no_errors_into_the_log() {
        use tracing::Level;
        let at = |level, target: &str, event| targets(level).would_enable(target, &event);
        assert!(at(LogLevel::Info, "keysrv::web::gate", Level::INFO));
        assert!(!at(LogLevel::Info, "keysrv::web::gate", Level::DEBUG));
        assert!(at(LogLevel::Trace, "keysrv::app", Level::TRACE));
        assert!(!at(LogLevel::Trace, "actix_http::h1::dispatcher", Level::ERROR));
        assert!(at(LogLevel::Info, "actix_server::worker", Level::WARN));
        assert!(!at(LogLevel::Trace, "actix_server::worker", Level::INFO));
        assert!(!at(LogLevel::Error, "actix_server::worker", Level::WARN));
    }

    #[test]
    fn a_panic_tells_its_place_and_nothing_of_its_message() {
        use std::sync::{Arc, Mutex};
        let told = Arc::new(Mutex::new(String::new()));
        let (of_this, teller) = (std::thread::current().id(), Arc::clone(&told));
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == of_this {
                *teller.lock().unwrap() = place(panic);
            }
        }));
        let line = line!() + 1;
        let caught = std::panic::catch_unwind(|| panic!("a secret"));
        std::panic::set_hook(before);
        assert!(caught.is_err());
        let told = told.lock().unwrap();
        assert!(told.starts_with(&format!("{}:{line}:", file!())), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }

    #[test]
    fn every_token_of_a_line_is_masked_and_the_rest_stays() {
        let token = |digit: &str| format!("ks_{}_{}", digit.repeat(12), digit.repeat(38));
        let mut written = Vec::new();
        let line = format!("a {} b {} c\n", token("a"), token("Z"));
        Masked(&mut written).write_all(line.as_bytes()).unwrap();
        let expected = "a ks_aaaaaaaaaaaa_[masked] b ks_ZZZZZZZZZZZZ_[masked] c\n";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}
