//! Whether the server lives and can serve.

use super::Server;

#[test]
fn a_server_that_lives_and_can_serve_says_so() {
    let server = Server::start();
    for (path, status) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let response = server.get(path).send();
        assert_eq!((response.status, response.json()["status"].as_str()), (200, Some(status)), "{path}");
    }
}

#[test]
fn without_its_database_a_server_lives_but_is_not_ready() {
    let server = Server::start();
    std::fs::remove_file(server.dir.path().join("keysrv.db")).unwrap();
    assert_eq!(server.get("/healthz").send().status, 200);
    let response = server.get("/readyz").send();
    assert_eq!((response.status, response.code().as_str()), (503, "unavailable"));
    assert!(!response.body.contains("keysrv.db"), "{response:?}");
}
