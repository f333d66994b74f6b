//! Raw DEFLATE (RFC 1951) with Huffman codes and without matches.
//!
//! Browsers unpack DEFLATE by themselves. Looking for matches in a few kilobytes of prose would make the texts a fifth
//! smaller and take five times as long, which would be half of the time that the whole index takes.

/// The end of a block.
const END: usize = 256;

/// Packs some bytes.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    // In two tables, as the same byte twice would wait for itself.
    let (mut counts, mut others) = ([0u32; END + 1], [0u32; END + 1]);
    for pair in bytes.chunks(2) {
        counts[usize::from(pair[0])] += 1;
        others[pair.get(1).map_or(END, |&byte| usize::from(byte))] += 1;
    }
    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
    counts[END] = 1;
    let lengths = code_lengths(&counts, 15);
    let codes = codes(&lengths);
    let mut out = Vec::with_capacity(bytes.len() * 2 / 3 + 128);
    let mut bits = header(&lengths, &mut out);
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        let ((one, length), (two, other)) = (codes[usize::from(pair[0])], codes[usize::from(pair[1])]);
        // Two codes have at most thirty bits.
        bits.push(one | two << length, length + other, &mut out);
    }
    let last = pairs.remainder().iter().map(|&byte| usize::from(byte));
    for symbol in last.chain([END]) {
        let (code, length) = codes[symbol];
        bits.push(code, length, &mut out);
    }
    bits.finish(&mut out);
    out
}

/// Writes the beginning of the last block, which says how long its codes are.
fn header(lengths: &[u8], out: &mut Vec<u8>) -> Bits {
    let mut bits = Bits::default();
    bits.push(0b101, 3, out);
    // One code for distances, which no byte uses.
    let symbols = runs(lengths.iter().copied().chain([0]));
    let mut counts = [0u32; 19];
    for &(symbol, _, _) in &symbols {
        counts[usize::from(symbol)] += 1;
    }
    let own_lengths = code_lengths(&counts, 7);
    let own_codes = codes(&own_lengths);
    /// The order in which the lengths of these codes stand (RFC 1951, section 3.2.7).
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let shown = 1 + ORDER.iter().rposition(|&symbol| own_lengths[symbol] > 0).unwrap_or(3).max(3);
    bits.push(lengths.len() as u32 - 257, 5, out);
    bits.push(0, 5, out);
    bits.push(shown as u32 - 4, 4, out);
    for &symbol in &ORDER[..shown] {
        bits.push(own_lengths[symbol].into(), 3, out);
    }
    for (symbol, extra, extra_bits) in symbols {
        let (code, length) = own_codes[usize::from(symbol)];
        bits.push(code, length, out);
        bits.push(extra, extra_bits, out);
    }
    bits
}

/// The symbols that say a list of lengths: symbol, extra value, and how many bits that has.
fn runs(lengths: impl Iterator<Item = u8>) -> Vec<(u8, u32, u32)> {
    let mut symbols = Vec::new();
    let mut lengths = lengths.peekable();
    while let Some(length) = lengths.next() {
        let most = if length == 0 { 138 } else { 7 };
        let mut times = 1;
        while times < most && lengths.next_if_eq(&length).is_some() {
            times += 1;
        }
        match (length, times) {
            (0, 11..) => symbols.push((18, times - 11, 7)),
            (0, 3..) => symbols.push((17, times - 3, 3)),
            (_, 4..) if length > 0 => symbols.extend([(length, 0, 0), (16, times - 4, 2)]),
            _ => symbols.extend(std::iter::repeat_n((length, 0, 0), times as usize)),
        }
    }
    symbols
}

/// How long the code of each symbol is; 0 for those that do not occur. At least two symbols get a code, as some readers
/// want it.
fn code_lengths(counts: &[u32], longest: u8) -> Vec<u8> {
    let mut counts = counts.to_vec();
    for symbol in 0..counts.len() {
        if counts.iter().filter(|&&count| count > 0).count() >= 2 {
            break;
        }
        counts[symbol] = counts[symbol].max(1);
    }
    loop {
        let lengths = huffman(&counts);
        if lengths.iter().all(|&length| length <= longest) {
            return lengths;
        }
        // Flatter counts make shorter codes, until all are the same.
        for count in &mut counts {
            *count = count.div_ceil(2);
        }
    }
}

/// Huffman's algorithm with two queues: of symbols by their counts, and of the pairs made so far.
fn huffman(counts: &[u32]) -> Vec<u8> {
    let mut leaves: Vec<(u32, usize)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(symbol, count)| (*count, symbol)).collect();
    leaves.sort_unstable();
    let mut pairs: Vec<(u32, [Node; 2])> = Vec::with_capacity(leaves.len());
    let (mut leaf, mut pair) = (0, 0);
    while leaves.len() - leaf + pairs.len() - pair > 1 {
        let mut take = || match (leaves.get(leaf), pairs.get(pair)) {
            (Some(&(count, symbol)), other) if other.is_none_or(|other| count <= other.0) => {
                leaf += 1;
                (count, Node::Leaf(symbol))
            }
            (_, other) => {
                pair += 1;
                (other.map_or(0, |other| other.0), Node::Pair(pair - 1))
            }
        };
        let (first, second) = (take(), take());
        pairs.push((first.0 + second.0, [first.1, second.1]));
    }
    let mut lengths = vec![0; counts.len()];
    let mut depths = vec![0u8; pairs.len()];
    for index in (0..pairs.len()).rev() {
        let depth = depths[index].saturating_add(1);
        for node in pairs[index].1 {
            match node {
                Node::Leaf(symbol) => lengths[symbol] = depth,
                Node::Pair(below) => depths[below] = depth,
            }
        }
    }
    lengths
}

#[derive(Clone, Copy)]
enum Node {
    Leaf(usize),
    Pair(usize),
}

/// The codes of some lengths (RFC 1951, section 3.2.2), with the bits in the order in which they are written.
fn codes(lengths: &[u8]) -> Vec<(u32, u32)> {
    let mut next = [0u32; 17];
    for &length in lengths.iter().filter(|&&length| length > 0) {
        next[usize::from(length) + 1] += 1;
    }
    for length in 1..16 {
        next[length + 1] = (next[length] + next[length + 1]) << 1;
    }
    let code = |&length: &u8| {
        if length == 0 {
            return (0, 0);
        }
        let code = next[usize::from(length)];
        next[usize::from(length)] += 1;
        (code.reverse_bits() >> (32 - u32::from(length)), u32::from(length))
    };
    lengths.iter().map(code).collect()
}

/// Bits that do not fill four bytes yet, the lowest of each byte first. What is full goes to an output that is not part of
/// them, so that a loop can hold them in registers.
#[derive(Clone, Copy, Default)]
struct Bits {
    held: u64,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32, out: &mut Vec<u8>) {
        self.held |= u64::from(value) << self.count;
        self.count += count;
        if self.count >= 32 {
            out.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    fn finish(self, out: &mut Vec<u8>) {
        let rest = self.count.div_ceil(8) as usize;
        out.extend_from_slice(&self.held.to_le_bytes()[..rest]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(bytes: Vec<u8>, times in 1..400usize) {
            for bytes in [bytes.clone(), bytes.repeat(times)] {
                prop_assert_eq!(miniz_oxide::inflate::decompress_to_vec(&deflate(&bytes)).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn counts_that_make_long_codes_are_packed() {
        // Like Fibonacci's numbers, which would make codes longer than a block may have.
        let (mut bytes, mut a, mut b) = (Vec::new(), 1usize, 1usize);
        for byte in 0..24 {
            bytes.extend(std::iter::repeat_n(byte, a));
            (a, b) = (b, a + b);
        }
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(&deflate(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn prose_becomes_smaller() {
        let prose = "It is good to rub and polish our brain against that of others. ".repeat(20);
        assert!(deflate(prose.as_bytes()).len() < prose.len() * 6 / 10);
    }
}
