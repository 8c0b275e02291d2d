// The Laplacian of the cells of a grid: q_k = diagonal_k d_k - the sum of d over the neighbors of cell k, of which there
// are two along each axis. Cells lie in a line with a cell between rows and a row between planes that is no cell: there,
// as in solid cells, the diagonal is negative and every vector is 0. Before the first and behind the last of `n` places
// there is room for a row (for a plane, where there are planes), of zeros too. `n` is a multiple of LANES.
import { add, LANES, loadVector, mul, selectNonnegative, splat, storeVector, sub, sumLanes, WIDTH, zero } from "./simd";

/** Places that are gone through at a time, so that the vectors of both passes stay in the fastest cache. */
const TILE: i32 = 1024;

/** q = A d on some places of a grid of rows, which lie `row` bytes apart; returns the sum of d q. */
export function rowRange(n: i32, diagonal: usize, d: usize, q: usize, row: usize): f64 {
  const end = d + (<usize>n << 3);
  let sum = zero();
  while (d < end) {
    const own = loadVector(d);
    const around = add(add(loadVector(d - 8), loadVector(d + 8)), add(loadVector(d - row), loadVector(d + row)));
    const center = loadVector(diagonal);
    const value = selectNonnegative(center, sub(mul(center, own), around), zero());
    storeVector(q, value);
    sum = add(sum, mul(own, value));
    d += WIDTH;
    q += WIDTH;
    diagonal += WIDTH;
  }
  return sumLanes(sum);
}

/** `rowRange` for a grid of planes, which lie `plane` bytes apart. */
export function planeRange(n: i32, diagonal: usize, d: usize, q: usize, row: usize, plane: usize): f64 {
  const end = d + (<usize>n << 3);
  let sum = zero();
  while (d < end) {
    const own = loadVector(d);
    const inPlane = add(add(loadVector(d - 8), loadVector(d + 8)), add(loadVector(d - row), loadVector(d + row)));
    const around = add(inPlane, add(loadVector(d - plane), loadVector(d + plane)));
    const center = loadVector(diagonal);
    const value = selectNonnegative(center, sub(mul(center, own), around), zero());
    storeVector(q, value);
    sum = add(sum, mul(own, value));
    d += WIDTH;
    q += WIDTH;
    diagonal += WIDTH;
  }
  return sumLanes(sum);
}

/** d = r + beta d on some places; returns the sum of d^2. */
export function turnRange(n: i32, beta: f64, r: usize, d: usize): f64 {
  const factor = splat(beta);
  const end = d + (<usize>n << 3);
  let sum = zero();
  while (d < end) {
    const value = add(loadVector(r), mul(factor, loadVector(d)));
    storeVector(d, value);
    sum = add(sum, mul(value, value));
    r += WIDTH;
    d += WIDTH;
  }
  return sumLanes(sum);
}

@inline
function rangeOf(n: i32, diagonal: usize, d: usize, q: usize, row: usize, plane: usize): f64 {
  return plane == 0 ? rowRange(n, diagonal, d, q, row) : planeRange(n, diagonal, d, q, row, plane);
}

/** q = A d; returns d^T q. Without planes, `plane` is 0. */
export function gridProduct(n: i32, diagonal: usize, d: usize, q: usize, row: usize, plane: usize): f64 {
  let sum = 0.0;
  for (let k = 0; k < n; k += TILE) {
    const at = <usize>k << 3;
    sum += rangeOf(min<i32>(TILE, n - k), diagonal + at, d + at, q + at, row, plane);
  }
  return sum;
}

/**
 * d = r + beta d, q = A d, in one pass: the new d goes ahead of the product by as much as a neighbor is away. Leaves
 * d^T d and d^T q at `sums`.
 */
export function gridTurn(
  n: i32, beta: f64, diagonal: usize, r: usize, d: usize, q: usize, row: usize, plane: usize, sums: usize,
): void {
  const reach = <i32>(max<usize>(row, plane) >> 3);
  let squares = 0.0;
  let products = 0.0;
  let turned = 0;
  for (let k = 0; k < n; k += TILE) {
    const end = min<i32>(k + TILE, n);
    const ahead = min<i32>(n, (end + reach + LANES) - ((end + reach) % LANES));
    if (ahead > turned) {
      const from = <usize>turned << 3;
      squares += turnRange(ahead - turned, beta, r + from, d + from);
      turned = ahead;
    }
    const at = <usize>k << 3;
    products += rangeOf(end - k, diagonal + at, d + at, q + at, row, plane);
  }
  store<f64>(sums, squares);
  store<f64>(sums, products, 8);
}

/** x = x + alpha d, r = r - alpha q, in one pass; returns r^T r. */
export function gridStep(n: i32, alpha: f64, d: usize, x: usize, q: usize, r: usize): f64 {
  const factor = splat(alpha);
  const end = x + (<usize>n << 3);
  let s0 = zero();
  while (x < end) {
    storeVector(x, add(loadVector(x), mul(factor, loadVector(d))));
    const value = sub(loadVector(r), mul(factor, loadVector(q)));
    storeVector(r, value);
    s0 = add(s0, mul(value, value));
    x += WIDTH;
    d += WIDTH;
    q += WIDTH;
    r += WIDTH;
  }
  return sumLanes(s0);
}
