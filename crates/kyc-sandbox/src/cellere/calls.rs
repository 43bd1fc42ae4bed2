//! Calls to try in a shell.

use super::base_url;
use super::token::TOKEN;

pub(super) fn calls(root: &str) -> Vec<(&'static str, String)> {
    let url = base_url(root);
    let cpf = format!(
        r#"curl -s -H 'Authorization: Bearer {TOKEN}' \
  -H 'Content-Type: application/json' -d '{{"cpf": "52998224725"}}' {url}/bg-check/cpf-simples"#
    );
    let balance = format!(r#"curl -s -H 'Authorization: Bearer {TOKEN}' {url}/utilitarias/saldo-portal"#);
    vec![("cpf", cpf), ("balance", balance)]
}
