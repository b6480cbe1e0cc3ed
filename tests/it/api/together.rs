//! Changes that come at the same time, which share commits: each answer is as true as if it had been alone.

use serde_json::json;

use crate::harness::client::basic;
use crate::harness::{Client, Place, Server};

const CLIENTS: usize = 16;
const ROUNDS: usize = 6;

fn create(client: &mut Client, maker: &str, name: &str) -> (u16, Option<String>) {
    let body = json!({ "name": name, "scopes": [] }).to_string();
    let basic = basic(maker);
    let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
    let answer = client.send("POST", "/v1/keys", &headers, Some(&body));
    let token = (answer.status == 201).then(|| answer.json()["token"].as_str().unwrap().to_owned());
    (answer.status, token)
}

#[test]
fn of_many_who_create_at_once_one_gets_a_name_and_what_each_was_told_outlives_the_server() {
    let place = Place::new();
    let maker = place.create(&["maker", "--scope", "keys:write"]);
    let mut server = Server::start(&place);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let one = |n: usize| {
            let (mut client, maker) = (server.client(), maker.as_str());
            scope.spawn(move || -> Vec<_> {
                let shared = |round| create(&mut client, maker, &format!("shared-{round}"));
                let mut answers: Vec<_> = (0..ROUNDS).map(shared).collect();
                answers.extend((0..ROUNDS).map(|round| create(&mut client, maker, &format!("{n}-{round}"))));
                for token in answers.iter().filter_map(|(_, token)| token.as_deref()) {
                    assert_eq!(client.get_as(token, "/v1/verify").status, 200);
                }
                answers
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(one).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    server.kill_and_wait();
    let server = Server::start(&place);
    let mut client = server.client();
    let tokens: Vec<_> = answers.iter().filter_map(|(_, token)| token.as_deref()).collect();
    assert_eq!(tokens.len(), ROUNDS + CLIENTS * ROUNDS);
    assert!(answers.iter().all(|(status, _)| [201, 409].contains(status)), "{answers:?}");
    for token in tokens {
        assert_eq!(client.get_as(token, "/v1/verify").status, 200);
    }
    place.run(&["check"]).ok();
}
