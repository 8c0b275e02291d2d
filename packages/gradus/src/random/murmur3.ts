const MULTIPLIERS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const ADDENDS = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];
const BLOCK = 16;

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function finalMix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function scrambleLane(word: number, lane: number): number {
  const k = rotateLeft(Math.imul(word, MULTIPLIERS[lane]), 15 + lane);
  return Math.imul(k, MULTIPLIERS[(lane + 1) % 4]);
}

function addAcross(h: Int32Array): void {
  h[0] += h[1] + h[2] + h[3];
  for (let lane = 1; lane < 4; lane++) h[lane] += h[0];
}

/**
 * MurmurHash3 x86_128: a 128-bit hash of a byte string whose four lanes start from a key; the published function
 * starts all four from one seed.
 *
 * Source: Appleby 2011, MurmurHash3 (public domain), variant x86_128.
 *
 * @param key four 32-bit words
 * @returns four 32-bit words
 */
export function murmur3(bytes: Uint8Array, key: Int32Array): Int32Array {
  const h = new Int32Array(key);
  const blocks = Math.floor(bytes.length / BLOCK);
  /** Four bytes from an index on, little-endian; 0 past the end. */
  const wordAt = (at: number) =>
    bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  for (let block = 0; block < blocks; block++) {
    for (let lane = 0; lane < 4; lane++) {
      h[lane] ^= scrambleLane(wordAt(block * BLOCK + lane * 4), lane);
      h[lane] = rotateLeft(h[lane], 19 - 2 * lane);
      h[lane] += h[(lane + 1) % 4];
      h[lane] = Math.imul(h[lane], 5) + ADDENDS[lane];
    }
  }
  for (let lane = 0; lane < 4; lane++) {
    h[lane] ^= scrambleLane(wordAt(blocks * BLOCK + lane * 4), lane) ^ bytes.length;
  }
  addAcross(h);
  for (let lane = 0; lane < 4; lane++) h[lane] = finalMix(h[lane]);
  addAcross(h);
  return h;
}
