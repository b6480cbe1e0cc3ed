//! What the steps of a verification take, and what each check adds to it, in nanoseconds, without HTTP.
//!
//! Run as `cargo run --release --example checks`. Steps and kinds of keys take turns, many rounds; the
//! least of all rounds is told, and of the kinds its difference to a key without limits.

use std::hint::black_box;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keysrv::app::App;
use keysrv::app::setup;
use keysrv::app::verify::{Ask, Counting};
use keysrv::clock::{Clock, SystemClock};
use keysrv::crypto::token;
use keysrv::model::account::{AccountName, Metadata, NewAccount};
use keysrv::model::key::{KeyName, NewKey, parse_allowed_ips};
use keysrv::model::limit::{LimitsChange, Mode, Quota, RateLimit};
use keysrv::model::principal::Principal;
use keysrv::model::project::ProjectName;
use keysrv::model::scope::{Catalogue, Scope};
use keysrv::web::credentials;
use keysrv::web::head::Lines;

const ROUNDS: usize = 40;
const TIMES: u32 = 10_000;
const IP: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

type Failure = Box<dyn std::error::Error>;

/// A kind of key, and what is asked of it.
struct Kind {
    name: &'static str,
    token: String,
    scopes: Vec<Scope>,
}

fn limits() -> Result<LimitsChange, Failure> {
    Ok(LimitsChange {
        rate: Some(Some(RateLimit::parse("1000000/1")?)),
        quota: Some(Some(Quota::parse("1000000000000/month")?)),
        ..LimitsChange::default()
    })
}

fn kinds(app: &App, who: &Principal, project: &ProjectName) -> Result<Vec<Kind>, Failure> {
    let new_account = |limits| -> Result<NewAccount, Failure> {
        let name = AccountName::parse("Acme")?;
        Ok(NewAccount { name, external_id: None, metadata: Metadata::default(), enabled: true, limits })
    };
    let plain = app.create_account(who, project, &new_account(LimitsChange::default())?)?;
    let limited = app.create_account(who, project, &new_account(limits()?)?)?;
    let many: Vec<String> =
        (0..99).map(|n| format!("10.{n}.0.0/16")).chain(["203.0.113.7".to_owned()]).collect();
    let none = LimitsChange::default();
    let rate = LimitsChange { quota: None, ..limits()? };
    let quota = LimitsChange { rate: None, ..limits()? };
    let watch = LimitsChange { rate_mode: Some(Mode::Watch), quota_mode: Some(Mode::Watch), ..limits()? };
    let rows: [(_, LimitsChange, &[String], Option<String>); 9] = [
        ("nothing", none, &[], None),
        ("an account", none, &[], Some(plain.id.to_string())),
        ("one address", none, many.get(99..).unwrap_or_default(), None),
        ("a hundred addresses", none, &many, None),
        ("a rate limit", rate, &[], None),
        ("a quota", quota, &[], None),
        ("rate and quota", limits()?, &[], None),
        ("rate and quota, watched", watch, &[], None),
        ("rate and quota, of key and account", limits()?, &[], Some(limited.id.to_string())),
    ];
    let mut kinds = Vec::new();
    for (at, (name, limits, addresses, account)) in rows.into_iter().enumerate() {
        let new = NewKey {
            limits,
            allowed_ips: parse_allowed_ips(addresses.iter().map(String::as_str))?,
            account,
            ..NewKey::named(KeyName::parse(&format!("key {at}"))?)
        };
        let token = app.create_key(who, project, &new)?.token.expose().to_owned();
        kinds.push(Kind { name, token: token.clone(), scopes: Vec::new() });
        if at == 0 {
            kinds.push(Kind { name: "one scope", token, scopes: vec![Scope::parse("platform:read")?] });
        }
    }
    Ok(kinds)
}

fn nanoseconds(app: &App, kind: &Kind) -> Result<f64, Failure> {
    let ask = Ask { ip: Some(IP), counting: Counting::Use, scopes: &kind.scopes, ..Ask::new(&kind.token) };
    let start = Instant::now();
    for _ in 0..TIMES {
        if !app.verify(&ask)?.code.is_valid() {
            return Err(format!("{} was refused", kind.name).into());
        }
    }
    Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES))
}

/// The steps before the key is looked for.
fn steps(token: &str) -> Vec<(&'static str, f64)> {
    let value = format!("Basic {}", STANDARD.encode(format!("{token}:")));
    let lines = [httparse::Header { name: "Authorization", value: value.as_bytes() }];
    vec![
        (
            "read the token out of a Basic header",
            each(|| credentials::read_token(black_box(Lines::Read(&lines))).is_ok()),
        ),
        ("its shape and checksum", each(|| token::read_key_id(black_box(token)).is_some())),
        ("its hash", each(|| token::hash_presented(black_box(token)))),
    ]
}

fn each<T>(step: impl Fn() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..TIMES {
        black_box(step());
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES)
}

/// What the machine needs when nothing else keeps it busy.
fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let who = Principal::Operator("bench".to_owned());
    setup::init(folder.path(), &clock, &who, &Catalogue::example(), None)?;
    let app = App::open(folder.path(), clock)?;
    let kinds = kinds(&app, &who, &ProjectName::default())?;
    let mut measured = vec![Vec::new(); kinds.len()];
    let token = kinds.first().map_or("", |kind| kind.token.as_str());
    let mut of_steps: Vec<(&str, Vec<f64>)> = Vec::new();
    for _ in 0..ROUNDS {
        for (at, (name, ns)) in steps(token).into_iter().enumerate() {
            match of_steps.get_mut(at) {
                Some((_, values)) => values.push(ns),
                None => of_steps.push((name, vec![ns])),
            }
        }
        for (kind, values) in kinds.iter().zip(&mut measured) {
            values.push(nanoseconds(&app, kind)?);
        }
    }
    let least: Vec<f64> = measured.iter().map(|values| least(values)).collect();
    let first = least.first().copied().unwrap_or_default();
    let mut stdout = std::io::stdout().lock();
    for (name, values) in &of_steps {
        writeln!(stdout, "{:6.0} ns         {name}", self::least(values))?;
    }
    writeln!(stdout, "a verification:")?;
    for (kind, ns) in kinds.iter().zip(&least) {
        writeln!(stdout, "{ns:6.0} ns  {:+5.0}  {}", ns - first, kind.name)?;
    }
    Ok(())
}
