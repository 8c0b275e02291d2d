/**
 * One step of xoshiro128** 1.1: advances the four words in place and returns 32 bits, period 2^128 - 1.
 *
 *     output rotl(5 s1, 7) * 9,  then the linear update of Blackman & Vigna     (mod 2^32)
 *
 * Source: Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4).
 *
 * @param words four words, not all zero
 * @returns an integer in [0, 2^32)
 */
export function xoshiro128StarStar(words: Int32Array): number {
  const s1 = words[1];
  const scrambled = Math.imul(s1, 5);
  const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
  const s2 = words[2] ^ words[0];
  const s3 = words[3] ^ s1;
  words[1] = s1 ^ s2;
  words[0] ^= s3;
  words[2] = s2 ^ (s1 << 9);
  words[3] = (s3 << 11) | (s3 >>> 21);
  return result >>> 0;
}
