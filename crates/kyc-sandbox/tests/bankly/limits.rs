use super::client::*;
use crate::support::*;

#[tokio::test]
async fn at_most_180_requests_in_ten_seconds_over_all_operations() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    for _ in 1..180 {
        refused(&status_of(&sandbox, &token, CPF, "").await, 404);
    }
    assert_eq!(sandbox.bankly().fullest_window(), 180);
    assert_eq!(refused(&status_of(&sandbox, &token, CPF, "").await, 429), ("TOO_MANY_REQUESTS", None));
    let form = [("grant_type", "client_credentials")];
    assert_eq!(refused(&post_form(&sandbox, "/oauth2/token", &form).await, 429).0, "TOO_MANY_REQUESTS");
    assert_eq!(sandbox.bankly().fullest_window(), 182);

    sandbox.bankly().rate_limit(false);
    refused(&status_of(&sandbox, &token, CPF, "").await, 404);
    sandbox.bankly().rate_limit(true);
    refused(&status_of(&sandbox, &token, CPF, "").await, 429);
    sandbox.clock().advance(seconds(10));
    refused(&status_of(&sandbox, &token, CPF, "").await, 404);
}
