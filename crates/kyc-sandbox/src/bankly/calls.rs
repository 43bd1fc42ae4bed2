//! Calls to try in a shell.

use super::{CLIENT_ID, base_url};

pub(super) fn calls(root: &str) -> Vec<(&'static str, String)> {
    let url = base_url(root);
    let token = format!(
        r#"TOKEN=$(curl -s -d grant_type=client_credentials -d client_id={CLIENT_ID} \
  -d 'scope=kyc.document.read kyc.document.write' \
  {url}/oauth2/token | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
echo "$TOKEN""#
    );
    let upload = format!(
        r#"IMAGE=$(curl -s {root}/console/samples/a-2025.jpg |
  curl -s -X PUT -H "Authorization: Bearer $TOKEN" -H 'api-version: 1.0' \
  -F documentType=SELFIE -F documentSide=FRONT -F 'image=@-;filename=a.jpg;type=image/jpeg' \
  {url}/document-analysis/52998224725 | sed 's/.*"token": *"\([^"]*\)".*/\1/')
echo "$IMAGE""#
    );
    let status = format!(
        r#"curl -s -H "Authorization: Bearer $TOKEN" -H 'api-version: 1.0' \
  "{url}/document-analysis/52998224725?token=$IMAGE""#
    );
    vec![("token", token), ("upload", upload), ("status", status)]
}
