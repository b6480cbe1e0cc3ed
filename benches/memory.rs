//! What verifications cost without HTTP when keys are in memory and when they are not, what writing
//! their uses costs, how long an open takes, and how much memory all of it takes.
//!
//! Run as `cargo run --release --example memory [KEYS] [CACHE_MIB]`. It makes the keys in a temporary
//! folder, about 1 GB for a million.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use keysrv::app::App;
use keysrv::app::setup;
use keysrv::app::verify::{Ask, Counting};
use keysrv::clock::{Clock, SystemClock};
use keysrv::model::key::{KeyName, NewKey};
use keysrv::model::principal::Principal;
use keysrv::model::project::ProjectName;
use keysrv::model::scope::Catalogue;
use keysrv::store::lock::ServerLock;

const IN_USE: u32 = 1_000;
const ROUNDS: u32 = 500;
const SECONDS: u32 = 62;
const IP: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn argument(at: usize, default: u32) -> Result<u32> {
    std::env::args().nth(at).map_or(Ok(default), |text| Ok(text.parse()?))
}

fn make_keys(folder: &std::path::Path, clock: &Arc<dyn Clock>, n: u32) -> Result<Vec<String>> {
    let (who, project) = (Principal::Operator("bench".to_owned()), ProjectName::default());
    setup::init(folder, clock, &who, &Catalogue::example(), None)?;
    let app = App::open(folder, Arc::clone(clock))?;
    let new = NewKey::named(KeyName::parse("k")?);
    let made = app.create_keys(&who, &project, &new, n, &mut |_, _| {})?;
    Ok(made.into_iter().map(|(_, token)| token.expose().to_owned()).collect())
}

fn verify(app: &App, tokens: &[String], counting: Counting) -> Result<()> {
    for token in tokens {
        if !app.verify(&Ask { ip: Some(IP), counting, ..Ask::new(token) })?.code.is_valid() {
            return Err("a key was refused".into());
        }
    }
    Ok(())
}

/// What the process holds, in MiB.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn main() -> Result<()> {
    let (n, mib) = (argument(1, 100_000)?, argument(2, 64)?);
    let folder = tempfile::tempdir()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tokens = make_keys(folder.path(), &clock, n)?;
    let mut stdout = std::io::stdout().lock();

    let (before, start) = (resident()?, Instant::now());
    let lock = ServerLock::acquire(folder.path(), "bench")?;
    let app = App::open_as_server(folder.path(), &lock, clock, usize::try_from(mib)? << 20)?;
    app.require_ready()?;
    writeln!(
        stdout,
        "open: {:.1} ms, {} MiB more",
        start.elapsed().as_secs_f64() * 1e3,
        resident()? - before
    )?;

    let in_use = IN_USE.min(n);
    let step = usize::try_from(n / in_use)?;
    let used: Vec<String> = tokens.iter().step_by(step).take(usize::try_from(in_use)?).cloned().collect();
    let ns_a_key = |counting| -> Result<f64> {
        let start = Instant::now();
        verify(&app, &used, counting)?;
        Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(in_use))
    };
    // Both in turn, since the machine's own speed changes.
    let pair = |_| Ok((ns_a_key(Counting::Dry)?, ns_a_key(Counting::Use)?));
    let rounds = (0..ROUNDS).map(pair).collect::<Result<Vec<_>>>()?;
    let looked_at = middle(rounds.iter().map(|(looked_at, _)| *looked_at));
    let counted = middle(rounds.iter().map(|(looked_at, used)| used - looked_at));
    writeln!(stdout, "a key in memory, looked at: {looked_at:.0} ns; its use counted: {counted:.0} ns more")?;
    let mut written = 0.0;
    for second in 0..SECONDS {
        verify(&app, &used, Counting::Use)?;
        let start = Instant::now();
        app.note_usage(u64::from(second))?;
        written += start.elapsed().as_secs_f64();
    }
    let us = written * 1e6 / f64::from(SECONDS) / f64::from(in_use);
    writeln!(stdout, "uses of a key and second written: {us:.2} µs")?;
    let start = Instant::now();
    verify(&app, &used, Counting::Use)?;
    app.flush_usage()?;
    let us = start.elapsed().as_secs_f64() * 1e6 / f64::from(in_use);
    writeln!(stdout, "uses of a key written where they belong: {us:.2} µs")?;

    let start = Instant::now();
    verify(&app, &tokens, Counting::Dry)?;
    let us = start.elapsed().as_secs_f64() * 1e6 / f64::from(n);
    let read = app.read_metrics();
    writeln!(
        stdout,
        "all {n} keys in turn: {us:.2} µs each; {} are in memory, {} MiB; {} MiB more than before the open",
        read.cached_records,
        read.cached_bytes >> 20,
        resident()? - before
    )?;
    Ok(())
}
