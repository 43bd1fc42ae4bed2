//! Issues credentials: a token and its expiry.

use axum::http::StatusCode;
use kyc_core::Clock as _;
use md5::{Digest as _, Md5};
use serde_json::json;

use super::fields::Fields;
use super::replies::{bad_request, unauthorized};
use super::{CertifaceControl, PASSWORD, USER, dates};
use crate::newest;
use crate::reply::Reply;

impl CertifaceControl {
    pub(super) fn credencial(&self, fields: &Fields) -> Result<Reply, Reply> {
        let user = fields.needed("user").map_err(bad_request)?;
        let pass = fields.needed("pass").map_err(bad_request)?;
        if pass.len() != 32 || !pass.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(bad_request("pass must be the MD5 of the password: 32 hexadecimal digits"));
        }
        if user != USER || !pass.eq_ignore_ascii_case(&md5(PASSWORD)) {
            return Err(unauthorized("user or pass is wrong"));
        }
        let token = format!("{}{}", self.ids.uuid().simple(), self.ids.uuid().simple());
        let now = self.clock.now();
        let expiry = now.saturating_add(self.settings.credential_life);
        let reply = json!({ "token": token, "expires": dates::day_first(expiry) });
        let mut state = self.lock();
        state.logins += 1;
        state.credentials.retain(|_, expiry| now < *expiry);
        newest::insert(&mut state.credentials, token, expiry, &self.counters.dropped);
        Ok(Reply::json(StatusCode::OK, &reply))
    }
}

pub(super) fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn md5_of_a_known_text() {
        assert_eq!(super::md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
    }
}
