const DIGIT = 11;
const BUCKETS = 1 << DIGIT;
const PASSES = 3;

/** Puts places in descending order of their scores, in time linear in their number. */
export interface DescendingOrder {
  /**
   * The places of the nonnegative scores by descending score, equal ones by place; the others are left out. The result
   * is overwritten by the next call.
   */
  sort(scores: Float64Array): Int32Array;
}

/**
 * A radix sort over the upper halves of nonnegative float64 numbers, whose bits order as the numbers do; the few places
 * that agree in 20 bits of the mantissa and differ further down are put in order by comparison. A comparison sort of
 * everything would take most of the time of a greedy forest.
 */
export function descendingOrder(capacity: number): DescendingOrder {
  let places = new Int32Array(capacity);
  let nextPlaces = new Int32Array(capacity);
  let keys = new Uint32Array(capacity);
  let nextKeys = new Uint32Array(capacity);
  const counts = new Int32Array(PASSES * BUCKETS);
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  const upper = new Uint8Array(Uint32Array.of(1).buffer)[0]; // 1 where the lower half comes first in memory

  /** One pass by a digit: keys move along with their places, so that memory is read in order. */
  function pass(size: number, digit: number): void {
    const shift = digit * DIGIT;
    const base = digit * BUCKETS;
    let start = 0;
    for (let d = base + BUCKETS - 1; d >= base; d--) {
      const count = counts[d];
      counts[d] = start;
      start += count;
    }
    for (let p = 0; p < size; p++) {
      const key = keys[p];
      const at = counts[base + ((key >>> shift) & (BUCKETS - 1))]++;
      nextKeys[at] = key;
      nextPlaces[at] = places[p];
    }
    [places, nextPlaces] = [nextPlaces, places];
    [keys, nextKeys] = [nextKeys, keys];
  }

  /** Orders every run of equal keys whose scores differ. */
  function settle(size: number, scores: Float64Array): void {
    for (let start = 0; start < size; ) {
      let end = start + 1;
      let differ = false;
      for (; end < size && keys[end] === keys[start]; end++)
        if (scores[places[end]] !== scores[places[start]]) differ = true;
      if (differ) places.subarray(start, end).sort((a, b) => scores[b] - scores[a] || a - b);
      start = end;
    }
  }

  return {
    sort(scores) {
      counts.fill(0);
      let size = 0;
      for (let i = 0; i < scores.length; i++) {
        if (!(scores[i] >= 0)) continue;
        number[0] = scores[i] + 0; // -0 becomes 0
        const key = words[upper];
        places[size] = i;
        keys[size++] = key;
        counts[key & (BUCKETS - 1)] += 1;
        counts[BUCKETS + ((key >>> DIGIT) & (BUCKETS - 1))] += 1;
        counts[2 * BUCKETS + (key >>> (2 * DIGIT))] += 1;
      }
      for (let digit = 0; digit < PASSES; digit++) pass(size, digit);
      settle(size, scores);
      return places.subarray(0, size);
    },
  };
}
