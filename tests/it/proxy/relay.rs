//! What stands between a proxy and keysrv: it counts connections and what goes over them, and can
//! hold every answer back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct State {
    n_connections: AtomicUsize,
    n_bytes: AtomicUsize,
    holds_back: AtomicBool,
    has_ended: AtomicBool,
    answer: Mutex<Option<Vec<u8>>>,
}

/// A way to keysrv, until it is dropped.
pub struct Relay {
    pub address: SocketAddr,
    state: Arc<State>,
}

impl Relay {
    pub fn start(to: &str) -> Self {
        let to: SocketAddr = to.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.has_ended.load(Ordering::Acquire) {
                    return;
                }
                shared.n_connections.fetch_add(1, Ordering::AcqRel);
                let Ok(server) = TcpStream::connect(to) else { continue };
                let (there, back) = (Arc::clone(&shared), Arc::clone(&shared));
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let mut instead = client.try_clone().unwrap();
                std::thread::spawn(move || {
                    copy(from, to, |n| {
                        there.n_bytes.fetch_add(n, Ordering::AcqRel);
                        let Some(answer) = there.answer.lock().unwrap().clone() else { return true };
                        let _gone = instead.write_all(&answer);
                        let _gone = instead.shutdown(std::net::Shutdown::Both);
                        false
                    });
                });
                std::thread::spawn(move || {
                    copy(server, client, |_| !back.holds_back.load(Ordering::Acquire));
                });
            }
        });
        Self { address, state }
    }

    /// From now on no answer gets through.
    pub fn hold_back(&self) {
        self.state.holds_back.store(true, Ordering::Release);
    }

    /// From now on this is said in keysrv's place, and the connection closed.
    pub fn answer(&self, bytes: &[u8]) {
        *self.state.answer.lock().unwrap() = Some(bytes.to_vec());
    }

    pub fn n_connections(&self) -> usize {
        self.state.n_connections.load(Ordering::Acquire)
    }

    /// How much went to keysrv.
    pub fn n_bytes(&self) -> usize {
        self.state.n_bytes.load(Ordering::Acquire)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.state.has_ended.store(true, Ordering::Release);
        let _woken = TcpStream::connect(self.address);
    }
}

/// Copies as long as `passes` says so; what it holds back is lost, and the connection stays open.
fn copy(mut from: TcpStream, mut to: TcpStream, mut passes: impl FnMut(usize) -> bool) {
    let _no_matter = to.set_nodelay(true);
    let mut bytes = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        if passes(n) && to.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    let _closed_already = to.shutdown(std::net::Shutdown::Write);
}
