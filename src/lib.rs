//! keysrv gives your own API real API keys: one binary with admin pages, a JSON API and an
//! embedded SQLite file.
