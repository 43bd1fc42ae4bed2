#[path = "../../answers.rs"]
mod answers;
#[path = "../../loopback.rs"]
mod loopback;
#[path = "../../two_answers.rs"]
mod two_answers;

use facade_native_tls::compare_with_all;
use kyc_br::kyc_core::Verdict;

#[tokio::test]
async fn both_vendors_compare_the_same_pair() {
    let (file, [clearsale, cellere]) = two_answers::configured("facade-native-tls");
    let verdicts = compare_with_all(&file, &two_answers::pair()).await.unwrap();
    assert_eq!(verdicts, [("cellere-portal", Verdict::Match), ("clearsale-facematch", Verdict::Match)]);
    assert_eq!(clearsale.iter().collect::<Vec<_>>(), answers::REQUESTS);
    assert_eq!(cellere.iter().collect::<Vec<_>>(), ["POST /facematch"]);
    std::fs::remove_file(file).unwrap();
}
