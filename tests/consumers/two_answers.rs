//! Two vendors on this machine, and the configuration of a program that uses both.

use std::sync::mpsc::Receiver;

use kyc_br::kyc_core::{FacePair, Media};

use crate::{answers, loopback};

/// Starts both vendors and writes a configuration with their addresses.
pub fn configured(name: &str) -> (std::path::PathBuf, [Receiver<String>; 2]) {
    let (clearsale, first) = loopback::serve(answers::a_match());
    let (cellere, second) = loopback::serve(vec![(200, r#"{"confiability": "97%", "result": "True"}"#)]);
    let text = format!(
        "[clearsale]\nclient_id = 'id'\nclient_secret = 'secret'\nbase_url = '{clearsale}'\n\
         [cellere]\ntoken = 'token'\nbase_url = '{cellere}'\n"
    );
    let file = std::env::temp_dir().join(format!("{name}-{}.toml", std::process::id()));
    std::fs::write(&file, text).expect("written");
    (file, [first, second])
}

/// Two complete PNGs of 150 × 200 pixels without content.
pub fn pair() -> FacePair {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x96\0\0\0\xc8\x08\x02".to_vec();
    bytes.extend([0; 7]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    let picture = Media::new(bytes).expect("a PNG");
    FacePair::new(picture.clone(), picture)
}
