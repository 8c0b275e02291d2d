/** Scores of 0 .. n-1 of which few change at a time, and whose largest are needed. */
export interface ScoreHeap {
  /** Sets every score anew; O(n). */
  rebuild(scores: (i: number) => number): void;
  /** Changes one score; O(log n). */
  update(i: number, score: number): void;
  /**
   * The places of the `count` largest scores, ascending; of equal ones the lowest places. O(count log n). The result is
   * overwritten by the next call.
   */
  largest(count: number): Int32Array;
}

/** A binary heap with the position of each score. */
export function scoreHeap(n: number, capacity: number): ScoreHeap {
  const scores = new Float64Array(n);
  const heap = new Int32Array(n);
  const position = new Int32Array(n);
  const taken = new Int32Array(capacity);
  let size = n;

  const before = (a: number, b: number) => scores[a] > scores[b] || (scores[a] === scores[b] && a < b);

  function put(at: number, i: number): void {
    heap[at] = i;
    position[i] = at;
  }

  function rise(from: number): void {
    const i = heap[from];
    let hole = from;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      if (!before(i, heap[above])) break;
      put(hole, heap[above]);
      hole = above;
    }
    put(hole, i);
  }

  function sink(from: number): void {
    const i = heap[from];
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1], heap[child])) child += 1;
      if (!before(heap[child], i)) break;
      put(hole, heap[child]);
      hole = child;
    }
    put(hole, i);
  }

  return {
    rebuild(scoreOf) {
      size = n;
      for (let i = 0; i < n; i++) {
        scores[i] = scoreOf(i);
        put(i, i);
      }
      for (let at = (n >> 1) - 1; at >= 0; at--) sink(at);
    },
    update(i, score) {
      scores[i] = score;
      rise(position[i]);
      sink(position[i]);
    },
    largest(count) {
      for (let c = 0; c < count; c++) {
        taken[c] = heap[0];
        size -= 1;
        if (size === 0) continue;
        put(0, heap[size]);
        sink(0);
      }
      for (let c = 0; c < count; c++) {
        put(size, taken[c]);
        size += 1;
        rise(size - 1);
      }
      return taken.subarray(0, count).sort();
    },
  };
}
