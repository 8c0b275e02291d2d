// Four streams of random numbers side by side, a lane each. `quartet-scalar.ts` does the same one stream after the other.

/** The word at this place of each stream. */
@inline
function loadWords(words: usize, place: usize): v128 {
  const from = words + place;
  return i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(i32x4.splat(load<i32>(from)), 1, load<i32>(from, 16)), 2, load<i32>(from, 32),
    ), 3, load<i32>(from, 48),
  );
}

@inline
function storeWords(words: usize, place: usize, x: v128): void {
  const to = words + place;
  store<i32>(to, i32x4.extract_lane(x, 0));
  store<i32>(to, i32x4.extract_lane(x, 1), 16);
  store<i32>(to, i32x4.extract_lane(x, 2), 32);
  store<i32>(to, i32x4.extract_lane(x, 3), 48);
}

/** 9 rotl(5 s, 7). */
@inline
function scrambled(s: v128): v128 {
  const five = i32x4.add(i32x4.shl(s, 2), s);
  const turned = v128.or(i32x4.shl(five, 7), i32x4.shr_u(five, 25));
  return i32x4.add(i32x4.shl(turned, 3), turned);
}

/** 2^32 h + l, h signed and l not, of the two lower lanes. */
@inline
function joined(h: v128, l: v128): v128 {
  return f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_s(h), f64x2.splat(4294967296)), f64x2.convert_low_i32x4_u(l),
  );
}

/** Keeps the places and layers of draws that do not lie inside the layer above; how many there are now. */
@inline
function keepOpen(outside: i32, shift: i32, offset: i32, layer: i32, unsettled: usize, count: i32): i32 {
  const at = unsettled + (<usize>count << 3);
  store<i32>(at, offset);
  store<i32>(at, layer >> 4, 4);
  return count + ((outside >> shift) & 1);
}

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
  let s0 = loadWords(words, 0);
  let s1 = loadWords(words, 4);
  let s2 = loadWords(words, 8);
  let s3 = loadWords(words, 12);
  const step = <i32>(stride >> 3);
  let open = 0;
  for (let k = 0; k < n; k++) {
    const high = scrambled(s1);
    let shifted = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, shifted);
    s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));
    const low = scrambled(s1);
    shifted = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, shifted);
    s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));
    const layer = v128.and(i32x4.shl(high, 4), i32x4.splat(4080));
    const l0 = i32x4.extract_lane(layer, 0);
    const l1 = i32x4.extract_lane(layer, 1);
    const l2 = i32x4.extract_lane(layer, 2);
    const l3 = i32x4.extract_lane(layer, 3);
    const of0 = v128.load(layers + l0);
    const of1 = v128.load(layers + l1);
    const of2 = v128.load(layers + l2);
    const of3 = v128.load(layers + l3);
    const h = i32x4.shr_s(high, 10);
    const x01 = f64x2.mul(joined(h, low), i64x2.shuffle(of0, of1, 0, 2));
    const x23 = f64x2.mul(
      joined(i64x2.shuffle(h, h, 1, 1), i64x2.shuffle(low, low, 1, 1)), i64x2.shuffle(of2, of3, 0, 2),
    );
    store<f64>(to, f64x2.extract_lane(x01, 0));
    store<f64>(to + stride, f64x2.extract_lane(x01, 1));
    store<f64>(to + 2 * stride, f64x2.extract_lane(x23, 0));
    store<f64>(to + 3 * stride, f64x2.extract_lane(x23, 1));
    const out01 = f64x2.ge(f64x2.abs(x01), i64x2.shuffle(of0, of1, 1, 3));
    const out23 = f64x2.ge(f64x2.abs(x23), i64x2.shuffle(of2, of3, 1, 3));
    if (v128.any_true(v128.or(out01, out23))) {
      const outside = i64x2.bitmask(out01) | (i64x2.bitmask(out23) << 2);
      open = keepOpen(outside, 0, k, l0, unsettled, open);
      open = keepOpen(outside, 1, k + step, l1, unsettled, open);
      open = keepOpen(outside, 2, k + 2 * step, l2, unsettled, open);
      open = keepOpen(outside, 3, k + 3 * step, l3, unsettled, open);
    }
    to += 8;
  }
  storeWords(words, 0, s0);
  storeWords(words, 4, s1);
  storeWords(words, 8, s2);
  storeWords(words, 12, s3);
  return open;
}
