//! Bits to bytes, the lowest bit of a byte first.

/// Bytes that grow by bits.
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// What does not fill a byte yet, in the lowest `held` bits.
    pending: u64,
    held: u32,
}

impl Bits {
    /// Goes on behind whole bytes.
    pub(super) fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: 0, held: 0 }
    }

    /// Appends the lowest `count` bits of `value`, which has no others. At most 32 at a time.
    pub(super) fn push(&mut self, value: u32, count: u32) {
        debug_assert!(count <= 32 && u64::from(value) < 1 << count, "{value} in {count} bits");
        self.pending |= u64::from(value) << self.held;
        self.held += count;
        while self.held >= 8 {
            self.take_byte();
            self.held -= 8;
        }
    }

    /// Fills up the last byte with zeros.
    pub(super) fn align(&mut self) {
        if self.held > 0 {
            self.take_byte();
            self.held = 0;
        }
    }

    /// Appends whole bytes, on a byte's boundary.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.align();
        self.bytes.extend(bytes);
    }

    /// All bytes, the last one filled up.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }

    fn take_byte(&mut self) {
        let [lowest, ..] = self.pending.to_le_bytes();
        self.bytes.push(lowest);
        self.pending >>= 8;
    }
}
