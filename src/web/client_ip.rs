//! Who is at the other end: the address, whether the person's connection is TLS, the host asked for.
//!
//! Without a proxy that is the peer and its `Host`. What `X-Forwarded-*` say counts only when the
//! peer is a trusted proxy, and of `X-Forwarded-For` only the right-most entry that is no trusted
//! proxy: everything left of it was written by the client.
//!
//! Never actix's `ConnectionInfo`, which believes whoever sends these headers.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::head::{Lines, text};

const HOST: &str = "host";
const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";

/// What a proxy adds, beside everything that begins with `x-forwarded-`.
const PROXIES_ADD: [&str; 3] = ["forwarded", "via", "x-real-ip"];

/// The networks of the proxies whose word counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts the peers of these networks and nobody else.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether a peer with this address is a trusted proxy.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&ip))
    }
}

/// How the person's own connection travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// As HTTP that anybody on the way can read.
    Plain,
    /// Inside TLS, up to a trusted proxy.
    Tls,
}

impl Transport {
    /// What addresses start with.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls => "https",
        }
    }
}

/// The other end of one request.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    lines: Lines<'a>,
    peer: Option<IpAddr>,
    proxies: &'a TrustedProxies,
    is_proxied: bool,
}

impl<'a> Client<'a> {
    /// The client behind these header lines.
    pub fn new(lines: Lines<'a>, peer: Option<IpAddr>, proxies: &'a TrustedProxies) -> Self {
        // An IPv4 peer of an IPv6 socket is still that IPv4 peer.
        let peer = peer.map(|peer| peer.to_canonical());
        let is_proxied = peer.is_some_and(|peer| proxies.contains(peer));
        Self { lines, peer, proxies, is_proxied }
    }

    /// Whether the peer is a trusted proxy.
    pub fn is_proxied(&self) -> bool {
        self.is_proxied
    }

    /// The address of the peer itself.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// Whether a program on this machine asks, with no proxy in between that tells of itself.
    pub fn is_on_this_machine(&self) -> bool {
        let is_added = |name: &str| {
            let name = name.to_ascii_lowercase();
            name.starts_with("x-forwarded-") || PROXIES_ADD.contains(&name.as_str())
        };
        self.peer.is_some_and(|peer| peer.is_loopback()) && !self.lines.names().any(is_added)
    }

    /// The client's address; `None` when a trusted proxy names it in a way that cannot be read,
    /// in which case nobody may take the proxy's own address for it.
    pub fn ip(&self) -> Option<IpAddr> {
        if !self.is_proxied() {
            return self.peer;
        }
        self.named_ip().map_or(None, |named| named.or(self.peer))
    }

    /// The address of the client that a trusted proxy asks about: as [`Client::ip`], but never the
    /// proxy's own, since that is where the question comes from and not the request.
    pub fn forwarded_ip(&self) -> Option<IpAddr> {
        if self.is_proxied() { self.named_ip().ok().flatten() } else { None }
    }

    /// The right-most address that no trusted proxy has, else the left-most.
    fn named_ip(&self) -> Result<Option<IpAddr>, Unreadable> {
        let mut nearest = None;
        for line in self.lines.all(FORWARDED_FOR).rev() {
            let text = text(line).ok_or(Unreadable)?;
            for entry in text.rsplit(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                let ip = read_ip(entry).ok_or(Unreadable)?;
                nearest = Some(ip);
                if !self.proxies.contains(ip) {
                    return Ok(nearest);
                }
            }
        }
        Ok(nearest)
    }

    /// Whether the person's own connection is encrypted.
    pub fn transport(&self) -> Transport {
        let proto = self.forwarded(FORWARDED_PROTO);
        if proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")) {
            Transport::Tls
        } else {
            Transport::Plain
        }
    }

    /// The host that the person asked for, with its port where that is in the address; `None` when
    /// there is none that could stand in an address.
    pub fn host(&self) -> Option<&'a str> {
        let host = self.lines.first(HOST).and_then(text);
        self.forwarded(FORWARDED_HOST).or(host).filter(|host| is_host(host))
    }

    /// The first entry of a header that only a trusted proxy may send.
    fn forwarded(&self, name: &'static str) -> Option<&'a str> {
        if !self.is_proxied() {
            return None;
        }
        let text = text(self.lines.first(name)?)?;
        text.split(',').next().map(str::trim)
    }
}

/// An entry that is no address.
struct Unreadable;

/// An address, also with a port or in brackets.
fn read_ip(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|ip: IpAddr| ip.to_canonical())
}

fn is_host(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn proxies() -> TrustedProxies {
        let networks = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"];
        TrustedProxies::new(networks.iter().map(|network| network.parse().unwrap()).collect())
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        map
    }

    fn ip(peer: &str, forwarded_for: &[&str]) -> Option<String> {
        let lines: Vec<_> = forwarded_for.iter().map(|line| (FORWARDED_FOR, *line)).collect();
        let headers = headers(&lines);
        Client::new(Lines::Map(&headers), Some(peer.parse().unwrap()), &proxies())
            .ip()
            .map(|ip| ip.to_string())
    }

    #[test]
    fn the_address_is_the_rightmost_that_no_trusted_proxy_has() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("203.0.113.9", &[], "203.0.113.9"),
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1, 198.51.100.1 , 10.1.1.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.1.1.1", "198.51.100.1,, 10.1.1.1"], "198.51.100.1"),
            ("127.0.0.1", &["garbage, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
            ("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("127.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("127.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("127.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1, ::ffff:10.0.0.1"], "198.51.100.1"),
        ];
        for (peer, forwarded_for, expected) in cases {
            assert_eq!(ip(peer, forwarded_for).as_deref(), Some(*expected), "{peer} {forwarded_for:?}");
        }
    }

    #[test]
    fn who_asks_for_somebody_else_is_not_taken_for_them() {
        let forwarded_ip = |peer: &str, forwarded_for: &[&str]| {
            let lines: Vec<_> = forwarded_for.iter().map(|line| (FORWARDED_FOR, *line)).collect();
            let (headers, proxies) = (headers(&lines), proxies());
            let client = Client::new(Lines::Map(&headers), Some(peer.parse().unwrap()), &proxies);
            client.forwarded_ip().map(|ip| ip.to_string())
        };
        assert_eq!(forwarded_ip("127.0.0.1", &["198.51.100.1"]).as_deref(), Some("198.51.100.1"));
        assert_eq!(forwarded_ip("127.0.0.1", &["10.0.0.2, 10.0.0.1"]).as_deref(), Some("10.0.0.2"));
        for unknown in [&[][..], &[""], &["unknown"], &["198.51.100.1, unknown"]] {
            assert_eq!(forwarded_ip("127.0.0.1", unknown), None, "{unknown:?}");
        }
        assert_eq!(forwarded_ip("203.0.113.9", &["198.51.100.1"]), None, "no proxy");
    }

    #[test]
    fn an_entry_that_cannot_be_read_hides_the_address_instead_of_showing_the_proxys() {
        for bad in ["unknown", "198.51.100.1, _hidden", "198.51.100.256", "1.2.3.4, é", "fe80::1%eth0"] {
            assert_eq!(ip("127.0.0.1", &[bad]), None, "{bad}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_that_the_connection_is_encrypted_and_for_which_host() {
        let headers = headers(&[
            (HOST, "inside:8080"),
            (FORWARDED_PROTO, "HTTPS, http"),
            (FORWARDED_HOST, "keys.example.com"),
        ]);
        let proxies = proxies();
        let near = Client::new(Lines::Map(&headers), Some("10.0.0.1".parse().unwrap()), &proxies);
        assert_eq!(near.transport(), Transport::Tls);
        assert_eq!(near.host(), Some("keys.example.com"));
        let far = Client::new(Lines::Map(&headers), Some("203.0.113.9".parse().unwrap()), &proxies);
        assert_eq!(far.transport(), Transport::Plain);
        assert_eq!(far.host(), Some("inside:8080"));
    }

    #[test]
    fn a_host_that_could_not_stand_in_an_address_is_none() {
        let proxies = proxies();
        for bad in ["", "a b", "a/b", "a@b", "\"><script>", "é"] {
            let headers = headers(&[(HOST, bad)]);
            assert_eq!(Client::new(Lines::Map(&headers), None, &proxies).host(), None, "{bad}");
        }
    }
}
