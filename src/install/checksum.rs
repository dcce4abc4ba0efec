//! Hashes of packages: what is locked, and what a `checksum` in an address asks for.

use super::fetch::FetchError;
use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// `sha256:` and the hash of a file.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    Ok(format!("sha256:{}", hash::<Sha256>(path)?))
}

/// Holds a file against a checksum: `TYPE:HASH`, or a hash alone whose length tells its type.
pub(super) fn check(path: &Path, wanted: Option<&str>) -> Result<(), FetchError> {
    let Some(wanted) = wanted else { return Ok(()) };
    let (kind, value) = wanted.split_once(':').unwrap_or_else(|| {
        let kind = match wanted.len() {
            32 => "md5",
            40 => "sha1",
            64 => "sha256",
            128 => "sha512",
            _ => "",
        };
        (kind, wanted)
    });
    let found = match kind {
        "md5" => hash::<Md5>(path)?,
        "sha1" => hash::<Sha1>(path)?,
        "sha256" => hash::<Sha256>(path)?,
        "sha512" => hash::<Sha512>(path)?,
        _ => return Err(FetchError::Address(format!("checksums are md5:, sha1:, sha256: or sha512:, and {wanted:?} is none of them"))),
    };
    if found.eq_ignore_ascii_case(value) {
        return Ok(());
    }
    Err(FetchError::Changed(format!("Checksums did not match. Expected: {value} Got: {found}")))
}

fn hash<D: Digest>(path: &Path) -> io::Result<String> {
    let (mut file, mut hasher, mut buffer) = (File::open(path)?, D::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        }
    }
    Ok(hasher.finalize().iter().map(|b| format!("{b:02x}")).collect())
}
