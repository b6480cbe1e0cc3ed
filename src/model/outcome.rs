//! Outcomes: how many requests were accepted and how many refused, hour by hour or day by day.
//!
//! What a chart shows. Counts by verdict are in `usage`.

use jiff::Timestamp;

use super::usage::{Hour, UsageRange, UsageStep};

/// Requests of one hour or day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Which one: hours or days since 1970-01-01T00Z.
    pub step: i64,
    /// How many were accepted.
    pub accepted: u64,
    /// How many were refused.
    pub refused: u64,
}

/// Outcomes of every step of a stretch of time, also of those without any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    step: UsageStep,
    steps: Vec<Outcome>,
}

impl Outcomes {
    /// Puts what was counted, oldest first, between the steps in which nothing was.
    pub fn new(range: &UsageRange, counted: &[Outcome]) -> Self {
        let hours = range.step.hours();
        let (from, to) = (range.from.0.div_euclid(hours), range.to.0.div_euclid(hours));
        let mut counted = counted.iter().filter(|outcome| (from..to).contains(&outcome.step)).peekable();
        let none = |step| Outcome { step, accepted: 0, refused: 0 };
        let steps = (from..to)
            .map(|step| counted.next_if(|outcome| outcome.step == step).copied().unwrap_or(none(step)));
        Self { step: range.step, steps: steps.collect() }
    }

    /// Whether by hour or by day.
    pub fn step(&self) -> UsageStep {
        self.step
    }

    /// One for each step, oldest first.
    pub fn steps(&self) -> &[Outcome] {
        &self.steps
    }

    /// When a step begins.
    pub fn begins_at(&self, outcome: &Outcome) -> Timestamp {
        let second = outcome.step.saturating_mul(self.step.hours()).saturating_mul(3600);
        Timestamp::from_second(second).unwrap_or_default()
    }

    /// All accepted ones.
    pub fn accepted(&self) -> u64 {
        self.steps.iter().fold(0, |sum, outcome| sum.saturating_add(outcome.accepted))
    }

    /// All refused ones.
    pub fn refused(&self) -> u64 {
        self.steps.iter().fold(0, |sum, outcome| sum.saturating_add(outcome.refused))
    }
}

impl Outcome {
    /// Accepted and refused ones together.
    pub fn total(&self) -> u64 {
        self.accepted.saturating_add(self.refused)
    }
}

/// The last `n` hours or days, the one that has begun included.
pub fn last(step: UsageStep, n: u16, now: Timestamp) -> UsageRange {
    let to = (Hour::of(now).0.div_euclid(step.hours()) + 1) * step.hours();
    UsageRange { step, from: Hour(to - i64::from(n) * step.hours()), to: Hour(to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_in_which_nothing_was_counted_stand_between_the_others() {
        let now: Timestamp = "2026-11-24T12:30:00Z".parse().unwrap();
        let range = last(UsageStep::Hour, 3, now);
        let hour = Hour::of(now).0;
        let counted = [
            Outcome { step: hour - 9, accepted: 9, refused: 9 },
            Outcome { step: hour - 1, accepted: 2, refused: 1 },
        ];
        let outcomes = Outcomes::new(&range, &counted);
        let told: Vec<_> = outcomes.steps().iter().map(|at| (at.step - hour, at.total())).collect();
        assert_eq!(told, [(-2, 0), (-1, 3), (0, 0)]);
        assert_eq!((outcomes.accepted(), outcomes.refused()), (2, 1));
        assert_eq!(outcomes.begins_at(&outcomes.steps()[2]).to_string(), "2026-11-24T12:00:00Z");
        let days = last(UsageStep::Day, 30, now);
        assert_eq!((days.to.0 - days.from.0, days.to.0 % 24), (720, 0));
    }
}
