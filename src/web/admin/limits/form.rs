//! The form for limits: what it shows, and what it says when it comes back.

use askama::Template;

use crate::model::Invalid;
use crate::model::limit::{Limits, LimitsChange, Mode, Period, Quota, RateLimit, parse_allowed_ips};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, FieldErrors, Frame};

/// The page, in words.
#[derive(Template)]
#[template(path = "limits.html")]
pub(crate) struct LimitsPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    /// Where the form is sent.
    pub(super) action: String,
    pub(super) cancel: String,
    /// Whether a quota's count can start anew.
    pub(super) has_quota: bool,
    pub(super) form: LimitsForm,
    pub(super) errors: FieldErrors,
}

/// The fields.
pub(super) struct LimitsForm {
    pub(super) rate_requests: String,
    pub(super) rate_seconds: String,
    pub(super) rate_modes: Vec<Choice>,
    pub(super) quota_requests: String,
    pub(super) quota_periods: Vec<Choice>,
    pub(super) quota_modes: Vec<Choice>,
    /// One a line; accounts have none.
    pub(super) addresses: Option<String>,
    pub(super) ip_modes: Vec<Choice>,
}

impl LimitsForm {
    /// The fields as the limits are.
    pub(super) fn of(limits: &Limits, addresses: Option<&[ipnet::IpNet]>) -> Self {
        let text = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
        let line = |net: &ipnet::IpNet| {
            let is_one = net.prefix_len() == net.max_prefix_len();
            if is_one { net.addr().to_string() } else { net.to_string() }
        };
        Self {
            rate_requests: text(limits.rate.map(|rate| rate.requests().into())),
            rate_seconds: text(limits.rate.map(|rate| rate.per_seconds().into())),
            rate_modes: modes(limits.rate_mode.as_str()),
            quota_requests: text(limits.quota.map(Quota::requests)),
            quota_periods: periods(limits.quota.map_or("day", |quota| quota.per().as_str())),
            quota_modes: modes(limits.quota_mode.as_str()),
            addresses: addresses.map(|nets| nets.iter().map(line).collect::<Vec<_>>().join("\n")),
            ip_modes: modes(limits.ips_mode.as_str()),
        }
    }

    /// The fields as they were filled in.
    pub(super) fn typed(fields: &Fields, has_addresses: bool) -> Self {
        let typed = |name: &str| fields.typed(name).to_owned();
        Self {
            rate_requests: typed("rate_requests"),
            rate_seconds: typed("rate_seconds"),
            rate_modes: modes(fields.get("rate_mode")),
            quota_requests: typed("quota_requests"),
            quota_periods: periods(fields.get("quota_per")),
            quota_modes: modes(fields.get("quota_mode")),
            addresses: has_addresses.then(|| typed("allowed_ips")),
            ip_modes: modes(fields.get("ips_mode")),
        }
    }
}

fn modes(current: &str) -> Vec<Choice> {
    let words =
        [(Mode::Enforce, "Refuse what is over it"), (Mode::Watch, "Only watch: count it, refuse nothing")];
    words.map(|(mode, label)| Choice::new(mode.as_str(), label, mode.as_str() == current)).into()
}

fn periods(current: &str) -> Vec<Choice> {
    let words = [(Period::Day, "day"), (Period::Month, "month")];
    words.map(|(per, label)| Choice::new(per.as_str(), label, per.as_str() == current)).into()
}

/// Reads what the form says of rate and quota, or everything that is wrong with it.
pub(super) fn read(fields: &Fields, errors: &mut FieldErrors) -> LimitsChange {
    let text = |name: &str| fields.get(name).trim().to_owned();
    let rate = match (text("rate_requests"), text("rate_seconds")) {
        (requests, seconds) if requests.is_empty() && seconds.is_empty() => Ok(None),
        (requests, seconds) => RateLimit::parse(&format!("{requests}/{seconds}")).map(Some),
    };
    let quota = match text("quota_requests") {
        requests if requests.is_empty() => Ok(None),
        requests => Quota::parse(&format!("{requests}/{}", text("quota_per"))).map(Some),
    };
    LimitsChange {
        rate: errors.take(rate),
        rate_mode: errors.take(mode(fields, "rate_mode")),
        quota: errors.take(quota),
        quota_mode: errors.take(mode(fields, "quota_mode")),
        ..LimitsChange::default()
    }
}

/// Reads what the form says of addresses.
pub(super) fn read_addresses(
    fields: &Fields,
    errors: &mut FieldErrors,
) -> (Option<Vec<ipnet::IpNet>>, Option<Mode>) {
    let words = fields.get("allowed_ips").split(|c: char| c.is_whitespace() || c == ',');
    let addresses = errors.take(parse_allowed_ips(words.filter(|word| !word.is_empty())));
    (addresses, errors.take(mode(fields, "ips_mode")))
}

fn mode(fields: &Fields, name: &'static str) -> Result<Mode, Invalid> {
    Mode::parse(name, fields.filled(name).unwrap_or(Mode::Enforce.as_str()))
}
