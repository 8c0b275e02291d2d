// Four streams of random numbers where there is no SIMD: `quartet-simd.ts` with one stream after the other.

/**
 * n draws of each of four streams (xoshiro128**) for the ziggurat method: 64 bits give a layer and a signed 53-bit number,
 * which is scaled by the layer's width.
 *
 * @param stride bytes from one stream's draws to the next one's
 * @param words the streams' states, four words each, advanced
 * @param layers for each of 256 layers the factor and the half-width of the layer above, inside which a draw is settled
 * @param unsettled where indices and layers of the other draws go, pairs of integers with place for four more
 * @returns how many there are
 */
export function drawQuartet(
  n: i32, stride: usize, words: usize, layers: usize, to: usize, unsettled: usize,
): i32 {
  let open = 0;
  for (let stream = 0; stream < 4; stream++) {
    let s0 = load<i32>(words);
    let s1 = load<i32>(words, 4);
    let s2 = load<i32>(words, 8);
    let s3 = load<i32>(words, 12);
    let draw = to;
    for (let k = 0; k < n; k++) {
      const high = rotl<i32>(5 * s1, 7) * 9;
      let shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = rotl<i32>(s3, 11);
      const low = rotl<i32>(5 * s1, 7) * 9;
      shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = rotl<i32>(s3, 11);
      const layer = high & 255;
      const row = layers + (<usize>layer << 4);
      const x = (<f64>(high >> 10) * 4294967296 + <f64>(<u32>low)) * load<f64>(row);
      store<f64>(draw, x);
      if (abs(x) >= load<f64>(row, 8)) {
        const at = unsettled + (<usize>open << 3);
        store<i32>(at, stream * <i32>(stride >> 3) + k);
        store<i32>(at, layer, 4);
        open += 1;
      }
      draw += 8;
    }
    store<i32>(words, s0);
    store<i32>(words, s1, 4);
    store<i32>(words, s2, 8);
    store<i32>(words, s3, 12);
    words += 16;
    to += stride;
  }
  return open;
}
