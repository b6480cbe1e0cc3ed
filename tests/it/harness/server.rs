//! A real server on a port of its own, stopped by its own process id.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::client::Client;
use super::{Place, wait_until};

/// A running `keysrv serve`; killed when it is dropped.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    stderr: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on the place's data and waits until it listens.
    pub fn start(place: &Place) -> Self {
        Self::start_with(place, &[], &[])
    }

    /// Starts a server with more arguments and variables.
    pub fn start_with(place: &Place, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let listen: &[&str] = if args.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut command = place.command(&[&["serve"], listen, args].concat());
        command.envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stderr, reader) = collect(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").map(str::to_owned);
        let mut server = Self { child, url: String::new(), stderr, reader: Some(reader) };
        server.url = url.unwrap_or_else(|| {
            let _ended = server.child.wait();
            panic!("the server did not start: {line:?}\n{}", server.stderr())
        });
        server
    }

    /// A client of this server with no cookies.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// The path of the setup link that it printed.
    pub fn setup_path(&self) -> String {
        let find = || {
            self.stderr().lines().find_map(|line| line.find("/setup/").map(|at| line[at..].trim().to_owned()))
        };
        wait_until("the setup link", || find().is_some());
        find().unwrap()
    }

    /// Sends a signal to this process alone.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Pauses this process, and answers when each of its threads stands still: until then the signal is on
    /// its way only, and a thread that runs on may still answer.
    pub fn pause(&self) {
        self.signal(rustix::process::Signal::STOP);
        let tasks = format!("/proc/{}/task", self.child.id());
        wait_until("every thread stands still", || {
            std::fs::read_dir(&tasks).unwrap().all(|task| {
                let stat = std::fs::read_to_string(task.unwrap().path().join("stat")).unwrap_or_default();
                stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'))
            })
        });
    }

    /// Lets a paused process go on.
    pub fn resume(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    /// Stops it as a service manager would; it must end well. Answers with its standard error.
    #[track_caller]
    pub fn stop(self) -> String {
        self.signal(rustix::process::Signal::TERM);
        self.stop_after_signal()
    }

    /// Waits for the end of a server that was told to stop; it must end well.
    #[track_caller]
    pub fn stop_after_signal(mut self) -> String {
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        let stderr = self.stderr();
        assert!(status.success(), "{status}\n{stderr}");
        stderr
    }

    /// Ends it as a power loss would.
    pub fn kill(mut self) {
        self.kill_and_wait();
    }

    /// The same for one that is still needed for its place.
    pub fn kill_and_wait(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let text = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&text);
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut bytes) {
            shared.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
    });
    (text, reader)
}
