//! A program with a transport of its own: here a list of responses, elsewhere a proxy or a recorder.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use clearsale_facematch::kyc_core::{Body, Transport, TransportError, TransportErrorKind};

/// Answers each request with the next response and records the requests.
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
        self.requests.lock().expect("the lock is not poisoned").clone()
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
        self.requests.lock().expect("the lock is not poisoned").push(asked);
        let next = self.answers.lock().expect("the lock is not poisoned").pop_front();
        let (status, body) =
            next.ok_or_else(|| TransportError::new(TransportErrorKind::Connect, "no response is left"))?;
        let mut response = http::Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        Ok(response)
    }
}
