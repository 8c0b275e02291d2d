const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;

/**
 * SplitMix64: expands a small seed into as many 64-bit words as a larger generator needs.
 *
 *     s <- s + 0x9e3779b97f4a7c15,  z = (s ^ s >> 30) 0xbf58476d1ce4e5b9,
 *     z <- (z ^ z >> 27) 0x94d049bb133111eb,  output z ^ z >> 31        (mod 2^64)
 *
 * Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"; constants of Vigna 2015.
 *
 * @returns a function that returns the next word at each call
 */
export function splitMix64(seed: bigint): () => bigint {
  let state = BigInt.asUintN(64, seed);
  return () => {
    state = BigInt.asUintN(64, state + GOLDEN_GAMMA);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
}
