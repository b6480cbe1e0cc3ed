//! Lists as the shell shows them: all of it, or the first so many, read page by page.
//!
//! Nothing waits for the end of a list: what is printed as JSON is printed while it is read, so
//! that a million keys need no more memory than a page of them.

use super::exit::Failure;
use crate::app;
use crate::model::page::{Limit, Page, PageRequest};

/// The items of a list, at most `limit` of them; `fetch` reads one page.
pub(super) fn items<T>(
    limit: Option<usize>,
    fetch: impl Fn(&PageRequest) -> app::Result<Page<T>>,
) -> impl Iterator<Item = Result<T, Failure>> {
    let mut page = Vec::new().into_iter();
    let mut next = Some(PageRequest { limit: Limit::max(), cursor: None });
    let items = std::iter::from_fn(move || {
        loop {
            if let Some(item) = page.next() {
                return Some(Ok(item));
            }
            match fetch(&next.take()?) {
                Err(error) => return Some(Err(error.into())),
                Ok(fetched) => {
                    page = fetched.items.into_iter();
                    let cursor = fetched.next_cursor;
                    next = cursor.map(|cursor| PageRequest { limit: Limit::max(), cursor: Some(cursor) });
                }
            }
        }
    });
    items.take(limit.unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages_of_three(request: &PageRequest) -> app::Result<Page<u32>> {
        let start: u32 = request.cursor.as_deref().map_or(0, |cursor| cursor.parse().unwrap());
        let next_cursor = (start < 6).then(|| (start + 3).to_string());
        Ok(Page { items: (start..start + 3).collect(), next_cursor })
    }

    #[test]
    fn a_list_goes_on_over_all_its_pages_and_no_further_than_asked() {
        let read = |limit| items(limit, pages_of_three).collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(read(None), (0..9).collect::<Vec<_>>());
        assert_eq!(read(Some(4)), [0, 1, 2, 3]);
        assert_eq!(read(Some(0)), [] as [u32; 0]);
    }

    #[test]
    fn a_page_that_fails_ends_the_list_with_its_error() {
        let fails = |request: &PageRequest| match request.cursor {
            None => pages_of_three(request),
            Some(_) => Err(app::Error::Busy),
        };
        let read: Vec<_> = items(None, fails).collect();
        assert_eq!(read.len(), 4);
        assert!(read.last().unwrap().is_err());
    }
}
