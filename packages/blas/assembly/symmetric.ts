// What comes before and after the reduction of a symmetric matrix.

/** Rows and columns of a block that stays in cache with its transpose. */
const BLOCK: i32 = 16;

/** max |a_ij| of the lower triangle, infinite where one is not finite. */
export function largestEntry(n: i32, a: usize, row: usize): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) {
    const end = a + (<usize>(i + 1) << 3);
    for (let at = a; at < end; at += 8) {
      const size = Math.abs(load<f64>(at));
      if (!(size <= largest)) largest = size == size ? size : Infinity;
    }
    a += row;
  }
  return largest;
}

/** Makes the upper triangle's mirror the lower one. */
export function mirrorUpper(n: i32, a: usize, row: usize): void {
  for (let i = 0; i < n; i += BLOCK)
    for (let j = 0; j <= i; j += BLOCK) {
      const rows = min(i + BLOCK, n);
      for (let r = i; r < rows; r++) {
        const columns = min(j + BLOCK, r);
        for (let c = j; c < columns; c++)
          store<f64>(a + <usize>r * row + (<usize>c << 3), load<f64>(a + <usize>c * row + (<usize>r << 3)));
      }
    }
}

/**
 * Column j of `to` becomes row order_(n-1-j) of `from`.
 *
 * @param order i32 numbers
 */
export function transposeInOrder(n: i32, from: usize, order: usize, to: usize): void {
  const row = <usize>n << 3;
  for (let j = 0; j < n; j += BLOCK) {
    const columns = min(BLOCK, n - j);
    for (let i = 0; i < n; i += BLOCK) {
      const rows = min(BLOCK, n - i);
      for (let c = 0; c < columns; c++) {
        const source = load<i32>(order + (<usize>(n - 1 - (j + c)) << 2));
        let read = from + <usize>source * row + (<usize>i << 3);
        let write = to + <usize>i * row + (<usize>(j + c) << 3);
        for (let r = 0; r < rows; r++) {
          store<f64>(write, load<f64>(read));
          read += 8;
          write += row;
        }
      }
    }
  }
}
