//! The lane: the requests that somebody's API makes on every request of its own, in front of the framework.
//!
//! Each connection begins here. As long as nothing else comes on it than whole heads of such requests
//! (`parse`), they are read, answered (`hot`) and sent without another word: no future, no map of headers, no
//! piece of memory for a request. With the first bytes of anything else the connection and those bytes are the
//! framework's, for good: so nobody ever needs to ask who is in the middle of what.
//!
//! - Answers go out in the order of their requests; those to heads that came together are sent together.
//! - An answer that had to be looked up in the database is sent after the other connections had their turn: a
//!   client that waits for several is then woken once for all of them, which costs as much as the look-up.
//! - Deadlines are those of `connection`: a connection's first head has five seconds, a later one ten.
//!   What is late is told so (408).
//! - A server that stops lets a lane go as soon as it has answered what has come.
//!
//! `api::lane` compares what is answered here with what the framework answers to the same bytes.

use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as Task, Poll, ready};

use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use tokio::io::ReadBuf;

use super::connection::{Connection, Looked};
use super::context::Context;
use super::head::Head;
use super::hot;
use crate::app::Source;

mod parse;

use parse::Found;

/// The most that is read at once. A head that is longer is left to the framework, which knows where to stop.
const INPUT_BYTES: usize = 16 * 1024;
/// With so much to send, nothing more is answered before it was sent.
const OUTPUT_BYTES_FULL: usize = 64 * 1024;

thread_local! {
    /// One for all connections of a worker, so that it stays in the processor's nearest memory.
    static WORK: RefCell<Work> = RefCell::new(Work { input: vec![0; INPUT_BYTES], output: Vec::new() });
}

struct Work {
    input: Vec<u8>,
    output: Vec<u8>,
}

/// Whether the server stops.
#[derive(Clone)]
pub(super) struct Stopping {
    /// Set before the signal comes.
    pub(super) begun: Arc<AtomicBool>,
    /// Wakes who waits for something else.
    pub(super) signal: Arc<dyn Fn() -> LocalBoxFuture<'static, ()> + Send + Sync>,
}

/// What becomes of a connection after the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It goes on with the framework.
    Framework,
    /// It is over.
    End,
}

/// One connection in the lane, until it leaves it.
pub(super) struct Lane<'a> {
    connection: &'a mut Connection,
    peer: IpAddr,
    context: &'a Context,
    stopping: Stopping,
    /// Wakes this when the server stops, since the first wait.
    stop_signal: Option<LocalBoxFuture<'static, ()>>,
    /// What has come and was not answered: the beginning of a head or, when too much was to be sent, more.
    waiting: Vec<u8>,
    has_more: bool,
    has_answered: bool,
    unsent: Vec<u8>,
    sent_bytes: usize,
    /// When everything is sent.
    next: Option<Next>,
}

impl<'a> Lane<'a> {
    pub(super) fn new(
        connection: &'a mut Connection,
        peer: IpAddr,
        context: &'a Context,
        stopping: Stopping,
    ) -> Self {
        Self {
            connection,
            peer,
            context,
            stopping,
            stop_signal: None,
            waiting: Vec::new(),
            has_more: false,
            has_answered: false,
            unsent: Vec::new(),
            sent_bytes: 0,
            next: None,
        }
    }

    fn poll_send_rest(&mut self, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.unsent.get(self.sent_bytes..).filter(|rest| !rest.is_empty()) {
            self.sent_bytes += ready!(self.connection.poll_send(task, rest))?;
        }
        (self.unsent, self.sent_bytes) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Reads, answers, sends: once each.
    fn poll_turn(&mut self, task: &mut Task<'_>, work: &mut Work) -> Poll<io::Result<()>> {
        let mut input = ReadBuf::new(&mut work.input);
        input.put_slice(&self.waiting);
        if !self.has_more {
            match self.connection.poll_receive(task, &mut input) {
                Poll::Ready(received) => received?,
                Poll::Pending => return self.poll_pause(task),
            }
            if input.filled().len() == self.waiting.len() {
                self.next = Some(Next::End);
                return Poll::Ready(Ok(()));
            }
        }
        // Also after a turn that panicked: what it has left is for nobody else.
        work.output.clear();
        work.output.shrink_to(OUTPUT_BYTES_FULL);
        Poll::Ready(match self.answer_all(input.filled(), &mut work.output) {
            Source::Memory => self.send(task, &work.output),
            Source::Database => {
                self.unsent = work.output.clone();
                task.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }

    /// Answers all that can be, and keeps the rest; says whether one of them had to be looked up.
    fn answer_all(&mut self, bytes: &[u8], output: &mut Vec<u8>) -> Source {
        let mut source = Source::Memory;
        self.has_more = false;
        let mut rest = bytes;
        while !rest.is_empty() {
            if output.len() >= OUTPUT_BYTES_FULL {
                self.has_more = true;
                break;
            }
            let answer = |head: Head<'_>, handle| hot::answer(head, handle, self.context, output);
            match parse::read(rest, self.peer, answer) {
                Found::Request(head_bytes, found) => {
                    if found == Source::Database {
                        source = found;
                    }
                    self.connection.note_answered();
                    self.has_answered = true;
                    rest = rest.get(head_bytes..).unwrap_or_default();
                }
                Found::Beginning if rest.len() < INPUT_BYTES => break,
                Found::Beginning | Found::Other => {
                    self.connection.give_back(Bytes::copy_from_slice(rest));
                    self.next = Some(Next::Framework);
                    rest = &[];
                }
            }
        }
        if !rest.is_empty() {
            self.connection.await_more();
        }
        if !(self.waiting.is_empty() && rest.is_empty()) {
            self.waiting = rest.to_vec();
        }
        source
    }

    fn send(&mut self, task: &mut Task<'_>, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let sent_bytes = match self.connection.poll_send(task, bytes) {
            Poll::Ready(sent) => sent?,
            Poll::Pending => 0,
        };
        if let Some(rest) = bytes.get(sent_bytes..).filter(|rest| !rest.is_empty()) {
            self.unsent = rest.to_vec();
        }
        Ok(())
    }

    /// Nothing has come.
    fn poll_pause(&mut self, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        if self.stopping.begun.load(Ordering::Acquire) || self.poll_stop(task).is_ready() {
            self.next = Some(Next::End);
            return Poll::Ready(Ok(()));
        }
        let is_late = match self.connection.poll_look(task) {
            Ok(Looked::NotYet) => return Poll::Pending,
            Ok(Looked::Now) if self.has_answered => return Poll::Pending,
            Ok(Looked::Now) => true,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => !self.waiting.is_empty(),
            Err(error) => return Poll::Ready(Err(error)),
        };
        if is_late {
            self.unsent = Connection::answer_to_a_late_head();
        }
        self.next = Some(Next::End);
        Poll::Ready(Ok(()))
    }

    /// Once it was asked, it wakes this task, and the flag tells the rest.
    fn poll_stop(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if self.stop_signal.is_some() {
            return Poll::Pending;
        }
        self.stop_signal.insert((self.stopping.signal)()).as_mut().poll(task)
    }
}

impl Future for Lane<'_> {
    type Output = io::Result<Next>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let lane = self.get_mut();
        loop {
            ready!(lane.poll_send_rest(task))?;
            if let Some(next) = lane.next {
                return Poll::Ready(Ok(next));
            }
            ready!(WORK.with_borrow_mut(|work| lane.poll_turn(task, work)))?;
        }
    }
}
