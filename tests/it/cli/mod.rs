//! The real program, as a person or a script at the shell meets it.

mod beside;
mod clock;
mod files;
mod help;
mod json;
mod keys;
mod limits;
mod refusals;
mod routes;
mod settings;
mod verify;
