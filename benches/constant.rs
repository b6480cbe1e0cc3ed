//! The yardstick of `benches/verify.sh`: an actix handler that returns a constant.
//!
//! Run as `constant ADDR`; one worker, the same keep-alive as keysrv, and an answer of about the
//! size of a verdict.

use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};

const BODY: &str = concat!(
    r#"{"valid":true,"code":"valid","key":{"id":"000000000000","project":"default","name":"n-1","prefix":"ks","#,
    r#""scopes":["actions:execute","connectors:read","platform:read","platform:write","unified:read","unified:write"],"#,
    r#""enabled":true,"status":"active","account":null,"created_at":"2026-11-24T12:00:00Z","expires_at":null,"#,
    r#""metadata":{},"secret":{"created_at":"2026-11-24T12:00:00Z","ends_at":null}},"missing_scopes":[]}"#
);

async fn constant() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(BODY)
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8089".to_owned());
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(|| App::new().route("/v1/verify", web::get().to(constant)));
        server.workers(1).keep_alive(Duration::from_secs(30)).bind(address)?.run().await
    })
}
