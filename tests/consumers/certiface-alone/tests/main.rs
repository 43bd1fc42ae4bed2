#[path = "../../loopback.rs"]
mod loopback;

use certiface::kyc_core::{Cpf, Date};
use certiface::{JourneyStatus, RiskClass};
use certiface_alone::{client, key_for_the_app, result};

#[tokio::test]
async fn a_key_and_a_result() {
    let (address, requests) = loopback::serve(vec![
        (200, r#"{"token": "QjBlFoPJZYjSry", "expires": "27/09/2119 19:09:00"}"#),
        (200, r#"{"appkey": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UifQ.c2ln"}"#),
        (
            200,
            r#"{"status": "Completo", "certifaceID": {"codigo": 200, "score": 400},
            "facecaptcha": {"validado": true, "codID": 200.0}}"#,
        ),
        (404, ""),
    ]);
    let client = client(&address).build().unwrap();
    let cpf = Cpf::parse("529.982.247-25").unwrap();
    let appkey = key_for_the_app(&client, cpf, "Maria", Date::parse("2001-11-15").unwrap()).await.unwrap();
    let known = result(&client, &appkey).await.unwrap().unwrap();
    assert_eq!(known.status, Some(JourneyStatus::Complete));
    assert!(known.liveness().is_yes());
    assert_eq!(known.risk(), Some(RiskClass::Medium));
    assert!(result(&client, &appkey).await.unwrap().is_none());
    let service = "POST /facecaptcha/service/captcha";
    let wanted = ["/credencial", "/appkey", "/document/result", "/document/result"];
    let wanted: Vec<_> = wanted.iter().map(|path| format!("{service}{path}")).collect();
    assert_eq!(requests.iter().collect::<Vec<_>>(), wanted);
}
