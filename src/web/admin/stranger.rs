//! Whoever is about to sign in: from where, and how safe the way of the password is.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use crate::web::client_ip::Transport;
use crate::web::context::Context;

/// A person before signing in.
pub(super) struct Stranger {
    /// The address that attempts are counted by.
    pub(super) ip: IpAddr,
    /// Whether a password would travel unencrypted over a network.
    pub(super) is_plain_http: bool,
}

impl Stranger {
    /// Who sent this request.
    pub(super) fn of(request: &HttpRequest, context: &Context) -> Self {
        let client = context.client(request);
        // Whoever hides behind a header that cannot be read shares one place in the count.
        let ip = client.ip().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let is_plain_http = client.transport() == Transport::Plain && !ip.is_loopback();
        Self { ip, is_plain_http }
    }
}
