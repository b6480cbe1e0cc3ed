//! `/metrics`: what the server counts, as Prometheus reads it (text format 0.0.4,
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>). docs/metrics.md lists it all.
//!
//! Written here and not by a crate: the counters are `app::metrics`'s own, for the sake of
//! verifications, and what is left of the format is three kinds of lines.

use std::fmt::Display;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::metrics::{Of, Reading};
use crate::config::MetricsAccess;
use crate::model::code::Code;
use crate::web::context::Context;
use crate::web::problem::Problem;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`
///
/// # Errors
/// When the metrics are off, or whoever asks is not on this machine and they are not for all.
pub async fn metrics(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let is_near = context.client(&request).is_on_this_machine();
    match context.metrics {
        MetricsAccess::Off => Err(Problem::no_such_path()),
        MetricsAccess::Loopback if !is_near => Err(only_here()),
        MetricsAccess::Loopback | MetricsAccess::All => {
            let text = render(&context.app.read_metrics());
            Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT)).body(text))
        }
    }
}

fn only_here() -> Problem {
    let detail = "the metrics are read on the server's own machine, without a proxy in between";
    Problem::new(Code::Forbidden, detail).fix("ask there, or start the server with `--metrics all`")
}

fn render(reading: &Reading) -> String {
    let mut text = Text::default();
    about_the_server(&mut text, reading);
    about_verifications(&mut text, reading);
    about_usage(&mut text, reading);
    about_the_store(&mut text, reading);
    text.0
}

fn about_the_server(text: &mut Text, reading: &Reading) {
    text.metric("keysrv_build_info", "gauge", "Always 1; its labels tell the versions.");
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("engine", &reading.engine)];
    text.sample("keysrv_build_info", &labels, 1);
    text.metric("process_start_time_seconds", "gauge", "When the server started, in Unix time.");
    text.sample("process_start_time_seconds", &[], reading.started_at.as_second());
    let name = "keysrv_clock_behind_seconds";
    text.metric(
        name,
        "gauge",
        "By how much the machine's clock is behind the time that keysrv goes by; 0 when it is not.",
    );
    text.sample(name, &[], reading.clock_behind_seconds);
}

fn about_verifications(text: &mut Text, reading: &Reading) {
    let name = "keysrv_verifications_total";
    text.metric(name, "counter", "Requests that presented a key or should have, by verdict and project.");
    for ((of, code), count) in &reading.verdicts {
        let project = match of {
            Of::Project(name) => name.as_str(),
            Of::Nobody => "-",
            Of::AnotherProject => "*",
        };
        text.sample(name, &[("code", code.as_str()), ("project", project)], count);
    }
    let name = "keysrv_verify_duration_seconds";
    text.metric(name, "histogram", "How long it took to decide about a token.");
    for (bound_us, count) in &reading.durations {
        let bound = bound_us.map_or_else(|| "+Inf".to_owned(), |us| seconds(us).to_string());
        text.sample(&format!("{name}_bucket"), &[("le", &bound)], count);
    }
    text.sample(&format!("{name}_sum"), &[], reading.duration_total.as_secs_f64());
    text.sample(&format!("{name}_count"), &[], reading.durations.last().map_or(0, |(_, count)| *count));
}

fn about_usage(text: &mut Text, reading: &Reading) {
    let name = "keysrv_usage_flush_lag_seconds";
    text.metric(name, "gauge", "How long ago the counts of use were last written; about 1 at most.");
    text.sample(name, &[], reading.usage_flush_lag.as_secs_f64());
    let name = "keysrv_usage_waiting_keys";
    text.metric(name, "gauge", "Keys with uses that are not written yet.");
    text.sample(name, &[], reading.usage_waiting_keys);
    let name = "keysrv_usage_dropped_total";
    text.metric(name, "counter", "Uses that were not counted, since too many keys waited to be written.");
    text.sample(name, &[], reading.usage_dropped);
}

fn about_the_store(text: &mut Text, reading: &Reading) {
    let store = &reading.store;
    let name = "keysrv_store_commits_total";
    text.metric(name, "counter", "Transactions that were kept: of changes, and flushes of counts of use.");
    text.sample(name, &[("kind", "change")], store.change_commits);
    text.sample(name, &[("kind", "usage")], store.usage_flushes);
    let name = "keysrv_store_changes_total";
    text.metric(name, "counter", "Changes that were kept; those that come at the same time share a commit.");
    text.sample(name, &[], store.changes);
    let name = "keysrv_store_bytes";
    text.metric(name, "gauge", "The sizes of the database and of its log.");
    text.sample(name, &[("file", "database")], store.database_bytes);
    text.sample(name, &[("file", "log")], store.log_bytes);
    let name = "keysrv_remembered_records";
    text.metric(name, "gauge", "Keys remembered between verifications.");
    text.sample(name, &[], reading.cached_records);
    let name = "keysrv_remembered_bytes";
    text.metric(name, "gauge", "About how much memory they take.");
    text.sample(name, &[], reading.cached_bytes);
}

fn seconds(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64()
}

/// The answer, line by line.
#[derive(Default)]
struct Text(String);

impl Text {
    /// What the samples after it are of.
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        self.0.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.0.push_str(&format!("{name}{labels} {value}\n"));
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_escaped() {
        let mut text = Text::default();
        text.sample("a", &[("b", "\"\\\n"), ("c", "d")], 1);
        assert_eq!(text.0, "a{b=\"\\\"\\\\\\n\",c=\"d\"} 1\n");
    }
}
