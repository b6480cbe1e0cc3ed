//! A list of addresses and networks from which a key may be used.
//!
//! Each entry is kept in one form: the bits behind the prefix are zero, and an IPv4 network that is
//! written as part of IPv6 (`::ffff:10.0.0.0/104`, RFC 4291 §2.5.5.2) is that IPv4 network.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use crate::model::Invalid;

/// The most entries of a list.
pub const ADDRESSES_MAX: usize = 100;

/// Reads a list of CIDRs or single addresses; one that stands twice is kept once.
///
/// # Errors
/// When one is neither, or there are more than [`ADDRESSES_MAX`].
pub fn parse_allowed_ips<'a>(values: impl IntoIterator<Item = &'a str>) -> Result<Vec<IpNet>, Invalid> {
    let mut nets = Vec::new();
    for (n, value) in values.into_iter().enumerate() {
        if n >= ADDRESSES_MAX {
            let rule = format!("is one too many: a key may have {ADDRESSES_MAX} entries");
            return Err(Invalid::new("allowed_ips", value, rule));
        }
        let net = parse(value)?;
        if !nets.contains(&net) {
            nets.push(net);
        }
    }
    Ok(nets)
}

fn parse(value: &str) -> Result<IpNet, Invalid> {
    let net = value.parse::<IpNet>().or_else(|_| value.parse::<IpAddr>().map(IpNet::from));
    net.map(canonical).map_err(|_| {
        Invalid::new("allowed_ips", value, "is neither an IP address nor a network such as `10.0.0.0/8`")
    })
}

fn canonical(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net.trunc() };
    mapped(v6.addr().to_ipv4_mapped(), v6.prefix_len()).unwrap_or(net).trunc()
}

fn mapped(address: Option<Ipv4Addr>, prefix_len: u8) -> Option<IpNet> {
    Some(Ipv4Net::new(address?, prefix_len.checked_sub(96)?).ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> String {
        let nets = parse_allowed_ips([value]).unwrap();
        nets.first().unwrap().to_string()
    }

    #[test]
    fn every_form_of_one_network_is_kept_as_one() {
        for (written, kept) in [
            ("10.1.2.3", "10.1.2.3/32"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("2001:DB8::1/32", "2001:db8::/32"),
            ("::1", "::1/128"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(read(written), kept, "{written}");
        }
        assert_eq!(parse_allowed_ips(["10.0.0.1/8", "10.0.0.0/8", "::ffff:10.0.0.0/104"]).unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_network_is_named() {
        for value in ["", "10.0.0.0/33", "10.0.0", "example.com", "fe80::1%eth0", "010.0.0.1", "10.0.0.1 "] {
            let invalid = parse_allowed_ips(["::1", value]).unwrap_err();
            assert_eq!(invalid.field(), "allowed_ips", "{value}");
            assert!(invalid.to_string().contains(value), "{invalid}");
        }
    }

    #[test]
    fn a_list_has_a_maximum() {
        let many: Vec<String> = (0..=ADDRESSES_MAX).map(|n| format!("10.0.0.{n}")).collect();
        assert!(parse_allowed_ips(many.iter().skip(1).map(String::as_str)).is_ok());
        assert!(
            parse_allowed_ips(many.iter().map(String::as_str))
                .unwrap_err()
                .to_string()
                .contains("10.0.0.100")
        );
    }
}
