const DIGIT = 11;
const BUCKETS = 1 << DIGIT;
const PASSES = 6;

/** Puts places in descending order of their scores, in time linear in their number. */
export interface DescendingOrder {
  /**
   * The places of the nonnegative scores by descending score, equal ones by place; the others are left out. The result
   * is overwritten by the next call.
   */
  sort(scores: Float64Array): Int32Array;
}

/**
 * A radix sort over the bits of nonnegative float64 numbers, which order as the numbers do. A comparison sort would take
 * most of the time of a greedy forest.
 */
export function descendingOrder(capacity: number): DescendingOrder {
  const high = new Uint32Array(capacity);
  const low = new Uint32Array(capacity);
  let from = new Int32Array(capacity);
  let to = new Int32Array(capacity);
  const counts = new Int32Array(BUCKETS);
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  const highWord = new Uint8Array(Uint32Array.of(1).buffer)[0]; // 1 where the low word comes first

  return {
    sort(scores) {
      let size = 0;
      for (let i = 0; i < scores.length; i++) {
        if (!(scores[i] >= 0)) continue;
        number[0] = scores[i] + 0; // -0 becomes 0
        high[i] = words[highWord];
        low[i] = words[1 - highWord];
        from[size++] = i;
      }
      // three digits of 11, 11 and 10 bits of the low word, then those of the high word
      for (let pass = 0; pass < PASSES; pass++) {
        const word = pass < PASSES / 2 ? low : high;
        const shift = (pass % (PASSES / 2)) * DIGIT;
        counts.fill(0);
        for (let p = 0; p < size; p++) counts[(word[from[p]] >>> shift) & (BUCKETS - 1)] += 1;
        if (size > 0 && counts[(word[from[0]] >>> shift) & (BUCKETS - 1)] === size) continue;
        let start = 0;
        for (let d = BUCKETS - 1; d >= 0; d--) {
          const count = counts[d];
          counts[d] = start;
          start += count;
        }
        for (let p = 0; p < size; p++) {
          const i = from[p];
          to[counts[(word[i] >>> shift) & (BUCKETS - 1)]++] = i;
        }
        [from, to] = [to, from];
      }
      return from.subarray(0, size);
    },
  };
}
