//! `clock`: the time that keysrv goes by, and a way back from one that a wrong clock set far ahead.

use clap::Subcommand;

use super::context::Context;
use super::exit::Failure;
use super::output::{self, counted, instant};
use super::prompt;
use crate::app::clock::{self, ClockState};

/// One command about the time.
#[derive(Debug, Subcommand)]
pub(super) enum ClockCommand {
    /// Show what the machine's clock says and what keysrv goes by
    #[command(after_help = "\
Time never runs backwards for keysrv: while the machine's clock is behind what was seen already, keys
are judged by the later time, so that a clock that was set back revives no key.

Example:
  keysrv clock show")]
    Show,
    /// Let the machine's clock count again, after a wrong one had set the time far ahead
    #[command(after_help = "\
Only while no server runs on the data. Keys that expired by the later time alone work again.

Example:
  keysrv clock reset")]
    Reset {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(context: &Context, command: ClockCommand) -> Result<(), Failure> {
    match command {
        ClockCommand::Show => show(context),
        ClockCommand::Reset { yes } => reset(context, yes),
    }
}

fn show(context: &Context) -> Result<(), Failure> {
    let state = context.app()?.clock_state();
    if context.is_json {
        return output::json(&state);
    }
    let behind = if state.is_behind() { by(&state) } else { "no".to_owned() };
    output::facts(vec![
        ("machine", instant(state.machine)),
        ("keysrv", instant(state.time)),
        ("machine is behind", behind),
    ])?;
    if state.is_behind() {
        output::note(&format!("hint: {}", way_out(context)));
    }
    Ok(())
}

fn reset(context: &Context, yes: bool) -> Result<(), Failure> {
    let state = context.app()?.clock_state();
    if state.is_behind() && !yes {
        prompt::confirm(&format!(
            "Go back {} to {}? Keys that expired since then work again.",
            by(&state),
            instant(state.machine)
        ))?;
    }
    let state = clock::reset(context.data_dir(), &context.clock, &context.who)?;
    if context.is_json {
        return output::json(&state);
    }
    let done = if state.is_behind() {
        "the machine's clock counts again"
    } else {
        "the machine's clock counts already"
    };
    output::note(&format!("{done}: it is {}", instant(state.machine)));
    Ok(())
}

/// What to say where the machine's clock is behind.
pub(super) fn warning(context: &Context, state: &ClockState) -> Option<String> {
    let said = format!(
        "this machine's clock is {} behind the time that was seen already, {}; keys are judged by the later one ({})",
        by(state),
        instant(state.time),
        way_out(context)
    );
    Some(said).filter(|_| state.is_behind())
}

fn way_out(context: &Context) -> String {
    let reset = context.command(&["clock", "reset"]);
    format!("if the later time was wrong, stop the server and run `{reset}`")
}

fn by(state: &ClockState) -> String {
    let seconds = state.behind_seconds.unsigned_abs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let (length, unit) = units.into_iter().find(|(length, _)| seconds >= *length).unwrap_or((1, "second"));
    counted(seconds / length, unit)
}
