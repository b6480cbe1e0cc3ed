//! Keeps other sites from sending our forms.
//!
//! Browsers say where a request comes from: `Sec-Fetch-Site` on trustworthy origins, and
//! otherwise (plain HTTP in a local network) `Origin`. A request that changes something must come
//! from our own pages by the first of the two that is there; with neither it is refused. There is
//! no token in the forms, which could leak, expire or be forgotten.

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The form was not sent from one of our own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossSite;

/// Requires that a request that may change something was made by one of our pages, or by the
/// person alone (`none`). `hosts` are those under which our pages are asked for.
///
/// # Errors
/// When another site made it, or nobody says who did.
pub fn require_same_site(method: &Method, headers: &HeaderMap, hosts: &[&str]) -> Result<(), CrossSite> {
    if method.is_safe() || is_same_site(headers, hosts) { Ok(()) } else { Err(CrossSite) }
}

fn is_same_site(headers: &HeaderMap, hosts: &[&str]) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return only(headers, SEC_FETCH_SITE).is_some_and(|site| matches!(site, "same-origin" | "none"));
    }
    let Some(origin) = only(headers, ORIGIN) else { return false };
    hosts.iter().any(|host| is_origin_of(origin, host))
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// Whether `origin` is the scheme and the host of our pages. Which of the two schemes is not
/// compared: behind a proxy that does not say it, ours would be wrong.
fn is_origin_of(origin: &str, host: &str) -> bool {
    let same = |scheme: &str, port: &str| {
        origin
            .strip_prefix(scheme)
            .is_some_and(|origin| bare(origin, port).eq_ignore_ascii_case(bare(host, port)))
    };
    same("http://", ":80") || same("https://", ":443")
}

// A browser leaves the scheme's own port out of `Origin`; a proxy may put it into the host.
fn bare<'a>(host: &'a str, port: &str) -> &'a str {
    host.strip_suffix(port).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const HOST: &str = "keys.lan:8080";

    fn check(lines: &[(&HeaderName, &str)]) -> Result<(), CrossSite> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append((*name).clone(), HeaderValue::from_str(value).unwrap());
        }
        require_same_site(&Method::POST, &headers, &[HOST, "keys.example.com"])
    }

    #[test]
    fn a_form_of_our_own_page_passes() {
        for site in ["same-origin", "none"] {
            assert_eq!(check(&[(&SEC_FETCH_SITE, site)]), Ok(()), "{site}");
        }
        for origin in ["http://keys.lan:8080", "https://KEYS.lan:8080", "https://keys.example.com"] {
            assert_eq!(check(&[(&ORIGIN, origin)]), Ok(()), "{origin}");
        }
    }

    #[test]
    fn what_another_site_or_nobody_sent_is_refused() {
        assert_eq!(check(&[]), Err(CrossSite));
        for site in ["cross-site", "same-site", "", "Same-Origin"] {
            let lines = [(&SEC_FETCH_SITE, site), (&ORIGIN, "http://keys.lan:8080")];
            assert_eq!(check(&lines), Err(CrossSite), "{site}");
        }
        let origins = [
            "null",
            "",
            "http://keys.lan",
            "http://evil.example",
            "http://keys.lan:8080.evil.example",
            "ftp://keys.lan:8080",
            "keys.lan:8080",
            "http://keys.example.com.evil.example",
        ];
        for origin in origins {
            assert_eq!(check(&[(&ORIGIN, origin)]), Err(CrossSite), "{origin}");
        }
        let twice = [(&ORIGIN, "http://keys.lan:8080"), (&ORIGIN, "http://evil.example")];
        assert_eq!(check(&twice), Err(CrossSite));
    }

    #[test]
    fn looking_needs_no_proof() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert_eq!(require_same_site(&method, &HeaderMap::new(), &[HOST]), Ok(()));
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(require_same_site(&method, &HeaderMap::new(), &[HOST]), Err(CrossSite));
        }
    }

    #[test]
    fn the_schemes_own_port_makes_no_difference() {
        assert!(is_origin_of("https://keys.example.com", "keys.example.com:443"));
        assert!(is_origin_of("http://keys.example.com", "keys.example.com:80"));
        assert!(!is_origin_of("http://keys.example.com", "keys.example.com:443"));
    }
}
