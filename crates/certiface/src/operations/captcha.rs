//! `POST …`, the root of the service: submits the frames of the challenges for a verdict. (Vendor page: "3.2 Captcha";
//! our page: "Captcha".)

use kyc_core::{Body, Error, Media, Operation, OperationClass, Response};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::crypto::Escape;
use crate::model::{Appkey, LivenessResponse};

/// It uses up the key for liveness.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "captcha", OperationClass::Paid);

const PATH: &str = service!("");

/// The text before the challenge code of a frame, and the text after it. `type:` follows `base64,` on the wire: the
/// vendor's own clients write it so.
const BEFORE_CODE: &[u8] = b"data:image/jpeg;base64,type:";
const AFTER_CODE: &[u8] = b",";

/// A frame with the code of its challenge.
pub(crate) type Frame<'a> = (&'a str, &'a Media);

impl Connection {
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

/// Builds the form. Its frames are formatted, encrypted and encoded in one pass into one buffer.
fn form(appkey: &Appkey, chkey: &str, frames: &[Frame<'_>]) -> Result<Body, Error> {
    let cipher = cipher(&OPERATION, appkey)?;
    let mut form = url_encoded(&[("appkey", appkey.expose()), ("chkey", chkey)]);
    form.extend_from_slice(b"&images=");
    let bytes: usize = frames.iter().map(|(code, frame)| frame.len() / 3 * 4 + code.len() + 64).sum();
    // Base64 of base64, and some room for what is escaped.
    form.reserve(bytes / 3 * 4 + bytes / 4);
    let mut encryptor = cipher.encrypt(form, Escape::Twice);
    for (code, frame) in frames {
        encryptor.write(BEFORE_CODE);
        encryptor.write(code.as_bytes());
        encryptor.write(AFTER_CODE);
        encryptor.write_base64(frame.bytes());
    }
    Ok(Body::full("application/x-www-form-urlencoded", encryptor.finish()))
}

fn url_encoded(fields: &[(&str, &str)]) -> Vec<u8> {
    kyc_core::form_urlencoded(fields.iter().copied()).into_bytes()
}
