//! One accepted connection, with the deadlines that the framework does not keep.
//!
//! actix gives the first head of a connection five seconds and every later one for ever, and waits
//! for ever for a client that does not read. Here a connection is looked at every five seconds: a
//! head that has not arrived by the second look, a reader that took nothing between two, and a
//! connection without any request for seven are the end of it: thirty seconds at least.
//!
//! The framework's parser answers what is no HTTP by itself and bare (`bare`); such an answer is
//! replaced on its way out, so that every answer has the headers that every answer has. The lane, which has a
//! connection first, goes by the same looks.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll, Waker, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Instant, Sleep, sleep};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

mod bare;

use bare::Replacement;

const LOOK_EVERY: Duration = Duration::from_secs(5);
const LOOKS_FOR_A_HEAD_MAX: u32 = 2;
const LOOKS_WITHOUT_REQUEST_MAX: u32 = 7;
/// A reader that takes less than this between two looks is holding the connection, not using it.
const TAKEN_BYTES_MIN: u64 = 1024;

/// A connection's stream; the lane, and after it actix, reads requests from it and writes answers to it.
pub(super) struct Connection {
    stream: TcpStream,
    /// What the lane has read and left to the framework.
    unread: Bytes,
    watch: Watch,
    look: Pin<Box<Sleep>>,
    /// Whom `look` wakes.
    woken: Option<Waker>,
    seen: Seen,
    written_bytes: u64,
    is_write_blocked: bool,
    replacement: Option<Replacement>,
}

/// What a connection is told about its requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Rc<Requests>);

#[derive(Debug, Default)]
struct Requests {
    begun: Cell<u64>,
    in_hand: Cell<u32>,
    /// Whether a body of the request in hand may still be on its way.
    has_open_body: Cell<bool>,
    /// Whether something is on its way while no request is in hand: the next head, or the rest
    /// of a body that nobody reads.
    is_arriving: Cell<bool>,
}

/// What follows the head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    /// Nothing.
    Nothing,
    /// A body.
    Body,
}

/// A request that is being handled.
#[derive(Debug)]
pub(super) struct InHand(Rc<Requests>);

impl Watch {
    /// Notes that a head has arrived whole; its request is in hand until the answer is dropped.
    pub(super) fn begin(&self, follows: Follows) -> InHand {
        let requests = &self.0;
        requests.has_open_body.set(follows == Follows::Body);
        requests.begun.set(requests.begun.get().wrapping_add(1));
        requests.in_hand.set(requests.in_hand.get() + 1);
        requests.is_arriving.set(false);
        InHand(Rc::clone(requests))
    }

    /// Notes that the body of the request in hand has been read to its end.
    pub(super) fn end_body(&self) {
        self.0.has_open_body.set(false);
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.in_hand.set(self.0.in_hand.get().saturating_sub(1));
        // The framework swallows the rest of a chunked body for as long as it takes to come.
        self.0.is_arriving.set(self.0.has_open_body.get());
    }
}

/// Whether it was time for a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// Not yet.
    NotYet,
    /// It was, and nothing is stuck.
    Now,
}

/// What the last look saw.
#[derive(Debug, Default)]
struct Seen {
    begun: u64,
    looks_for_a_head: u32,
    looks_without_request: u32,
    written_bytes: u64,
    was_write_blocked: bool,
}

impl Connection {
    /// Takes over an accepted stream.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Bytes::new(),
            watch: Watch::default(),
            look: Box::pin(sleep(LOOK_EVERY)),
            woken: None,
            seen: Seen::default(),
            written_bytes: 0,
            is_write_blocked: false,
            replacement: None,
        }
    }

    /// Where this connection's requests are noted.
    pub(super) fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// The whole answer to a head that did not come in time, the last on its connection.
    pub(super) fn answer_to_a_late_head() -> Vec<u8> {
        bare::to_a_late_head()
    }

    /// Notes that a whole head has come, and its answer is made.
    pub(super) fn note_answered(&self) {
        drop(self.watch.begin(Follows::Nothing));
    }

    /// Notes that a part of the next head has come.
    pub(super) fn await_more(&self) {
        self.watch.0.is_arriving.set(true);
    }

    /// Leaves to the framework what was read of its requests.
    pub(super) fn give_back(&mut self, bytes: Bytes) {
        self.unread = bytes;
    }

    /// Looks whether it is time to; an error ends the connection.
    pub(super) fn poll_look(&mut self, task: &mut Task<'_>) -> io::Result<Looked> {
        // Between two looks the timer knows already whom to wake.
        if !self.look.is_elapsed() && self.woken.as_ref().is_some_and(|woken| woken.will_wake(task.waker())) {
            return Ok(Looked::NotYet);
        }
        self.woken = Some(task.waker().clone());
        let mut looked = Looked::NotYet;
        while self.look.as_mut().poll(task).is_ready() {
            looked = Looked::Now;
            if self.is_stuck() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.look.as_mut().reset(Instant::now() + LOOK_EVERY);
        }
        Ok(looked)
    }

    fn is_stuck(&mut self) -> bool {
        let requests = &*self.watch.0;
        let seen = &mut self.seen;
        if requests.in_hand.get() > 0 || requests.begun.get() != seen.begun {
            (seen.looks_for_a_head, seen.looks_without_request) = (0, 0);
        }
        seen.begun = requests.begun.get();
        if requests.in_hand.get() == 0 {
            seen.looks_without_request += 1;
            seen.looks_for_a_head += u32::from(requests.is_arriving.get());
        }
        let taken_bytes = self.written_bytes - seen.written_bytes;
        let is_unread = self.is_write_blocked && seen.was_write_blocked && taken_bytes < TAKEN_BYTES_MIN;
        (seen.was_write_blocked, seen.written_bytes) = (self.is_write_blocked, self.written_bytes);
        is_unread
            || seen.looks_for_a_head >= LOOKS_FOR_A_HEAD_MAX
            || seen.looks_without_request >= LOOKS_WITHOUT_REQUEST_MAX
    }

    /// Takes what has come.
    pub(super) fn poll_receive(
        &mut self,
        task: &mut Task<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(task, buffer))?;
        let requests = &self.watch.0;
        if buffer.filled().len() > before && requests.in_hand.get() == 0 {
            requests.is_arriving.set(true);
        }
        Poll::Ready(Ok(()))
    }

    /// Sends as much as the client takes now.
    pub(super) fn poll_send(&mut self, task: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(task, bytes);
        self.is_write_blocked = sent.is_pending();
        match sent {
            Poll::Ready(Ok(n)) => {
                self.written_bytes += n as u64;
                Poll::Ready(Ok(n))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => match self.poll_look(task) {
                Ok(_) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }

    /// Sends a replacement whole, and then says that what it replaces was sent.
    fn poll_replace(&mut self, task: &mut Task<'_>, mut by: Replacement) -> Poll<io::Result<usize>> {
        while let Some(rest) = by.rest() {
            match self.poll_send(task, rest) {
                Poll::Ready(Ok(n)) => by.sent(n),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.replacement = Some(by);
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(by.replaced_bytes))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Task<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.unread.is_empty() {
            buffer.put_slice(&this.unread.split_to(buffer.remaining().min(this.unread.len())));
            return Poll::Ready(Ok(()));
        }
        let read = this.poll_receive(task, buffer);
        if read.is_pending() {
            return this.poll_look(task).map_or_else(|error| Poll::Ready(Err(error)), |_| Poll::Pending);
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, task: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match this.replacement.take().or_else(|| Replacement::of(bytes)) {
            Some(replacement) => this.poll_replace(task, replacement),
            None => this.poll_send(task, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(task)
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(task))?;
        Poll::Ready(Ok(()))
    }
}
