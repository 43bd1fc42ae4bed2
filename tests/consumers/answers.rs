//! The vendor's responses to one comparison.

/// A login, an accepted comparison, and its result.
pub fn a_match() -> Vec<(u16, &'static str)> {
    vec![
        (200, r#"{"access_token": "t", "expires_in": "3600", "token_type": "Bearer"}"#),
        (200, r#"{"transactionId": "7f0c5be0-2c38-4fd5-9f0e-0f6a8f0f3c11", "status": "Processing"}"#),
        (200, r#"{"transactionStatus": "Success", "isMatch": true, "confiability": 6}"#),
    ]
}

/// The requests that they answer.
pub const REQUESTS: [&str; 3] = [
    "POST /api/authentication/login",
    "POST /api/v2/Facematch/faces/match2d-2d",
    "GET /api/v2/Facematch/faces/match2d-2d/7f0c5be0-2c38-4fd5-9f0e-0f6a8f0f3c11",
];
