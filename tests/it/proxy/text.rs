//! The printed text itself, and what cannot be printed.

use keysrv::model::proxy::ProxyKind;

use crate::harness::Place;

#[test]
fn a_text_has_everything_filled_in_and_names_the_rules() {
    let place = Place::new();
    for kind in ProxyKind::ALL {
        let bare = place.run(&["proxy-config", kind.as_str()]).ok().stdout;
        assert!(bare.contains("There are no route rules yet"), "{bare}");
    }
    place.run(&["route", "add", "--preset", "example"]).ok();
    place.run(&["route", "add", "GET", "/a/*", "unified:read"]).ok();
    for kind in ProxyKind::ALL {
        for file in place.json(&["proxy-config", kind.as_str()])["data"].as_array().unwrap() {
            let text = file["text"].as_str().unwrap();
            let missing =
                text.match_indices("{{").any(|(at, _)| text[at + 2..].starts_with(char::is_alphabetic));
            assert!(!missing, "{text}");
            assert!(text.contains("    GET /a/*  unified:read\n") && text.contains("and 4 more"), "{text}");
            assert!(text.contains("127.0.0.1:8080") || file["name"] == "keysrv.lua", "{text}");
            assert!(
                text.lines().all(|line| line == line.trim_end() && line.chars().count() <= 220),
                "{text}"
            );
        }
    }
    let lua = place.run(&["proxy-config", "haproxy", "--lua"]).ok().stdout;
    assert!(lua.starts_with("-- keysrv.lua"), "{lua}");
}

#[test]
fn what_cannot_be_configured_is_refused() {
    let place = Place::new();
    let cases: [(&[&str], &str); 6] = [
        (&["apache"], "invalid value"),
        (&["nginx", "--upstream", "https://api"], "upstream `https://api` is not like"),
        (&["nginx", "--upstream", "http://a;b"], "upstream `http://a;b` is not like"),
        (&["nginx", "--proxy-listen", "8000"], "proxy listen `8000` is not like"),
        (&["nginx", "--lua"], "--lua is for haproxy"),
        (&["envoy", "--scope", "unified:read"], "cannot be asked for by Envoy"),
    ];
    for (args, message) in cases {
        let outcome = place.run(&[&["proxy-config"], args].concat());
        assert!(outcome.status != 0 && outcome.stderr.contains(message), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
}
