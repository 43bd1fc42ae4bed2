//! A program with one vendor: a client, a submission, a query.

use clearsale_facematch::kyc_core::{Error, Media};
use clearsale_facematch::{Client, ClientBuilder, Credentials, MatchRequest, Outcome};

/// Returns a client builder for the given base URL.
pub fn client(base_url: &str) -> ClientBuilder {
    Client::builder(Credentials::new("id", "secret")).base_url(base_url)
}

/// Submits two images for comparison and queries the result once.
pub async fn compare(client: &Client, first: Media, second: Media) -> Result<Outcome, Error> {
    let submitted = client.match2d_2d(&MatchRequest::new(first, second)).await?;
    Ok(client.transaction(&submitted.value().transaction_id).await?.into_inner().outcome())
}

/// A complete PNG of 150 × 200 pixels without content.
pub fn picture() -> Media {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x96\0\0\0\xc8\x08\x02".to_vec();
    bytes.extend([0; 7]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    Media::new(bytes).expect("a PNG")
}
