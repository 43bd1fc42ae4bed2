//! The vendor's part of one comparison.

/// A login, a comparison that is taken, and its verdict.
pub fn a_match() -> Vec<(u16, &'static str)> {
    vec![
        (200, r#"{"access_token": "t", "expires_in": "3600", "token_type": "Bearer"}"#),
        (200, r#"{"transactionId": "7f0c5be0-2c38-4fd5-9f0e-0f6a8f0f3c11", "status": "Processing"}"#),
        (200, r#"{"transactionStatus": "Success", "isMatch": true, "confiability": 6}"#),
    ]
}

/// What is asked for it.
pub const REQUESTS: [&str; 3] = [
    "POST /api/authentication/login",
    "POST /api/v2/Facematch/faces/match2d-2d",
    "GET /api/v2/Facematch/faces/match2d-2d/7f0c5be0-2c38-4fd5-9f0e-0f6a8f0f3c11",
];
