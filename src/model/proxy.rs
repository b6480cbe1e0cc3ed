//! A proxy that asks keysrv about each request before it hands it to the API behind it.
//!
//! Here are the kinds that keysrv knows and what must be said about one; the text of a
//! configuration is `app::proxy_config`, what a running one is asked is `web::proxy`.

use super::Invalid;

/// Longest name of a host (RFC 1035 §2.3.4).
const HOST_CHARS_MAX: usize = 253;

/// Which proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// nginx, by `auth_request`.
    Nginx,
    /// Caddy, by `forward_auth`.
    Caddy,
    /// Traefik, by `forwardAuth`.
    Traefik,
    /// `HAProxy`, by a Lua file of ours.
    Haproxy,
    /// Envoy, by `ext_authz`.
    Envoy,
}

impl ProxyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Nginx, Self::Caddy, Self::Traefik, Self::Haproxy, Self::Envoy];

    /// Its name, as it is asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// The kind with this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        found.ok_or_else(|| {
            Invalid::new("kind", name, "is none of `nginx`, `caddy`, `traefik`, `haproxy`, `envoy`")
        })
    }
}

/// The API behind the proxy: `http://`, a host, maybe a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamUrl {
    host: String,
    port: u16,
}

impl UpstreamUrl {
    /// Reads the address of an API.
    ///
    /// # Errors
    /// When it is not `http://HOST` or `http://HOST:PORT`: a path, a query or a user has no place in
    /// it, and TLS to an API needs trust that only its operator can set up.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::read(text).ok_or_else(|| {
            Invalid::new("upstream", text, "is not like `http://127.0.0.1:3000`, without a path")
        })
    }

    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("http://")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let ends_in_address = rest.ends_with(']');
        let (host, port) = match rest.rsplit_once(':').filter(|_| !ends_in_address) {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (host, port.parse().ok().filter(|port| *port > 0)?)
            }
            Some(_) => return None,
            None => (rest, 80),
        };
        is_host(host).then(|| Self { host: host.to_owned(), port })
    }

    /// The host; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `HOST:PORT`, as a URL has it.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    host.len() <= HOST_CHARS_MAX && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_name() {
        for kind in ProxyKind::ALL {
            assert_eq!(ProxyKind::parse(kind.as_str()), Ok(kind));
        }
        let refused = ProxyKind::parse("apache").unwrap_err().to_string();
        assert_eq!(refused, "kind `apache` is none of `nginx`, `caddy`, `traefik`, `haproxy`, `envoy`");
    }

    #[test]
    fn an_upstream_is_a_host_and_a_port() {
        let authority = |text: &str| UpstreamUrl::parse(text).unwrap().authority();
        assert_eq!(authority("http://127.0.0.1:3000"), "127.0.0.1:3000");
        assert_eq!(authority("http://api.internal/"), "api.internal:80");
        assert_eq!(authority("http://my_api:3000"), "my_api:3000");
        assert_eq!(authority("http://[::1]:3000"), "[::1]:3000");
        assert_eq!(UpstreamUrl::parse("http://[::1]").unwrap().host(), "::1");
    }

    #[test]
    fn what_would_break_out_of_a_configuration_is_no_upstream() {
        let bad = [
            "",
            "127.0.0.1:3000",
            "https://a",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://a:0",
            "http://a:",
            "http://a:99999",
            "http://a:+1",
            "http://u@a",
            "http://a;b",
            "http://a b",
            "http://a{b}",
            "http://a\nb",
            "http://[::1",
            "http://[a]",
            "http://::1",
            "http://-a",
            "http://a..b",
            "http://é",
            "http://a$b",
        ];
        for text in bad {
            assert!(UpstreamUrl::parse(text).is_err(), "{text}");
        }
    }
}
