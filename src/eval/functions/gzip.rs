//! A text as a gzip file, the bytes that Terraform's `base64gzip` makes.
//!
//! Several packings unpack to the same text. Objects that were made with one of them would be changed if another came out,
//! so every decision here is the one that Go's `compress/gzip` takes at its default level. RFC 1951 and RFC 1952 have the
//! formats.

use bits::Bits;

mod bits;
mod block;
mod code;
mod repetitions;
#[cfg(test)]
mod tests;

/// No flags, no name, no time, no hint on the level; 255 is a system that is not told.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Packs a text. The same text always gives the same bytes.
pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = Bits::after(HEADER.to_vec());
    repetitions::each_block(text, |symbols, covered| block::write(&mut out, symbols, covered));
    // Terraform flushes before it closes: an empty block for either.
    block::write_stored(&mut out, &[], false);
    block::write_stored(&mut out, &[], true);
    let mut file = out.into_bytes();
    let mut checksum = flate2::Crc::new();
    checksum.update(text);
    file.extend(checksum.sum().to_le_bytes());
    file.extend(checksum.amount().to_le_bytes());
    file
}
