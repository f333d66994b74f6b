// Finds the number that answers a challenge of the reply form: proof of work instead of a captcha.
//
// It works in slices of a few milliseconds, so that the page stays as quick as it was. It has a SHA-256 (FIPS 180-4) of
// its own, because the browser's answers each hash with a promise, which takes far longer than the hash, and is not there
// on pages without encryption.

// How long one slice is, in milliseconds: less than a frame.
const SLICE = 8;
// So many numbers are tried between two looks at the clock.
const STRIDE = 64;

// The first 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3).
const primes = [];
for (let number = 2; primes.length < 64; number += 1) {
    if (primes.every((prime) => number % prime)) primes.push(number);
}
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const W = new Int32Array(64);

// Works a block of 64 bytes into a state of eight words.
function compress(state, bytes, at) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
    for (let i = 0; i < 16; i += 1) W[i] = view.getInt32(i * 4);
    for (let i = 16; i < 64; i += 1) {
        const x = W[i - 15];
        const y = W[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
}

// How many zero bits the hash of some bytes begins with.
function zeros(bytes, length) {
    // Padded to whole blocks: a bit, zeros, and the length in bits (FIPS 180-4, 5.1.1).
    const padded = new Uint8Array((Math.floor((length + 8) / 64) + 1) * 64);
    padded.set(bytes.subarray(0, length));
    padded[length] = 0x80;
    new DataView(padded.buffer).setUint32(padded.length - 4, length * 8);
    const state = START.slice();
    for (let at = 0; at < padded.length; at += 64) compress(state, padded, at);
    let count = 0;
    for (const word of state) {
        count += Math.clz32(word);
        if (word) break;
    }
    return count;
}

const encoder = new TextEncoder();

// Whether a number answers a challenge: whether sha256(challenge || nonce) begins with so many zero bits.
export function answers(challenge, nonce, bits) {
    if (!/^[0-9]{1,20}$/.test(nonce)) return false;
    const bytes = encoder.encode(challenge + nonce);
    return zeros(bytes, bytes.length) >= bits;
}

// Lets the page do what it has to.
function pause() {
    return new Promise((resolve) => setTimeout(resolve));
}

// A promise of the least number, as text, that answers a challenge; of null if an AbortSignal ends the search before.
export async function solve(challenge, bits, signal) {
    const bytes = encoder.encode(challenge + " ".repeat(20));
    const start = bytes.length - 20;
    for (let number = 0, until = performance.now() + SLICE; ; ) {
        for (const end = number + STRIDE; number < end; number += 1) {
            const nonce = String(number);
            for (let i = 0; i < nonce.length; i += 1) bytes[start + i] = nonce.charCodeAt(i);
            if (zeros(bytes, start + nonce.length) >= bits) return nonce;
        }
        if (performance.now() >= until) {
            await pause();
            until = performance.now() + SLICE;
        }
        if (signal?.aborted) return null;
    }
}
