//! The files of the pages: kept for ever, compressed, told apart by their names.

use keysrv::web::statics;

use super::Server;

#[test]
fn a_file_is_kept_for_ever_and_recognised() {
    let server = Server::start();
    for address in [statics::stylesheet(), statics::script(), statics::icon()] {
        let response = server.get(address).send();
        assert_eq!(response.status, 200, "{address}");
        assert_eq!(response.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let tag = response.header("etag").unwrap();
        for known in [tag, "\"other\", *", &format!("\"other\", {tag}")] {
            let again = server.get(address).header("If-None-Match", known).send();
            let expected = if known.contains('*') { 200 } else { 304 };
            assert_eq!((again.status, again.body.is_empty()), (expected, expected == 304), "{known}");
        }
        assert_eq!(server.get(address).header("If-None-Match", "*").send().status, 304);
        assert_eq!(server.get(address).header("If-None-Match", "nonsense").send().status, 200);
    }
}

#[test]
fn files_and_pages_travel_compressed_and_answers_to_programs_do_not() {
    let server = Server::start();
    let encoding = |path: &str, accepted: &str| {
        let head = server.request("HEAD", path).header("Accept-Encoding", accepted).send_last();
        (head.header("content-encoding").map(str::to_owned), head.header("vary").map(str::to_owned))
    };
    for path in [statics::stylesheet(), "/sign-in"] {
        for wanted in ["br", "gzip"] {
            assert_eq!(encoding(path, wanted), (Some(wanted.to_owned()), Some("accept-encoding".to_owned())));
        }
        assert_eq!(encoding(path, "identity").0, None);
    }
    assert_eq!(encoding("/healthz", "br, gzip").0, None);
}

#[test]
fn a_name_without_its_hash_is_not_found() {
    let server = Server::start();
    for path in ["/static/app.css", "/static/", "/static/vendor/oat.min.css", "/static/..%2fapp.css"] {
        assert_eq!(server.get(path).send().status, 404, "{path}");
    }
}
