//! The vertical scale of a chart: whole numbers at even distances, at most five lines.

/// The most steps from zero to the top.
const STEPS_MAX: u64 = 4;

/// From zero to a round number above the highest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    step: u64,
    n_steps: u64,
}

impl Scale {
    /// A scale on which `highest` fits.
    pub(super) fn up_to(highest: u64) -> Self {
        let mut power = 1_u64;
        loop {
            for step in [1, 2, 5].map(|digit| power.saturating_mul(digit)) {
                let n_steps = highest.div_ceil(step).max(1);
                if n_steps <= STEPS_MAX {
                    return Self { step, n_steps };
                }
            }
            power = power.saturating_mul(10);
        }
    }

    /// A scale whose top is the highest value, for what has no lines.
    pub(super) fn exactly(highest: u64) -> Self {
        Self { step: highest, n_steps: 1 }
    }

    /// The values at which lines stand, from zero up.
    pub(super) fn lines(self) -> impl Iterator<Item = u64> {
        (0..=self.n_steps).map(move |n| n.saturating_mul(self.step))
    }

    /// What a value takes of `whole`, which the top of the scale takes.
    pub(super) fn part(self, value: u64, whole: u64) -> u64 {
        let top = u128::from(self.step) * u128::from(self.n_steps);
        let part = u128::from(value) * u128::from(whole) / top.max(1);
        u64::try_from(part).unwrap_or(whole).min(whole)
    }

    /// The label of one of its lines, all in one unit: "1 500", "20k", "1.5M".
    pub(super) fn label(self, value: u64) -> String {
        let (unit, letter) = match self.step.saturating_mul(self.n_steps) {
            0..10_000 => return super::grouped(value),
            10_000..1_000_000 => (1_000, "k"),
            1_000_000..1_000_000_000 => (1_000_000, "M"),
            1_000_000_000..1_000_000_000_000 => (1_000_000_000, "bn"),
            _ => (1_000_000_000_000, "tn"),
        };
        match (value / unit, value % unit / (unit / 10)) {
            (0, 0) => "0".to_owned(),
            (whole, 0) => format!("{whole}{letter}"),
            (whole, tenth) => format!("{whole}.{tenth}{letter}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(highest: u64) -> Vec<u64> {
        Scale::up_to(highest).lines().collect()
    }

    #[test]
    fn lines_are_whole_round_and_few() {
        assert_eq!(lines(0), [0, 1]);
        assert_eq!(lines(1), [0, 1]);
        assert_eq!(lines(3), [0, 1, 2, 3]);
        assert_eq!(lines(7), [0, 2, 4, 6, 8]);
        assert_eq!(lines(310), [0, 100, 200, 300, 400]);
        assert_eq!(lines(12_000), [0, 5_000, 10_000, 15_000]);
        assert!((1_000..=1_400).contains(&Scale::up_to(u64::MAX).part(u64::MAX, 1_400)));
    }

    #[test]
    fn labels_are_short_and_of_one_unit() {
        let labels = |highest: u64| {
            let scale = Scale::up_to(highest);
            scale.lines().map(|value| scale.label(value)).collect::<Vec<_>>()
        };
        assert_eq!(labels(1_700), ["0", "500", "1\u{202f}000", "1\u{202f}500", "2\u{202f}000"]);
        assert_eq!(labels(12_000), ["0", "5k", "10k", "15k"]);
        assert_eq!(labels(1_900_000), ["0", "0.5M", "1M", "1.5M", "2M"]);
        assert_eq!(labels(3_000_000_000), ["0", "1bn", "2bn", "3bn"]);
    }
}
