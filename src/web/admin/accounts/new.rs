//! The form for a new account.

use askama::Template;

use crate::web::admin::fields::Fields;
use crate::web::admin::page::{FieldErrors, Frame};

/// The form, in words.
#[derive(Template)]
#[template(path = "accounts/new.html")]
pub(crate) struct NewAccountPage {
    frame: Frame,
    name: String,
    external_id: String,
    errors: FieldErrors,
}

impl NewAccountPage {
    /// The form with what was typed kept.
    pub(crate) fn new(frame: Frame, fields: &Fields, errors: FieldErrors) -> Self {
        let name = fields.typed("name").to_owned();
        Self {
            frame,
            name,
            external_id: fields.typed("external_id").to_owned(),
            errors: errors.beside(&["name", "external_id"]),
        }
    }
}
