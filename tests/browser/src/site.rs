//! A web site on a port of its own, and so of another origin than the sandbox.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

/// A site with one page, which has one script. It ends with the runtime of the test.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    port: u16,
}

impl Site {
    /// Starts a site whose page has this script.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start(script: &'static str) -> Self {
        let page = Html(
            "<!doctype html><meta charset=utf-8><title>A customer's page</title><script src=/page.js></script>",
        );
        let router = Router::new()
            .route("/", get(async move || page))
            .route("/page.js", get(async move || ([(CONTENT_TYPE, "text/javascript")], script)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port }
    }

    /// Returns the address of the page under one of the names of this machine: `127.0.0.1`, which is another origin of
    /// the same site as the sandbox, or `localhost` or a name that ends with `.test`, which are other sites.
    #[must_use]
    pub fn at(self, host: &str) -> String {
        format!("http://{host}:{}/", self.port)
    }
}
