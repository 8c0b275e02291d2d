/** Finds the places of the largest of many numbers. */
export interface LargestFinder {
  /**
   * The places of the `count` largest numbers, ascending; of equal ones the lowest places. Places with -Infinity are
   * never taken. The result is overwritten by the next call.
   */
  find(numbers: Float64Array, count: number): Int32Array;
}

/** A finder with memory for at most `capacity` places: one pass over the numbers past a heap of the best so far. */
export function largestFinder(capacity: number): LargestFinder {
  const heap = new Int32Array(capacity);

  /** True when place a is to be given up before place b. */
  const worse = (numbers: Float64Array, a: number, b: number) =>
    numbers[a] < numbers[b] || (numbers[a] === numbers[b] && a > b);

  function sink(numbers: Float64Array, size: number, from: number): void {
    const item = heap[from];
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && worse(numbers, heap[child + 1], heap[child])) child += 1;
      if (!worse(numbers, heap[child], item)) break;
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = item;
  }

  return {
    find(numbers, count) {
      let size = 0;
      let i = 0;
      for (; i < numbers.length && size < count; i++)
        if (numbers[i] > Number.NEGATIVE_INFINITY) heap[size++] = i;
      for (let k = (size >> 1) - 1; k >= 0; k--) sink(numbers, size, k);
      if (size > 0) {
        let threshold = numbers[heap[0]];
        // a later place must be strictly larger than the worst: of equal ones the lowest stay
        for (; i < numbers.length; i++) {
          if (!(numbers[i] > threshold)) continue;
          heap[0] = i;
          sink(numbers, size, 0);
          threshold = numbers[heap[0]];
        }
      }
      return heap.subarray(0, size).sort();
    },
  };
}
