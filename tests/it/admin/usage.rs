//! Charts of requests: on a key's page, in the rows of the table.

use super::{KEYS, Site, shows};

#[test]
fn a_keys_page_tells_how_often_it_was_accepted_and_refused() {
    let site = Site::start();
    let token = site.place.create(&["worker", "--scope", "platform:read"]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap();
    let mut anna = site.as_user("anna");
    let page = format!("{KEYS}/{id}");
    shows(&anna.get(&page), 200, &["No requests in this time.", "<b>0</b> accepted"]);
    let mut caller = site.server.client();
    for _ in 0..3 {
        assert_eq!(caller.get_as(&token, "/v1/verify?scope=platform:read").status, 200);
    }
    assert_eq!(caller.get_as(&token, "/v1/verify?scope=keys:write").status, 403);
    for (stretch, unit) in [("24h", "24 hours"), ("30d", "30 days"), ("90d", "90 days")] {
        let told = format!("Requests of {unit}: 3 accepted, 1 refused. Most in one");
        let page = anna.get(&format!("{page}?usage={stretch}"));
        shows(&page, 200, &["<b>3</b> accepted", "<b>1</b> refused", &told, "chart-refused"]);
        shows(&page, 200, &["<td>3</td><td>1</td>", &format!("aria-current=\"true\">{unit}</a>")]);
    }
    shows(&anna.get(&format!("{page}?usage=7d")), 422, &["usage `7d` is neither"]);
    shows(&site.as_user("vera").get(&page), 200, &["<b>3</b> accepted"]);
}

#[test]
fn a_row_of_the_table_draws_the_last_days() {
    let site = Site::start();
    let token = site.place.create(&["worker"]);
    let mut anna = site.as_user("anna");
    shows(&anna.get(KEYS), 200, &["spark none", "30 days: 0 accepted, 0 refused"]);
    assert_eq!(site.server.client().get_as(&token, "/v1/verify").status, 200);
    shows(&anna.get(KEYS), 200, &["<svg class=\"spark\"", "30 days: 1 accepted, 0 refused"]);
}
