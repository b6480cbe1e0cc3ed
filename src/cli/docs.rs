//! `completions` and `man`, made from the command line's own definition.

use std::io;
use std::path::Path;

use clap::CommandFactory;

use super::args::Cli;
use super::exit::Failure;

pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keysrv", &mut script);
    super::output::line(String::from_utf8_lossy(&script).trim_end())
}

pub(super) fn man(folder: Option<&Path>) -> Result<(), Failure> {
    if let Some(folder) = folder {
        let failed =
            |error: io::Error| Failure::new(format!("cannot write to `{}`: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(failed)
    } else {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
        rendered.map_err(|error| Failure::new(format!("cannot write the page: {error}")))?;
        super::output::line(String::from_utf8_lossy(&page).trim_end())
    }
}
