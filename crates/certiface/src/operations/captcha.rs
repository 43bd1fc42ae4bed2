//! `POST …`, the service itself: the frames of the challenges, for a verdict. (Vendor page: "3.2 Captcha"; our page: "Captcha".)

use kyc_core::{Body, Error, Media, Operation, OperationClass, Response};

use super::{cipher, service};
use crate::VENDOR;
use crate::client::Client;
use crate::crypto::Escape;
use crate::operations::appkey::Appkey;
use crate::operations::liveness::LivenessResponse;

/// It spends the key for liveness.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "captcha", OperationClass::Paid);

const PATH: &str = service!("");

/// What stands before the code of a frame's challenge, and what after it. The `type:` is behind the `base64,` on the
/// wire: that is how the vendor's own clients write it.
const BEFORE_CODE: &[u8] = b"data:image/jpeg;base64,type:";
const AFTER_CODE: &[u8] = b",";

/// A frame with the code of its challenge.
pub(crate) type Frame<'a> = (&'a str, &'a Media);

impl Client {
    pub(crate) async fn captcha(
        &self,
        appkey: &Appkey,
        chkey: &str,
        frames: &[Frame<'_>],
    ) -> Result<Response<LivenessResponse>, Error> {
        let body = form(appkey, chkey, frames)?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        self.read_verdict(answer)
    }
}

/// The form, its frames formatted, encrypted and encoded in one pass into one buffer.
fn form(appkey: &Appkey, chkey: &str, frames: &[Frame<'_>]) -> Result<Body, Error> {
    let cipher = cipher(&OPERATION, appkey)?;
    let mut form = url_encoded(&[("appkey", appkey.expose()), ("chkey", chkey)]);
    form.extend_from_slice(b"&images=");
    let bytes: usize = frames.iter().map(|(code, frame)| frame.len() / 3 * 4 + code.len() + 64).sum();
    // Base64 of base64, and a little more for what is escaped.
    form.reserve(bytes / 3 * 4 + bytes / 4);
    let mut encryptor = cipher.encrypt(form, Escape::Twice);
    for (code, frame) in frames {
        encryptor.text(BEFORE_CODE);
        encryptor.text(code.as_bytes());
        encryptor.text(AFTER_CODE);
        encryptor.base64(frame.bytes());
    }
    Ok(Body::full("application/x-www-form-urlencoded", encryptor.finish()))
}

fn url_encoded(fields: &[(&str, &str)]) -> Vec<u8> {
    kyc_core::form_urlencoded(fields.iter().copied()).into_bytes()
}
