//! The real program, as a person or a script at the shell meets it.

mod beside;
mod files;
mod help;
mod json;
mod keys;
mod refusals;
mod settings;
mod verify;
