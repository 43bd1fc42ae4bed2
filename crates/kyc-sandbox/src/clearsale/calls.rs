//! Calls to try in a shell.

use super::{CLIENT_ID, CLIENT_SECRET, base_url};

pub(super) fn calls(root: &str) -> Vec<(&'static str, String)> {
    let url = base_url(root);
    let login = format!(
        r#"TOKEN=$(curl -s -H 'Content-Type: application/json' \
  -d '{{"clientId": "{CLIENT_ID}", "clientSecret": "{CLIENT_SECRET}"}}' \
  {url}/api/authentication/login | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
echo "$TOKEN""#
    );
    let compare = format!(
        r#"FACE=$(curl -s {root}/console/samples/a-2014.jpg | base64 | tr -d '\n')
ID=$(printf '{{"cpf": "52998224725", "image0": "%s", "image1": "%s"}}' "$FACE" "$FACE" |
  curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d @- \
  {url}/api/v2/Facematch/faces/match2d-2d | sed 's/.*"transactionId": *"\([^"]*\)".*/\1/')
echo "$ID""#
    );
    let query =
        format!(r#"curl -s -H "Authorization: Bearer $TOKEN" {url}/api/v2/Facematch/faces/match2d-2d/$ID"#);
    vec![("login", login), ("match2d-2d", compare), ("match2d-2d-query", query)]
}
