use face_alone::advice;
use kyc_face::kyc_core::RetakeCause;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../crates/kyc-sandbox/samples");

#[test]
fn a_face_is_told_from_a_meter() {
    let sample = |name: &str| std::fs::read(format!("{SAMPLES}/{name}")).unwrap();
    assert_eq!(advice(sample("a-2014.jpg")).unwrap(), []);
    assert_eq!(advice(sample("meter-digital.png")).unwrap(), [RetakeCause::NoFace]);
}
