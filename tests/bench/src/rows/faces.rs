//! A comparison of two photographs by the sandbox, against ONNX Runtime on the same weights.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certiface::kyc_core::{Clock as _, SystemClock};
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, on_one_thread};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "faces",
    method: "\
Two photographs of 722 × 899 and 689 × 900 pixels of two persons, from their bytes to the answer, on one core: 20 turns. *Ours* is Cellere's
face match of the sandbox with `look_at_pictures`, over HTTP, with another ending of the file in each turn, so that no verdict is
known. The reference is `tests/bench/peers/faces.py`: ONNX Runtime and OpenCV in Python on the same weights as 32-bit floats, with the same steps
(decode, find the face at 320 pixels, four glances at 160 and up to three looks at 320, align, embed, cosine); its figure is what it
measures itself, once it is warm. It runs where `python3`, or the program that `KYC_BENCH_PYTHON` names, has `numpy`, `onnx`,
`onnxruntime` and `opencv-python-headless`; elsewhere the row is left out.",
    rows: &[Row {
        what: "Comparison of two photographs by the sandbox: time, vs. ONNX Runtime",
        quantity: Quantity::Time,
        bound: Bound::Ratio(2.0),
    }],
    measure,
};

const TURNS: usize = 20;
const WARM_UP: usize = 3;
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn measure(_: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let Some(mut peer) = Peer::start() else { return Ok(Pairs::new()) };
        let folder = tempfile::tempdir()?;
        let pictures = [("one.jpg", samples::A_2025), ("other.jpg", samples::B_2022)];
        for (name, content) in pictures {
            fs::write(folder.path().join(name), content)?;
        }
        let sandbox = Sandbox::builder().look_at_pictures(true).start().await?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{}/facematch", sandbox.cellere_url());
        let mut pairs = Pairs::new();
        for turn in 0..WARM_UP + TURNS {
            let theirs = peer.compare(folder.path())?;
            let ending = turn.to_le_bytes();
            let [one, other] = pictures.map(|(_, content)| STANDARD.encode([content, &ending].concat()));
            let body = json!({ "image1": one, "image2": other }).to_string();
            let clock = SystemClock;
            let start = clock.elapsed();
            let response = client.post(&url).bearer_auth(Sandbox::CELLERE_TOKEN);
            let response = response.header("content-type", "application/json").body(body).send().await?;
            ensure!(
                response.headers().contains_key("x-sandbox-simulated"),
                "the pictures were not looked at"
            );
            let answer: Value = serde_json::from_slice(&response.bytes().await?)?;
            let ours = clock.elapsed().saturating_sub(start).as_secs_f64();
            ensure!(answer["result"] == false, "two persons match: {answer}");
            if turn >= WARM_UP {
                pairs.push([ours, theirs]);
            }
        }
        Ok(pairs)
    })
}

/// The program in Python, which ends with its input.
struct Peer {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Peer {
    /// `None` if there is no Python, or not with these packages.
    fn start() -> Option<Self> {
        let python = std::env::var_os("KYC_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
        let mut process = Command::new(python)
            .arg(format!("{ROOT}/tests/bench/peers/faces.py"))
            .arg(format!("{ROOT}/crates/kyc-face/weights/yunet.safetensors"))
            .arg(format!("{ROOT}/crates/kyc-sandbox/weights/sface.safetensors"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (input, output) = (process.stdin.take()?, process.stdout.take()?);
        let mut peer = Self { process, input, output: BufReader::new(output) };
        (peer.line().ok()? == "ready").then_some(peer)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Returns the seconds of a comparison.
    fn compare(&mut self, folder: &Path) -> Result<f64> {
        let (one, other) = (folder.join("one.jpg"), folder.join("other.jpg"));
        writeln!(self.input, "{}\t{}", one.display(), other.display())?;
        let line = self.line()?;
        let (seconds, cosine) = line.split_once(' ').context("the peer has ended")?;
        ensure!(cosine.parse::<f64>()? < 0.3, "two persons match: {cosine}");
        Ok(seconds.parse()?)
    }
}
