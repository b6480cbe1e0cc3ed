//! Which addresses are answered in front of the router, and who reads each.

use actix_web::test::TestRequest;

use super::*;

#[test]
fn only_these_addresses_spelled_like_this_are_hot() {
    for (method, target, expected) in [
        (Method::GET, "/v1/verify", true),
        (Method::GET, "/v1/verify?scope=a:b", true),
        (Method::HEAD, "/v1/verify", false),
        (Method::POST, "/v1/verify", false),
        (Method::GET, "/v1/verify/", false),
        (Method::GET, "/v1/%76erify", false),
        (Method::GET, "/v1/whoami", false),
        (Method::POST, "/auth/nginx", true),
        (Method::HEAD, "/auth/forward?project=p", true),
        (Method::PUT, "/auth/envoy/p/a/b", true),
        (Method::GET, "/auth/envoy/p/", true),
        (Method::GET, "/auth/envoy/p", false),
        (Method::GET, "/auth/envoy//a", false),
        (Method::GET, "/", false),
    ] {
        let request = TestRequest::with_uri(target).method(method.clone()).to_request();
        assert_eq!(hot(&Head::of(request.head())).is_some(), expected, "{method} {target}");
    }
}

#[test]
fn every_address_has_its_reader() {
    for (path, surface) in [
        ("/v1", Surface::Api),
        ("/v1/", Surface::Api),
        ("/v1/nothing", Surface::Api),
        ("/v1x", Surface::Page),
        (READY, Surface::Api),
        ("/static/app.css", Surface::Static),
        (SIGN_IN, Surface::Page),
        ("/nothing", Surface::Page),
    ] {
        assert_eq!(Surface::of(path), surface, "{path}");
    }
}
