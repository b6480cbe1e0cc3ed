//! The panel of a page that shows requests: a chart and links to longer and shorter stretches of time.
//!
//! Which stretch is shown stands in the address (`usage=24h`, `30d` or `90d`).

use jiff::Timestamp;

use super::Chart;
use crate::app;
use crate::model::Invalid;
use crate::model::outcome::{Outcomes, last};
use crate::model::usage::{UsageRange, UsageStep};
use crate::web::admin::page::NavItem;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;

/// A chart with its heading and links.
#[derive(Debug, Clone)]
pub(crate) struct UsagePanel {
    /// "Requests".
    pub(crate) heading: &'static str,
    /// The other stretches of time, and this one.
    pub(crate) links: Vec<NavItem>,
    /// What happened in it.
    pub(crate) chart: Chart,
}

/// How much time a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stretch {
    Day,
    Month,
    Quarter,
}

impl Stretch {
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Day, "24h", "24 hours"), (Self::Month, "30d", "30 days"), (Self::Quarter, "90d", "90 days")];

    fn parse(value: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|(_, name, _)| *name == value);
        known
            .map(|(stretch, ..)| stretch)
            .ok_or_else(|| Invalid::new("usage", value, "is neither `24h` nor `30d` nor `90d`"))
    }

    fn range(self, now: Timestamp) -> UsageRange {
        match self {
            Self::Day => last(UsageStep::Hour, 24, now),
            Self::Month => last(UsageStep::Day, 30, now),
            Self::Quarter => last(UsageStep::Day, 90, now),
        }
    }
}

impl UsagePanel {
    /// The panel at `address` with the stretch that the request asks for, 30 days if it asks for none.
    ///
    /// # Errors
    /// When it asks for one that there is not, or the counts cannot be read.
    pub(crate) fn read(
        visit: &Visit,
        address: &str,
        read: impl FnOnce(&UsageRange) -> app::Result<Outcomes>,
    ) -> Result<Self, Problem> {
        let asked = visit.query().filled("usage").map(Stretch::parse).transpose()?;
        let stretch = asked.unwrap_or(Stretch::Month);
        let chart = Chart::new(&read(&stretch.range(visit.now()))?);
        let link = |(other, name, label): (Stretch, &str, &str)| NavItem {
            href: format!("{address}?usage={name}#usage"),
            label: label.to_owned(),
            icon: "",
            is_current: other == stretch,
        };
        Ok(Self { heading: "Requests", links: Stretch::ALL.map(link).into(), chart })
    }
}
