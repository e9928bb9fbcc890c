//! Checks which web pages may call a server on this machine.
//!
//! A browser lets any page send requests to `127.0.0.1`, even if the page cannot read the response. Two headers, which
//! a page cannot set, reveal such requests. `Origin` names another site. If the host name of the page resolves to this
//! machine (DNS rebinding), the browser treats the server as part of the page's site, and `Host` contains that name.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;

/// The names that containers use for their host. Public DNS has no names under `internal`.
const CONTAINER_NAMES: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// Whether `Host` names the server that listens on `listening`.
pub(crate) fn is_addressed(headers: &HeaderMap, listening: SocketAddr) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    Authority::try_from(host.as_bytes()).is_ok_and(|host| names(&host, listening))
}

/// Whether a page of another site sends the request. A page of the server itself may send its own origin.
pub(crate) fn is_cross_origin(headers: &HeaderMap, listening: SocketAddr) -> bool {
    headers.get_all(ORIGIN).iter().any(|origin| {
        let host = origin.as_bytes().strip_prefix(b"http://").and_then(|host| Authority::try_from(host).ok());
        !host.is_some_and(|host| names(&host, listening))
    })
}

fn names(host: &Authority, listening: SocketAddr) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    let is_here = match name.parse::<IpAddr>() {
        // A server that listens on all addresses accepts each of them. Rebinding needs a name, not an address.
        Ok(address) => address == listening.ip() || listening.ip().is_unspecified(),
        Err(_) => name.eq_ignore_ascii_case("localhost") || CONTAINER_NAMES.contains(&name),
    };
    is_here && host.port_u16().unwrap_or(80) == listening.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &http::HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), http::HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn host_names_the_machine_and_the_port() {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 8000));
        let bridge = SocketAddr::from(([172, 17, 0, 1], 8000));
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 8000));
        let loopback_v6: SocketAddr = "[::1]:8000".parse().unwrap();
        for (host, listening, expected) in [
            ("127.0.0.1:8000", loopback, true),
            ("localhost:8000", loopback, true),
            ("LOCALHOST:8000", loopback, true),
            ("host.docker.internal:8000", loopback, true),
            ("host.containers.internal:8000", everywhere, true),
            ("172.17.0.1:8000", bridge, true),
            ("172.17.0.1:8000", everywhere, true),
            ("[::1]:8000", loopback_v6, true),
            ("172.17.0.1:8000", loopback, false),
            ("127.0.0.1:8001", loopback, false),
            ("127.0.0.1", loopback, false),
            ("evil.example:8000", loopback, false),
            ("evil.example:8000", everywhere, false),
            ("localhost.evil.example:8000", loopback, false),
            ("127.0.0.1.evil.example:8000", everywhere, false),
            ("", loopback, false),
            ("not a host", loopback, false),
        ] {
            assert_eq!(is_addressed(&headers(&HOST, &[host]), listening), expected, "{host} at {listening}");
        }
        assert!(!is_addressed(&HeaderMap::new(), loopback));
        assert!(!is_addressed(&headers(&HOST, &["127.0.0.1:8000", "evil.example:8000"]), loopback));
    }

    #[test]
    fn every_origin_except_the_servers_own_is_another_site() {
        let listening = SocketAddr::from(([127, 0, 0, 1], 3000));
        assert!(!is_cross_origin(&HeaderMap::new(), listening));
        for (origins, expected) in [
            (&["http://127.0.0.1:3000"][..], false),
            (&["http://localhost:3000"], false),
            (&["http://localhost:5173"], true),
            (&["https://localhost:3000"], true),
            (&["https://evil.example"], true),
            (&["null"], true),
            (&[""], true),
            (&["http://127.0.0.1:3000", "https://evil.example"], true),
        ] {
            assert_eq!(is_cross_origin(&headers(&ORIGIN, origins), listening), expected, "{origins:?}");
        }
    }
}
