//! `POST …/credencial`: exchanges login and password for a credential. (Vendor page: "1. Credencial"; our page:
//! "Authentication".)

use std::fmt::Write as _;

use http::Method;
use kyc_core::{Body, Call, DateTime, Error, Lenient, Operation, OperationClass, Response, Secret, request};
use md5::{Digest as _, Md5};
use serde::Deserialize;

use crate::VENDOR;
use crate::config::Credentials;
use crate::connection::{Connection, service};
use crate::error::read_login_error;

/// A second login returns a second credential and costs nothing.
pub(crate) static OPERATION: Operation =
    Operation::new(VENDOR, "credencial", OperationClass::Idempotent).with_error_reader(read_login_error);

const PATH: &str = service!("/credencial");

/// The response of a login, public for tests of what is decoded. It holds the token, so it is not serializable.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CredentialResponse {
    /// The token.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub token: Secret<String>,
    /// When it expires, as `dd/mm/yyyy hh:mm:ss` in UTC.
    pub expires: Option<Lenient<DateTime>>,
}

impl Connection {
    pub(crate) async fn credencial(
        &self,
        credentials: &Credentials,
    ) -> Result<Response<CredentialResponse>, Error> {
        let address = self.addresses.of(&OPERATION, PATH)?;
        let password = md5_hex(&credentials.password);
        let body = Body::form([("user", credentials.login.expose().as_str()), ("pass", password.expose())]);
        let build = |_: Option<&_>| Ok(request(Method::POST, address.clone(), body.clone()));
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build)).await?;
        self.pipeline.decode(answer)
    }
}

/// Returns the MD5 of a password as 32 hex digits, the form that the vendor requires. It protects nothing: TLS does.
fn md5_hex(password: &Secret<String>) -> Secret<String> {
    let digest = Md5::digest(password.expose().as_bytes());
    let mut hex = String::with_capacity(32);
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Secret::new(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_md5_of_a_password() {
        assert_eq!(md5_hex(&Secret::new("abc".to_owned())).expose(), "900150983cd24fb0d6963f7d28e17f72");
    }
}
