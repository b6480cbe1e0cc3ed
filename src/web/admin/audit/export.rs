//! The audit log as a file, CSV or JSON: the events that the page's filters let through, newest
//! first, read page by page while they are sent.
//!
//! At most [`EVENTS_MAX`]; a file that ends there says so. A spreadsheet runs a cell that looks like
//! a formula, so that none does.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{Stream, try_unfold};

use super::query::AuditQuery;
use crate::app::App;
use crate::model::Invalid;
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::code::Code;
use crate::model::page::{Limit, Page, PageRequest};
use crate::model::principal::Principal;
use crate::web::admin::download::describe;
use crate::web::admin::visit::Visit;
use crate::web::context::Context;
use crate::web::problem::Problem;
use crate::web::{blocking, context};

/// The most events of one file.
pub(crate) const EVENTS_MAX: usize = 100_000;

const COLUMNS: &str =
    "n,at,project,actor_kind,actor_id,actor_name,action,target_kind,target_id,target_name,detail\r\n";

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// Where an export is.
struct Export {
    context: Data<Context>,
    who: Principal,
    filter: AuditFilter,
    format: Format,
    n_sent: usize,
    next: Next,
}

/// What is sent next.
enum Next {
    /// The page after this cursor.
    Page(Option<String>),
    /// Nothing.
    End,
}

/// Hands the file out.
pub(crate) async fn export(request: HttpRequest, visit: Visit) -> Result<HttpResponse, actix_web::Error> {
    let context = context::of(&request)?.clone();
    let query = AuditQuery::parse(&visit.asked.query, visit.now()).map_err(Problem::from)?;
    let format = Format::parse(visit.query().get("format")).map_err(Problem::from)?;
    let name = format!("keysrv-audit-{}.{}", visit.now().strftime("%Y%m%dT%H%M%SZ"), format.ending());
    let mut export = Export {
        who: visit.who(),
        filter: query.filter(),
        format,
        n_sent: 0,
        next: Next::Page(query.at(None).cursor),
        context,
    };
    // What is wrong with the question is told before there is a file.
    let first = export.read_page().await?;
    let mut response = HttpResponse::Ok().streaming(export.pieces(first));
    describe(&mut response, &name, format.media_type())?;
    Ok(response)
}

impl Export {
    fn pieces(self, first: Bytes) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
        try_unfold((self, Some(first)), |(mut export, read)| async move {
            let piece = match read {
                Some(piece) => piece,
                None if matches!(export.next, Next::End) => return Ok(None),
                None => export.read_page().await?,
            };
            Ok(Some((piece, (export, None))))
        })
    }

    /// The next page as a piece of the file.
    async fn read_page(&mut self) -> Result<Bytes, Problem> {
        let Next::Page(cursor) = std::mem::replace(&mut self.next, Next::End) else {
            return Ok(Bytes::new());
        };
        let (who, filter) = (self.who.clone(), self.filter.clone());
        let page = PageRequest { limit: Limit::max(), cursor };
        let read = move |app: &App| app.list_audit(&who, &filter, &page);
        let page: Page<AuditEvent> = blocking::show(&self.context, read).await?;
        self.write(page)
    }

    fn write(&mut self, page: Page<AuditEvent>) -> Result<Bytes, Problem> {
        let mut text = String::new();
        if self.n_sent == 0 {
            text.push_str(self.format.start());
        }
        for event in &page.items {
            self.format.write(&mut text, self.n_sent == 0, event)?;
            self.n_sent += 1;
        }
        let is_cut = page.next_cursor.is_some() && self.n_sent >= EVENTS_MAX;
        match page.next_cursor {
            Some(cursor) if !is_cut => self.next = Next::Page(Some(cursor)),
            _ => self.format.end(&mut text, is_cut),
        }
        Ok(Bytes::from(text))
    }
}

impl Format {
    fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            other => Err(Invalid::new("format", other, "is not `csv` or `json`")),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    fn start(self) -> &'static str {
        match self {
            Self::Csv => COLUMNS,
            Self::Json => "{\"data\":[",
        }
    }

    fn write(self, text: &mut String, is_first: bool, event: &AuditEvent) -> Result<(), Problem> {
        match self {
            Self::Csv => text.push_str(&row(event)),
            Self::Json => {
                let failed = |_| Problem::new(Code::Internal, "keysrv failed");
                text.push_str(if is_first { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(event).map_err(failed)?);
            }
        }
        Ok(())
    }

    /// What follows the last event; a file that was cut must not look whole.
    fn end(self, text: &mut String, is_cut: bool) {
        match self {
            Self::Csv if is_cut => {
                text.push_str(&format!(
                    ",,,,,,export.cut,,,,\"more events fit than the {EVENTS_MAX} of one file; narrow the filters\"\r\n"
                ));
            }
            Self::Csv => {}
            Self::Json => text.push_str(&format!("\n],\"is_cut\":{is_cut}}}\n")),
        }
    }
}

fn row(event: &AuditEvent) -> String {
    let cells = [
        &event.n.to_string(),
        &event.at.to_string(),
        event.project.as_deref().unwrap_or_default(),
        event.actor.kind.as_str(),
        &event.actor.id,
        &event.actor.name,
        &event.action,
        &event.target.kind,
        &event.target.id,
        &event.target.name,
        &event.detail.to_string(),
    ];
    let mut row = cells.map(cell).join(",");
    row.push_str("\r\n");
    row
}

/// A cell as RFC 4180 quotes it. What a spreadsheet would take for a formula starts with an
/// apostrophe, which it takes for text (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn cell(text: &str) -> String {
    let is_formula =
        text.trim_start().starts_with(['=', '+', '-', '@', '|', '%']) || text.starts_with(['\t', '\r', '\n']);
    let shield = if is_formula { "'" } else { "" };
    if !is_formula && !text.contains(['"', ',', '\r', '\n', ';']) {
        return text.to_owned();
    }
    format!("\"{shield}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_ends_before_its_end() {
        for (text, written) in [
            ("anna", "anna"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            (" =1+1", "\"' =1+1\""),
            ("+49", "\"'+49\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn a_file_that_was_cut_says_so() {
        let end = |format: Format, is_cut| {
            let mut text = String::new();
            format.end(&mut text, is_cut);
            text
        };
        assert!(end(Format::Csv, true).contains("more events fit") && end(Format::Csv, false).is_empty());
        assert_eq!(end(Format::Json, true), "\n],\"is_cut\":true}\n");
    }
}
