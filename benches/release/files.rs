//! The files that are uploaded and hashed.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use crate::MIB;

/// Lets the disk finish what the run before left to write, so that it is not counted again.
pub(crate) fn settle() {
    let _ = Command::new("sync").status();
}

/// Writes a file of pseudo-random bytes.
pub(crate) fn write_file(path: &Path, size: u64, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut block = vec![0u8; MIB as usize];
    for chunk in block.chunks_exact_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes());
    }
    let mut file = File::create(path).unwrap();
    for n in 0..size.div_ceil(MIB) {
        block[..8].copy_from_slice(&n.to_le_bytes());
        let bytes = (size - n * MIB).min(MIB) as usize;
        file.write_all(&block[..bytes]).unwrap();
    }
}

/// Writes a table of numbers, as a text.
pub(crate) fn write_text(path: &Path, size: u64, seed: u64) {
    let mut file = io::BufWriter::new(File::create(path).unwrap());
    let (mut state, mut left) = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, size as usize);
    while left > 0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (day, n) = (state % 28 + 1, state >> 40);
        let line = format!("{n},{:.6},control,2026-11-{day:02}\n", state as f64 / 1e16);
        let length = line.len().min(left);
        file.write_all(&line.as_bytes()[..length]).unwrap();
        left -= length;
    }
}
