//! Charts of requests, drawn on the server as SVG: bars by hour or day, accepted below refused.
//!
//! Places along the axis are shares of the width and heights are pixels, so that a chart grows with
//! its panel while its words stay as large as the page's. Colours come from classes. Every chart is
//! told in a sentence for who does not see it, and has its numbers in a table behind it.
//!
//! What is drawn is `templates/parts/chart.html`; the little ones in rows are in `spark`.

mod panel;
mod scale;
mod spark;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::scale::Scale;
use super::when::{counted, grouped};
use crate::model::outcome::{Outcome, Outcomes};
use crate::model::usage::UsageStep;

pub(crate) use panel::UsagePanel;
pub(crate) use spark::Spark;

/// The height that the largest value may take, in tenths of a pixel.
const HEIGHT: u64 = 1_400;
/// Room above, for the label of the highest line.
const TOP: u64 = 160;
/// What a bar takes of the width of its step, in hundredths; more when there are few.
const BAR_SHARE: u64 = 72;
/// A value that is there is seen, however small.
const BAR_MIN: u64 = 20;
/// At about how many places the axis says when.
const TICKS_MAX: usize = 6;

/// A chart of requests by hour or day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chart {
    /// The whole chart in a sentence.
    pub(crate) told: String,
    /// "hour" or "day".
    pub(crate) unit: &'static str,
    /// All accepted requests.
    pub(crate) accepted: String,
    /// All refused requests.
    pub(crate) refused: String,
    /// Whether nothing was refused.
    pub(crate) is_spotless: bool,
    /// The refused of all, such as "0.4 %"; empty for none and for all.
    pub(crate) refused_share: String,
    /// Whether the table has a column of accepted requests.
    pub(crate) shows_accepted: bool,
    /// Whether there is nothing to show.
    pub(crate) is_empty: bool,
    /// The horizontal lines, from zero up.
    pub(crate) lines: Vec<Line>,
    /// The bars that are there, oldest first.
    pub(crate) bars: Vec<Bar>,
    /// The words below the axis.
    pub(crate) ticks: Vec<Tick>,
    /// The numbers, newest first, without steps in which nothing was.
    pub(crate) rows: Vec<Row>,
}

/// A horizontal line and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// In pixels from the top.
    pub(crate) y: String,
    /// "1 500", "20k".
    pub(crate) label: String,
}

/// What was counted in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Where its step begins, in percent of the width.
    pub(crate) step_x: String,
    /// How wide a step is, in percent.
    pub(crate) step_width: String,
    /// Where the bar begins, in percent.
    pub(crate) x: String,
    /// How wide it is, in percent.
    pub(crate) width: String,
    /// The accepted requests; `None` where there are none.
    pub(crate) accepted: Option<Part>,
    /// The refused requests, on top of them.
    pub(crate) refused: Option<Part>,
    /// "24 Nov, 14:00 UTC: 12 accepted, 1 refused".
    pub(crate) title: String,
}

/// One part of a bar, in pixels from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its upper edge.
    pub(crate) y: String,
    /// How high it is.
    pub(crate) height: String,
}

/// Words below the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tick {
    /// In percent of the width.
    pub(crate) x: String,
    /// On which side of it the words stand, so that none leaves the chart: `start`, `middle`, `end`.
    pub(crate) anchor: &'static str,
    /// Whether it goes where there is little room.
    pub(crate) is_minor: bool,
    /// "06:00", "3 Nov".
    pub(crate) label: String,
}

/// A row of the table behind the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// "24 Nov, 14:00 UTC".
    pub(crate) when: String,
    /// How many were accepted.
    pub(crate) accepted: String,
    /// How many were refused.
    pub(crate) refused: String,
}

impl Chart {
    /// The chart of these outcomes.
    pub(crate) fn new(outcomes: &Outcomes) -> Self {
        let highest = outcomes.steps().iter().map(Outcome::total).max().unwrap_or_default();
        let scale = Scale::up_to(highest);
        let n = outcomes.steps().len();
        let numbered = || outcomes.steps().iter().enumerate();
        let is_there = |(_, outcome): &(usize, &Outcome)| outcome.total() > 0;
        Self {
            told: told(outcomes),
            unit: unit(outcomes),
            accepted: grouped(outcomes.accepted()),
            refused: grouped(outcomes.refused()),
            is_spotless: outcomes.refused() == 0,
            refused_share: share(outcomes.refused(), outcomes.accepted() + outcomes.refused()),
            shows_accepted: true,
            is_empty: highest == 0,
            lines: scale
                .lines()
                .map(|value| Line { y: px(y(&scale, value)), label: scale.label(value) })
                .collect(),
            bars: numbered()
                .filter(is_there)
                .map(|(at, outcome)| bar(outcomes, outcome, (at, n), &scale))
                .collect(),
            ticks: ticks(outcomes),
            rows: numbered().rev().filter(is_there).map(|(_, outcome)| row(outcomes, outcome)).collect(),
        }
    }

    /// The chart of what was refused alone, where nothing can be accepted.
    pub(crate) fn of_refused(outcomes: &Outcomes) -> Self {
        let stretch = counted(outcomes.steps().len() as u64, unit(outcomes));
        let told = format!("Refused in {stretch}: {}.", grouped(outcomes.refused()));
        Self { told, shows_accepted: false, ..Self::new(outcomes) }
    }
}

/// "0.4 %" of all; empty for none of them and for all.
fn share(part: u64, all: u64) -> String {
    if part == 0 || part >= all {
        return String::new();
    }
    match part.saturating_mul(1000) / all {
        0 => "under 0.1 %".to_owned(),
        tenths @ 1..100 => format!("{}.{} %", tenths / 10, tenths % 10),
        tenths => format!("{} %", (tenths + 5) / 10),
    }
}

/// Where a value stands, in tenths of a pixel from the top.
fn y(scale: &Scale, value: u64) -> u64 {
    TOP + HEIGHT - scale.part(value, HEIGHT)
}

fn bar(outcomes: &Outcomes, outcome: &Outcome, (at, n): (usize, usize), scale: &Scale) -> Bar {
    let (at, n) = (at as u64, n as u64);
    let bottom = TOP + HEIGHT;
    let height = |value: u64| if value == 0 { 0 } else { scale.part(value, HEIGHT).max(BAR_MIN) };
    let (accepted, refused) = (height(outcome.accepted), height(outcome.refused));
    let part = |top: u64, height: u64| (height > 0).then(|| Part { y: px(top), height: px(height) });
    let gap = 100 - BAR_SHARE;
    Bar {
        step_x: percent(at * 100, n * 100),
        step_width: percent(100, n * 100),
        x: percent(at * 100 + gap / 2, n * 100),
        width: percent(BAR_SHARE, n * 100),
        accepted: part(bottom - accepted, accepted),
        refused: part(bottom.saturating_sub(accepted + refused), refused),
        title: format!("{}: {}", when(outcomes, outcome), in_words(outcome.accepted, outcome.refused)),
    }
}

fn row(outcomes: &Outcomes, outcome: &Outcome) -> Row {
    Row {
        when: when(outcomes, outcome),
        accepted: grouped(outcome.accepted),
        refused: grouped(outcome.refused),
    }
}

fn in_words(accepted: u64, refused: u64) -> String {
    format!("{} accepted, {} refused", grouped(accepted), grouped(refused))
}

/// "Requests of 24 hours: 120 accepted, 3 refused. Most in one hour: 40, on 24 Nov, 14:00 UTC."
fn told(outcomes: &Outcomes) -> String {
    let unit = unit(outcomes);
    let stretch = counted(outcomes.steps().len() as u64, unit);
    let all = in_words(outcomes.accepted(), outcomes.refused());
    let highest = outcomes.steps().iter().max_by_key(|outcome| outcome.total());
    match highest.filter(|outcome| outcome.total() > 0) {
        None => format!("Requests of {stretch}: none."),
        Some(most) => format!(
            "Requests of {stretch}: {all}. Most in one {unit}: {}, on {}.",
            grouped(most.total()),
            when(outcomes, most)
        ),
    }
}

fn unit(outcomes: &Outcomes) -> &'static str {
    match outcomes.step() {
        UsageStep::Hour => "hour",
        UsageStep::Day => "day",
    }
}

fn when(outcomes: &Outcomes, outcome: &Outcome) -> String {
    let format = match outcomes.step() {
        UsageStep::Hour => "%-d %b, %H:%M UTC",
        UsageStep::Day => "%-d %b %Y",
    };
    civil(outcomes.begins_at(outcome), format)
}

/// Words at every so many steps, at whole quarters of a day, or counted back from today.
fn ticks(outcomes: &Outcomes) -> Vec<Tick> {
    let n = outcomes.steps().len();
    let every = match outcomes.step() {
        UsageStep::Hour => 6,
        UsageStep::Day => n.div_ceil(TICKS_MAX).max(1),
    };
    let is_due = |at: usize, outcome: &Outcome| match outcomes.step() {
        UsageStep::Hour => outcome.step % 6 == 0,
        UsageStep::Day => (n - 1 - at).is_multiple_of(every),
    };
    let format = match outcomes.step() {
        UsageStep::Hour => "%H:%M",
        UsageStep::Day => "%-d %b",
    };
    let due = outcomes.steps().iter().enumerate().filter(|(at, outcome)| is_due(*at, outcome));
    due.map(|(at, outcome)| Tick {
        x: percent(at as u64 * 2 + 1, n as u64 * 2),
        anchor: anchor(at, n),
        is_minor: outcomes.step() == UsageStep::Day && !((n - 1 - at) / every).is_multiple_of(2),
        label: civil(outcomes.begins_at(outcome), format),
    })
    .collect()
}

fn anchor(at: usize, n: usize) -> &'static str {
    match (at * 12) / n.max(1) {
        0 => "start",
        11 => "end",
        _ => "middle",
    }
}

fn civil(at: Timestamp, format: &str) -> String {
    TimeZone::UTC.to_datetime(at).strftime(format).to_string()
}

/// Tenths of a pixel as SVG reads them.
fn px(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A share in percent, with two places.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = part * 10_000 / whole.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::last;

    fn outcomes(step: UsageStep, n: u16, values: &[(i64, u64, u64)]) -> Outcomes {
        let range = last(step, n, "2026-11-24T14:30:00Z".parse().unwrap());
        let newest = range.to.0 / step.hours() - 1;
        let counted: Vec<Outcome> = values
            .iter()
            .map(|(ago, accepted, refused)| Outcome {
                step: newest - ago,
                accepted: *accepted,
                refused: *refused,
            })
            .collect();
        Outcomes::new(&range, &counted)
    }

    /// In the smallest unit that is written.
    fn number(text: &str) -> u64 {
        text.replace('.', "").parse().unwrap()
    }

    #[test]
    fn refused_requests_stand_on_the_accepted_ones() {
        let chart = Chart::new(&outcomes(UsageStep::Hour, 24, &[(1, 30, 10), (0, 0, 4)]));
        let (accepted, refused) =
            (chart.bars[0].accepted.as_ref().unwrap(), chart.bars[0].refused.as_ref().unwrap());
        assert_eq!(number(&refused.y) + number(&refused.height), number(&accepted.y));
        assert_eq!((accepted.height.as_str(), refused.height.as_str()), ("105.0", "35.0"));
        assert_eq!(refused.y, chart.lines.last().unwrap().y, "the highest reaches the highest line");
        assert!(chart.bars[1].accepted.is_none());
        assert_eq!(chart.bars[0].title, "24 Nov, 13:00 UTC: 30 accepted, 10 refused");
        assert_eq!(
            chart.told,
            "Requests of 24 hours: 30 accepted, 14 refused. Most in one hour: 40, on 24 Nov, 13:00 UTC."
        );
    }

    #[test]
    fn nothing_at_all_is_said_and_draws_no_bar() {
        let chart = Chart::new(&outcomes(UsageStep::Day, 30, &[]));
        assert!(chart.is_empty && chart.bars.is_empty() && chart.rows.is_empty());
        assert_eq!(chart.told, "Requests of 30 days: none.");
    }

    #[test]
    fn one_request_among_millions_is_seen() {
        let chart = Chart::new(&outcomes(UsageStep::Day, 30, &[(29, 5_000_000, 1), (0, 1, 0)]));
        assert_eq!(chart.bars[0].refused.as_ref().unwrap().height, "2.0");
        assert_eq!(chart.bars[1].accepted.as_ref().unwrap().height, "2.0");
        let (below, above) =
            (chart.bars[0].accepted.as_ref().unwrap(), chart.bars[0].refused.as_ref().unwrap());
        assert_eq!(number(&above.y) + 20, number(&below.y));
    }

    #[test]
    fn a_single_request_has_a_scale_of_whole_numbers() {
        let chart = Chart::new(&outcomes(UsageStep::Hour, 24, &[(0, 1, 0)]));
        let labels: Vec<_> = chart.lines.iter().map(|line| line.label.as_str()).collect();
        assert_eq!(labels, ["0", "1"]);
        assert_eq!(chart.rows.len(), 1);
        assert!(number(&chart.bars[0].x) + number(&chart.bars[0].width) <= 10_000);
    }

    #[test]
    fn the_axis_says_when_and_its_words_stay_inside() {
        let labels = |chart: &Chart| chart.ticks.iter().map(|tick| tick.label.clone()).collect::<Vec<_>>();
        let day = Chart::new(&outcomes(UsageStep::Hour, 24, &[]));
        assert_eq!(labels(&day), ["18:00", "00:00", "06:00", "12:00"]);
        let quarter = Chart::new(&outcomes(UsageStep::Day, 90, &[]));
        assert_eq!(labels(&quarter), ["10 Sep", "25 Sep", "10 Oct", "25 Oct", "9 Nov", "24 Nov"]);
        assert_eq!(quarter.ticks.last().unwrap().anchor, "end");
    }
}
