//! Raw DEFLATE (RFC 1951), which browsers unpack by themselves.

use std::cell::RefCell;

use libdeflater::{CompressionLvl, Compressor};

thread_local! {
    /// A compressor has large tables, so each thread keeps its own. Higher levels than the usual one take longer, and make
    /// files of prose hardly smaller.
    static COMPRESSOR: RefCell<Compressor> = RefCell::new(Compressor::new(CompressionLvl::default()));
}

/// Compresses some bytes.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        let mut packed = vec![0; compressor.deflate_compress_bound(bytes.len())];
        // There is always room for as many bytes as the bound says.
        let length = compressor.deflate_compress(bytes, &mut packed).unwrap_or_default();
        packed.truncate(length);
        packed
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn compressed_bytes_are_restored(bytes: Vec<u8>, times in 0..400usize) {
            let bytes = bytes.repeat(times);
            prop_assert_eq!(miniz_oxide::inflate::decompress_to_vec(&deflate(&bytes)).unwrap(), bytes);
        }
    }
}
