//! Policies.

use std::fmt::Write as _;

use kyc_core::{CheckKind, Offer};

/// Asks every vendor for everything.
pub const ALL: &str = r#"
version = "all"
ask = "all"
limits = { attempts = 3, paid_calls = 20, wait = "6m" }
[check.registration]
by = ["cellere"]
pass = ["regular"]
refuse = ["deceased", "void"]
[check.document]
agrees = ["cpf", "birth_date", "name"]
[check.face_document]
max_false_accept = "1/10000"
min_similarity = { bankly = 0.9, cellere = 0.9, certiface = 0.9 }
[check.face_register]
[check.liveness]
method = "capture"
[check.risk]
"#;

/// Asks one vendor after another for a face.
pub const FIRST: &str = r#"
version = "first"
limits = { wait = "6m" }
[check.face_document]
by = ["clearsale", "cellere"]
max_false_accept = "1/10000"
min_similarity = { cellere = 0.9 }
"#;

/// Returns a policy that asks one vendor for all that it offers.
pub fn alone(vendor: &str, offers: &[Offer]) -> String {
    // After too many requests Bankly wants to be left alone for five minutes.
    let wait = if vendor == "bankly" { 6 } else { 1 };
    let mut text = format!("version = \"{vendor}\"\nlimits = {{ wait = \"{wait}m\" }}\n");
    for offer in offers {
        let rule = match offer.check {
            CheckKind::Registration => "pass = [\"regular\"]\nrefuse = [\"deceased\", \"void\"]".to_owned(),
            CheckKind::Document => "agrees = [\"cpf\", \"birth_date\", \"name\"]".to_owned(),
            CheckKind::FaceDocument if vendor != "clearsale" => {
                format!("min_similarity = {{ {vendor} = 0.9 }}")
            }
            CheckKind::Liveness => format!("method = \"{}\"", offer.method.unwrap()),
            _ => String::new(),
        };
        writeln!(text, "[check.{}]\nby = [\"{vendor}\"]\n{rule}", offer.check).unwrap();
    }
    text
}
