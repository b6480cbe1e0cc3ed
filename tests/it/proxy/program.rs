//! A real proxy in the foreground, on a port and in a folder of its own, ended by its process id.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use keysrv::model::proxy::ProxyKind;

use super::wire::Wire;
use crate::harness::{Place, wait_until};

/// Where Debian puts programs; some of them are not on everybody's path.
const PROGRAMS: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A running proxy; killed when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    child: Child,
    dir: tempfile::TempDir,
}

impl Proxy {
    /// Runs what `proxy-config` prints.
    pub fn start(kind: ProxyKind, place: &Place, args: &[&str]) -> Self {
        Self::start_on("127.0.0.1", kind, place, args, |text| text)
    }

    /// Runs what `proxy-config` prints after `edit` has broken it, and waits until it answers.
    pub fn start_on(
        listen: &str,
        kind: ProxyKind,
        place: &Place,
        args: &[&str],
        edit: impl Fn(String) -> String,
    ) -> Self {
        let started = (0..5).find_map(|_| Self::try_start(listen, kind, place, args, &edit));
        started.unwrap_or_else(|| panic!("{} did not start, five times", kind.as_str()))
    }

    /// Another program may take the port before the proxy does; then it is tried again.
    fn try_start(
        listen: &str,
        kind: ProxyKind,
        place: &Place,
        args: &[&str],
        edit: &impl Fn(String) -> String,
    ) -> Option<Self> {
        let address = free_address(listen);
        let dir = tempfile::tempdir().unwrap();
        let at = address.to_string();
        let args = [&["proxy-config", kind.as_str(), "--proxy-listen", &at], args].concat();
        for file in place.json(&args)["data"].as_array().unwrap() {
            let text = alone(kind, edit(file["text"].as_str().unwrap().to_owned()));
            std::fs::write(dir.path().join(file["name"].as_str().unwrap()), text).unwrap();
        }
        let mut command = command(kind, dir.path(), address);
        command.env_clear().env("PATH", PROGRAMS).current_dir(dir.path());
        command.env("HOME", dir.path()).env("XDG_DATA_HOME", dir.path());
        let log = File::create(dir.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{error}: {} is not installed; `tests/run` installs it", kind.as_str())
        });
        let mut proxy = Self { address, child, dir };
        proxy.is_ready().then_some(proxy)
    }

    fn is_ready(&mut self) -> bool {
        let mut wire = Wire::new(self.address);
        let mut has_ended = false;
        wait_until("the proxy answers", || {
            has_ended = self.child.try_wait().unwrap().is_some();
            let request = b"GET /ready HTTP/1.1\r\nHost: api\r\n\r\n";
            has_ended || wire.send(request).is_some_and(|reply| reply.status != 404)
        });
        assert!(!has_ended || self.log().contains("in use"), "{}", self.log());
        !has_ended
    }

    /// What it has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// A client of it.
    pub fn wire(&self) -> Wire {
        Wire::new(self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Envoy shares its port with whoever else does, such as that of another test, which then answers in its place.
fn alone(kind: ProxyKind, text: String) -> String {
    if kind != ProxyKind::Envoy {
        return text;
    }
    let listener = "    - name: api\n      address:";
    assert_eq!(text.matches(listener).count(), 1, "{text}");
    text.replace(listener, "    - name: api\n      enable_reuse_port: false\n      address:")
}

fn free_address(ip: &str) -> SocketAddr {
    TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap()
}

fn command(kind: ProxyKind, dir: &Path, address: SocketAddr) -> Command {
    match kind {
        ProxyKind::Nginx => {
            std::fs::write(dir.join("nginx.conf"), nginx_around(dir)).unwrap();
            let mut command = Command::new("nginx");
            command.args(["-e", "stderr", "-c"]).arg(dir.join("nginx.conf"));
            command
        }
        ProxyKind::Caddy => {
            std::fs::write(dir.join("around"), "{\n\tadmin off\n}\n\nimport Caddyfile\n").unwrap();
            let mut command = Command::new("caddy");
            command.args(["run", "--adapter", "caddyfile", "--config", "around"]);
            command
        }
        ProxyKind::Haproxy => {
            let mut command = Command::new("haproxy");
            command.args(["-db", "-f", "haproxy.cfg"]);
            command
        }
        ProxyKind::Traefik => {
            let mut command = Command::new(from_registry("traefik"));
            command.arg(format!("--entrypoints.api.address={address}"));
            command.args(["--providers.file.filename=keysrv.yml", "--global.checknewversion=false"]);
            command
        }
        ProxyKind::Envoy => {
            let mut command = Command::new(from_registry("envoy"));
            command.args([
                "-c",
                "envoy.yaml",
                "--use-dynamic-base-id",
                "--concurrency",
                "1",
                "--log-level",
                "error",
            ]);
            command
        }
    }
}

/// Debian has no package of these two; each is a program in a Python package.
fn from_registry(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/output/venv/bin").join(name)
}

/// What stands around the printed file in a machine's own nginx.conf, in one process.
fn nginx_around(dir: &Path) -> String {
    let dir = dir.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {dir}/{name};"))
        .join(" ");
    format!(
        "daemon off; master_process off; pid {dir}/pid; error_log stderr;\nevents {{}}\n\
         http {{ access_log off; {temporary} include {dir}/keysrv.conf; }}\n"
    )
}
