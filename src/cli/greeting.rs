//! What a person reads when a server starts: where it is, where its data is, and, until there is a
//! user, how to make the first one.
//!
//! It stands on standard error. A setup link holds for half an hour; when it ends unused, the next
//! one is told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::clock;
use super::context::Context;
use super::exit::Failure;
use super::output::note;
use crate::app::{App, setup};
use crate::web::routes;

const ADDRESSES_MAX: usize = 4;
/// How long to wait before a database that did not answer is asked again.
const RETRY: Duration = Duration::from_mins(1);

pub(super) fn greet(context: &Context, app: &Arc<App>, address: SocketAddr) -> Result<(), Failure> {
    let data = context.data_dir();
    note(&format!("keysrv {}", env!("CARGO_PKG_VERSION")));
    note(&format!("data: {}", std::path::absolute(data).unwrap_or_else(|_| data.to_owned()).display()));
    let urls = urls(context.config.base_url.value.as_deref(), address);
    for url in &urls {
        note(&format!("pages: {url}"));
    }
    if let Some(warning) = clock::warning(context, &app.clock_state()) {
        note(&format!("warning: {warning}"));
    }
    if address.ip().is_loopback() {
        note(&tunnel(address, &context.around.ssh_destination()));
    }
    if let Some(code) = app.new_setup_code()? {
        note("");
        note(&format!("There is no user yet. Open this link within {} to make the first one:", lifetime()));
        tell_links(&urls, &code);
        note(&format!("or, without a browser: {}", context.command(&["user", "add", "admin"])));
        note("");
        let app = Arc::downgrade(app);
        std::thread::spawn(move || {
            keep_telling(&app, setup::CODE_LIFETIME.unsigned_abs(), |code| {
                note(&format!("The setup link has expired; this is the new one, for {}:", lifetime()));
                tell_links(&urls, code);
            });
        });
    }
    Ok(())
}

fn lifetime() -> String {
    format!("{} minutes", setup::CODE_LIFETIME.as_mins())
}

fn tell_links(urls: &[String], code: &str) {
    for url in urls {
        note(&format!("  {url}{}", routes::setup(code)));
    }
}

/// A fresh code whenever one has lived, until there is a user or no server any more.
fn keep_telling(app: &Weak<App>, lifetime: Duration, tell: impl Fn(&str)) {
    let mut wait = lifetime;
    loop {
        std::thread::sleep(wait);
        let Some(app) = app.upgrade() else { return };
        wait = match app.new_setup_code() {
            Ok(None) => return,
            Ok(Some(code)) => {
                tell(&code);
                lifetime
            }
            Err(error) => {
                tracing::warn!(%error, "no new setup link could be made");
                RETRY
            }
        };
    }
}

/// How to reach a loopback address from another machine. A port below 1024 is not free to anybody
/// there, so that another one stands for it.
fn tunnel(address: SocketAddr, destination: &str) -> String {
    let port = if address.port() < 1024 { 8080 } else { address.port() };
    format!("from another machine: ssh -L {port}:{address} {destination}, then open http://127.0.0.1:{port}")
}

/// The addresses under which a person can reach the pages.
fn urls(base_url: Option<&str>, address: SocketAddr) -> Vec<String> {
    if let Some(url) = base_url {
        return vec![url.to_owned()];
    }
    if !address.ip().is_unspecified() {
        return vec![format!("http://{address}")];
    }
    let local = SocketAddr::new(loopback(address.ip()), address.port());
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let lan = interfaces.into_iter().map(|interface| interface.ip()).filter(|ip| is_reachable(ip, address));
    let lan = lan.take(ADDRESSES_MAX).map(|ip| SocketAddr::new(ip, address.port()));
    std::iter::once(local).chain(lan).map(|address| format!("http://{address}")).collect()
}

// A link-local address means nothing without the interface that it belongs to.
fn is_reachable(ip: &IpAddr, listen: SocketAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local(),
        IpAddr::V6(ip) => listen.is_ipv6() && !ip.is_loopback() && !ip.is_unicast_link_local(),
    }
}

/// Loopback of the same family.
pub(super) fn loopback(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::model::principal::Principal;
    use crate::model::scope::Catalogue;
    use crate::model::user::{Role, UserName};

    #[test]
    fn a_fresh_link_is_told_whenever_one_expires_until_there_is_a_user() {
        let dir = tempfile::tempdir().unwrap();
        let (clock, who): (Arc<dyn Clock>, _) = (Arc::new(SystemClock), Principal::Operator("x".to_owned()));
        setup::init(dir.path(), &clock, &who, &Catalogue::example(), None).unwrap();
        let app = Arc::new(App::open(dir.path(), clock).unwrap());
        let told = Mutex::new(Vec::new());
        let tell = |code: &str| {
            assert!(app.is_setup_code(code).unwrap());
            told.lock().unwrap().push(code.to_owned());
            if told.lock().unwrap().len() == 3 {
                let name = UserName::parse("anna").unwrap();
                app.add_user(&who, &name, Role::Admin, "tall glass of oat milk").unwrap();
            }
        };
        keep_telling(&Arc::downgrade(&app), Duration::ZERO, tell);
        let told = told.into_inner().unwrap();
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|code| !app.is_setup_code(code).unwrap()), "there is a user now");
    }

    #[test]
    fn a_server_that_has_stopped_tells_no_more_links() {
        keep_telling(&Weak::new(), Duration::ZERO, |_| panic!("there is no server"));
    }

    #[test]
    fn links_lead_to_where_a_person_can_come_in() {
        let urls = |base_url, listen: &str| urls(base_url, listen.parse().unwrap());
        assert_eq!(urls(None, "127.0.0.1:80"), ["http://127.0.0.1:80"]);
        assert_eq!(urls(None, "192.0.2.7:8080"), ["http://192.0.2.7:8080"]);
        assert_eq!(urls(Some("https://keys.example.com"), "0.0.0.0:1"), ["https://keys.example.com"]);
        let all = urls(None, "0.0.0.0:8080");
        assert_eq!(all[0], "http://127.0.0.1:8080");
        assert!(all.iter().all(|url| url.ends_with(":8080") && !url.contains('[')), "{all:?}");
        assert_eq!(urls(None, "[::]:8080")[0], "http://[::1]:8080");
    }

    #[test]
    fn a_tunnel_begins_at_a_port_that_anybody_may_take() {
        let of = |listen: &str| tunnel(listen.parse().unwrap(), "anna@keys");
        assert!(
            of("127.0.0.1:9000")
                .contains("ssh -L 9000:127.0.0.1:9000 anna@keys, then open http://127.0.0.1:9000")
        );
        assert!(of("[::1]:80").contains("ssh -L 8080:[::1]:80 anna@keys, then open http://127.0.0.1:8080"));
    }
}
