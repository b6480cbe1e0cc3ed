//! The `keysrv` program: calls the shell edge and turns its outcome into an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    keysrv::cli::main()
}
