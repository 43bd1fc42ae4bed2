//! Calls to try in a shell.

use super::credencial::md5;
use super::{PASSWORD, USER, base_url};

pub(super) fn calls(root: &str) -> Vec<(&'static str, String)> {
    let url = format!("{}/facecaptcha/service/captcha", base_url(root));
    let credencial = format!(
        r#"CREDENTIAL=$(curl -s -d user={USER} -d pass={} {url}/credencial)
echo "$CREDENTIAL""#,
        md5(PASSWORD)
    );
    let appkey = format!(
        r#"APPKEY=$(curl -s -d user={USER} --data-urlencode "token=$CREDENTIAL" -d cpf=52998224725 \
  --data-urlencode 'nome=Maria da Silva' --data-urlencode nascimento=31/01/1990 \
  {url}/appkey | sed 's/.*"appkey": *"\([^"]*\)".*/\1/')
echo "$APPKEY""#
    );
    let challenge = format!(r#"curl -s --data-urlencode "appkey=$APPKEY" {url}/challenge"#);
    vec![("credencial", credencial), ("appkey", appkey), ("challenge", challenge)]
}
