//! A program that sends by itself: here into a list of answers, elsewhere through a proxy or a recorder.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use clearsale_facematch::kyc_core::{Body, TransportErrorKind, Transport, TransportError};

/// Gives each request the next answer and keeps what was asked.
#[derive(Debug, Default)]
pub struct Canned {
    answers: Mutex<VecDeque<(u16, &'static str)>>,
    requests: Mutex<Vec<String>>,
}

impl Canned {
    pub fn new(answers: Vec<(u16, &'static str)>) -> Self {
        Self { answers: Mutex::new(answers.into()), requests: Mutex::default() }
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic under it").clone()
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(
        &self,
        request: http::Request<Body>,
        _max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let asked = format!("{} {}", request.method(), request.uri().path());
        self.requests.lock().expect("no panic under it").push(asked);
        let next = self.answers.lock().expect("no panic under it").pop_front();
        let (status, body) = next.ok_or_else(|| TransportError::new(TransportErrorKind::Connect, "no answer is left"))?;
        let mut response = http::Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        Ok(response)
    }
}
