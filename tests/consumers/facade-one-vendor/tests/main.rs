#[path = "../../loopback.rs"]
mod loopback;

use facade_one_vendor::{client, status};

#[tokio::test]
async fn a_person_is_looked_up() {
    let (address, requests) = loopback::serve(vec![(200, r#"{"TaxIdStatus": "TITULAR FALECIDO"}"#)]);
    let client = client(&address).unwrap();
    assert_eq!(status(&client, "529.982.247-25").await.unwrap(), "deceased");
    assert_eq!(requests.iter().collect::<Vec<_>>(), ["POST /bg-check/cpf-simples"]);
}
