//! Changes of many callers that one thread makes: each is told when it is kept, and only what became of it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use keysrv::app::keys_create::CreatedKey;
use keysrv::app::line::Service;
use keysrv::app::{App, Result};

use super::{Fixture, default, named, open, operator};

const LONG: Duration = Duration::from_mins(1);

/// Puts the creation of a key in the line; answers with what will be told.
fn line_up(fixture: &Fixture, name: &'static str) -> (Option<Service>, Receiver<Result<CreatedKey>>) {
    line_up_with(fixture, move |app| app.create_key(&operator(), &default(), &named(name)))
}

fn line_up_with<T: Send + 'static>(
    fixture: &Fixture,
    change: impl Fn(&App) -> Result<T> + Send + 'static,
) -> (Option<Service>, Receiver<Result<T>>) {
    let (tell, told) = channel();
    (fixture.app.line_up(change, move |outcome| tell.send(outcome).unwrap()), told)
}

#[test]
fn whoever_comes_first_serves_all_and_each_is_told_when_its_change_is_kept() {
    let fixture = Fixture::new();
    let other = open(fixture.dir.path(), &fixture.clock);
    let commits = fixture.app.read_metrics().store.change_commits;
    let (service, first) = line_up(&fixture, "first");
    let others: Vec<_> = ["second", "third"].map(|name| line_up(&fixture, name)).into();
    assert!(others.iter().all(|(service, _)| service.is_none()));
    let (_, again) = line_up(&fixture, "first");
    let (_, checked) = {
        let (tell, told) = channel();
        let look = move |outcome: Result<CreatedKey>| {
            let key = outcome.unwrap().key.facts.id;
            let found = other.get_key(&operator(), &default(), &key.into());
            tell.send(found.is_ok()).unwrap();
        };
        let change = |app: &App| app.create_key(&operator(), &default(), &named("fourth"));
        (fixture.app.line_up(change, look), told)
    };
    service.unwrap().serve();
    assert_eq!(first.recv().unwrap().unwrap().key.facts.name.as_str(), "first");
    for (_, told) in others {
        told.recv().unwrap().unwrap();
    }
    assert_eq!(again.recv().unwrap().unwrap_err().code().as_str(), "taken");
    assert!(checked.recv().unwrap(), "somebody else sees it when it is told");
    assert_eq!(
        fixture.app.read_metrics().store.change_commits,
        commits + 2,
        "the refusal rests on the first"
    );
}

#[test]
fn a_change_that_panics_takes_no_other_with_it() {
    let fixture = Fixture::new();
    let (service, first) = line_up(&fixture, "first");
    let (_, panicked) = line_up_with(&fixture, |app| -> Result<()> {
        app.create_key(&operator(), &default(), &named("kept-but-not-told")).unwrap();
        panic!("on purpose");
    });
    let (_, last) = line_up(&fixture, "last");
    service.unwrap().serve();
    assert!(first.recv().unwrap().is_ok() && last.recv().unwrap().is_ok());
    assert_eq!(panicked.recv_timeout(LONG).unwrap_err(), RecvTimeoutError::Disconnected);
}

#[test]
fn when_nobody_serves_those_who_wait_hear_of_it_and_the_next_one_serves() {
    let fixture = Fixture::new();
    let (service, lost) = line_up(&fixture, "lost");
    drop(service);
    assert_eq!(lost.recv_timeout(LONG).unwrap_err(), RecvTimeoutError::Disconnected);
    let (service, told) = line_up(&fixture, "next");
    service.unwrap().serve();
    assert!(told.recv().unwrap().is_ok());
}
