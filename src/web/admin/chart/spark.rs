//! A chart as small as a word, for a row of a table: one bar a day, without axis or numbers. How much
//! it was, its label says.

use super::{in_words, scale::Scale};
use crate::model::outcome::{Outcome, Outcomes};
use crate::web::admin::when::counted;

/// Its height, in the units in which it is drawn.
const HEIGHT: u64 = 24;
/// What one day takes of its width; a bar takes one less.
const STEP: u64 = 4;

/// Requests of some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spark {
    /// "30 days: 1 200 accepted, 3 refused".
    pub(crate) told: String,
    /// How wide it is.
    pub(crate) width: u64,
    /// The days on which there was something, oldest first.
    pub(crate) bars: Vec<SparkBar>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SparkBar {
    /// Where it stands.
    pub(crate) x: u64,
    /// The upper edge of what was accepted.
    pub(crate) y: u64,
    /// How high that is.
    pub(crate) height: u64,
    /// The upper edge of what was refused.
    pub(crate) refused_y: u64,
    /// How high that is; 0 where nothing was.
    pub(crate) refused_height: u64,
}

impl Spark {
    /// The small chart of these outcomes.
    pub(crate) fn new(outcomes: &Outcomes) -> Self {
        let steps = outcomes.steps();
        let highest = steps.iter().map(Outcome::total).max().unwrap_or_default();
        let scale = Scale::exactly(highest);
        let bars = steps.iter().enumerate().filter(|(_, outcome)| outcome.total() > 0);
        let (accepted, refused) = (outcomes.accepted(), outcomes.refused());
        Self {
            told: format!("{}: {}", counted(steps.len() as u64, "day"), in_words(accepted, refused)),
            width: steps.len() as u64 * STEP,
            bars: bars.map(|(at, outcome)| SparkBar::new(at as u64, outcome, &scale)).collect(),
        }
    }
}

impl SparkBar {
    fn new(at: u64, outcome: &Outcome, scale: &Scale) -> Self {
        let height = |value: u64| if value == 0 { 0 } else { scale.part(value, HEIGHT).max(2) };
        let refused_height = height(outcome.refused);
        let height = height(outcome.accepted).min(HEIGHT - refused_height);
        let y = HEIGHT - height;
        Self { x: at * STEP, y, height, refused_y: y - refused_height, refused_height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::last;
    use crate::model::usage::UsageStep;

    fn spark(values: &[(i64, u64, u64)]) -> Spark {
        let range = last(UsageStep::Day, 30, "2026-11-24T14:30:00Z".parse().unwrap());
        let newest = range.to.0 / 24 - 1;
        let outcome = |(ago, accepted, refused): &(i64, u64, u64)| Outcome {
            step: newest - ago,
            accepted: *accepted,
            refused: *refused,
        };
        Spark::new(&Outcomes::new(&range, &values.iter().map(outcome).collect::<Vec<_>>()))
    }

    #[test]
    fn the_highest_day_takes_the_whole_height_and_the_smallest_is_seen() {
        let spark = spark(&[(29, 3_000, 0), (1, 1, 0), (0, 0, 2)]);
        let told: Vec<_> = spark.bars.iter().map(|bar| (bar.x, bar.height, bar.refused_height)).collect();
        assert_eq!(told, [(0, 24, 0), (112, 2, 0), (116, 0, 2)]);
        assert_eq!(spark.width, 120);
        assert_eq!(spark.told, "30 days: 3\u{202f}001 accepted, 2 refused");
    }

    #[test]
    fn no_part_leaves_the_picture() {
        let bars = spark(&[(2, 1_000_000, 1), (1, 1, 1_000_000), (0, 500_000, 500_000)]).bars;
        assert!(
            bars.iter()
                .all(|bar| bar.y + bar.height == HEIGHT && bar.refused_y + bar.refused_height == bar.y)
        );
        assert!(spark(&[]).bars.is_empty());
    }
}
