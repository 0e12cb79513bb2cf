// SPDX-License-Identifier: Apache-2.0

//! The witness: a small file beside the store that says what has been written to it.

use crate::marks::Stamp;
use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Where the witness of a store is kept.
pub(crate) trait Witness: fmt::Debug + Send + Sync {
    /// What it has seen; nothing if it is missing or cannot be understood.
    fn read(&mut self) -> io::Result<Option<Stamp>>;

    /// Writes over what it has seen before. `durably`: waits for the disk. Without it the write may
    /// be lost with the machine's power, and the witness then knows less than it could.
    fn write(&mut self, stamp: &Stamp, durably: bool) -> io::Result<()>;
}

const MAGIC: &[u8; 8] = b"mlrcwit1";
const BYTES: usize = 64;

/// A witness in a file of 64 bytes, which is written in place: less than any disk's sector.
#[derive(Debug)]
pub(crate) struct FileWitness(File);

impl FileWitness {
    /// Opens the file, or makes an empty one, in which the witness is missing.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        crate::files::only_for_owner(&mut options);
        Ok(Self(options.open(path)?))
    }
}

impl Witness for FileWitness {
    fn read(&mut self) -> io::Result<Option<Stamp>> {
        let mut bytes = Vec::new();
        self.0.seek(SeekFrom::Start(0))?;
        (&self.0).take(BYTES as u64).read_to_end(&mut bytes)?;
        Ok(decode(&bytes))
    }

    fn write(&mut self, stamp: &Stamp, durably: bool) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(&encode(stamp))?;
        match durably {
            true => self.0.sync_all(),
            false => Ok(()),
        }
    }
}

/// `magic (8) ++ instance (16) ++ run (16) ++ sequence (8, little-endian) ++ disk failed (1) ++
/// zeros (7) ++ checksum (8)`.
fn encode(stamp: &Stamp) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let content: Vec<u8> = [
        MAGIC.as_slice(),
        &stamp.instance,
        &stamp.run,
        &stamp.sequence.to_le_bytes(),
        &[u8::from(stamp.disk_failed)],
    ]
    .concat();
    for (to, from) in bytes.iter_mut().zip(content) {
        *to = from;
    }
    let sum = checksum(&bytes).to_le_bytes();
    for (to, from) in bytes.iter_mut().skip(BYTES - sum.len()).zip(sum) {
        *to = from;
    }
    bytes
}

fn decode(bytes: &[u8]) -> Option<Stamp> {
    let (content, sum) = bytes.split_at_checked(BYTES - 8)?;
    let (magic, rest) = content.split_first_chunk::<8>()?;
    let (instance, rest) = rest.split_first_chunk::<16>()?;
    let (run, rest) = rest.split_first_chunk::<16>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let disk_failed = *rest.first()? == 1;
    let is_whole = magic == MAGIC && sum == checksum(bytes).to_le_bytes();
    is_whole.then_some(Stamp {
        instance: *instance,
        run: *run,
        sequence: u64::from_le_bytes(*sequence),
        disk_failed,
    })
}

/// FNV-1a over everything before the checksum. It guards against a torn write, not against people:
/// whoever can write this file can write the store's, too.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().take(BYTES - 8).fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_reads_what_was_written_and_nothing_else() {
        let stamp = Stamp { instance: [1; 16], run: [2; 16], sequence: 1 << 40, disk_failed: true };
        let bytes = encode(&stamp);
        assert_eq!(decode(&bytes), Some(stamp));
        for position in 0..BYTES {
            let mut damaged = bytes;
            damaged[position] ^= 1;
            assert_eq!(decode(&damaged), None, "a change of byte {position} shows");
        }
        for length in 0..BYTES {
            assert_eq!(decode(&bytes[..length]), None);
        }
    }
}
