// Passes over a two-layer ReLU network in float32: points are lanes, and four hidden units meet two vectors of points at once, so
// that a number of either is loaded for several products.
import {
  addSingles, loadSingles, loadSingleSplat, mulSingles, positivePart, Single, SINGLE_WIDTH, SINGLES, storeSingles,
  sumSingles, wherePositive, zeroSingles,
} from "./single-simd";

/**
 * Points of which the derivatives of four units are kept before they meet the inputs: 8 kB of them, which stay in the cache
 * next to the processor; after each piece vectors are added up to numbers.
 */
const PIECE: i32 = 512;
const ADDRESS: usize = 4;

/** Points that four units meet at once. */
const POINTS: i32 = 2 * SINGLES;
/** Bytes of what they give, a number of each unit at each point. */
const TILE: usize = 8 * SINGLE_WIDTH;

/** Bytes of workspace of `networkOutputs` and `unitGradients`. */
export function reluWorkspace(): usize {
  return <usize>(4 * PIECE) << 2;
}

/**
 * Sums of products of four units and `POINTS` points,  sum_c u_c x_cj: a vector of each unit, then the second of each.
 *
 * @param units four rows of `width` numbers
 * @param x `width` rows of `stride` bytes
 * @param gates whether they decide what stays of the numbers that are there, instead of replacing them
 */
@inline
function storeProducts(width: i32, units: usize, x: usize, stride: usize, sums: usize, gates: bool): void {
  const along = <usize>width << 2;
  let p0: Single = zeroSingles();
  let p1: Single = zeroSingles();
  let p2: Single = zeroSingles();
  let p3: Single = zeroSingles();
  let q0: Single = zeroSingles();
  let q1: Single = zeroSingles();
  let q2: Single = zeroSingles();
  let q3: Single = zeroSingles();
  const end = units + along;
  for (let u = units; u < end; u += ADDRESS) {
    const y = loadSingles(x);
    const z = loadSingles(x + SINGLE_WIDTH);
    const u0 = loadSingleSplat(u);
    p0 = addSingles(p0, mulSingles(u0, y));
    q0 = addSingles(q0, mulSingles(u0, z));
    const u1 = loadSingleSplat(u + along);
    p1 = addSingles(p1, mulSingles(u1, y));
    q1 = addSingles(q1, mulSingles(u1, z));
    const u2 = loadSingleSplat(u + 2 * along);
    p2 = addSingles(p2, mulSingles(u2, y));
    q2 = addSingles(q2, mulSingles(u2, z));
    const u3 = loadSingleSplat(u + 3 * along);
    p3 = addSingles(p3, mulSingles(u3, y));
    q3 = addSingles(q3, mulSingles(u3, z));
    x += stride;
  }
  keep(sums, p0, gates);
  keep(sums + SINGLE_WIDTH, p1, gates);
  keep(sums + 2 * SINGLE_WIDTH, p2, gates);
  keep(sums + 3 * SINGLE_WIDTH, p3, gates);
  keep(sums + 4 * SINGLE_WIDTH, q0, gates);
  keep(sums + 5 * SINGLE_WIDTH, q1, gates);
  keep(sums + 6 * SINGLE_WIDTH, q2, gates);
  keep(sums + 7 * SINGLE_WIDTH, q3, gates);
}

@inline
function keep(at: usize, x: Single, gates: bool): void {
  storeSingles(at, gates ? wherePositive(x, loadSingles(at)) : x);
}

/**
 * outputs_k += sum over four units of a_uk max(w_u . z, 0), for points that are a multiple of `POINTS`.
 *
 * @param inputs points in columns: `width` rows of `stride` bytes
 * @param weights four units of `width` numbers
 * @param signs four units of `count` numbers
 * @param outputs `count` rows of `stride` bytes
 * @param work `reluWorkspace()` bytes
 */
export function unitOutputs(
  points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, outputs: usize, stride: usize,
  work: usize,
): void {
  const across = <usize>count << 2;
  for (let j = 0; j < points; j += POINTS) {
    storeProducts(width, weights, inputs, stride, work, false);
    const p0 = positivePart(loadSingles(work));
    const p1 = positivePart(loadSingles(work + SINGLE_WIDTH));
    const p2 = positivePart(loadSingles(work + 2 * SINGLE_WIDTH));
    const p3 = positivePart(loadSingles(work + 3 * SINGLE_WIDTH));
    const q0 = positivePart(loadSingles(work + 4 * SINGLE_WIDTH));
    const q1 = positivePart(loadSingles(work + 5 * SINGLE_WIDTH));
    const q2 = positivePart(loadSingles(work + 6 * SINGLE_WIDTH));
    const q3 = positivePart(loadSingles(work + 7 * SINGLE_WIDTH));
    let out = outputs;
    let a = signs;
    for (let k = 0; k < count; k++) {
      const a0 = loadSingleSplat(a);
      const a1 = loadSingleSplat(a + across);
      let p = addSingles(mulSingles(a0, p0), mulSingles(a1, p1));
      let q = addSingles(mulSingles(a0, q0), mulSingles(a1, q1));
      const a2 = loadSingleSplat(a + 2 * across);
      const a3 = loadSingleSplat(a + 3 * across);
      p = addSingles(p, addSingles(mulSingles(a2, p2), mulSingles(a3, p3)));
      q = addSingles(q, addSingles(mulSingles(a2, q2), mulSingles(a3, q3)));
      storeSingles(out, addSingles(loadSingles(out), p));
      storeSingles(out + SINGLE_WIDTH, addSingles(loadSingles(out + SINGLE_WIDTH), q));
      out += stride;
      a += ADDRESS;
    }
    inputs += 2 * SINGLE_WIDTH;
    outputs += 2 * SINGLE_WIDTH;
  }
}

/** The derivatives of four units at up to `PIECE` points, a vector of each unit after the other. */
export function unitDerivatives(
  points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, residuals: usize, stride: usize,
  derivatives: usize,
): void {
  for (let j = 0; j < points; j += POINTS) {
    storeProducts(count, signs, residuals, stride, derivatives, false);
    storeProducts(width, weights, inputs, stride, derivatives, true);
    derivatives += TILE;
    inputs += 2 * SINGLE_WIDTH;
    residuals += 2 * SINGLE_WIDTH;
  }
}

/** Adds sum_j u_j z_j of four units to their gradients, two inputs at a time. */
export function addGradients(
  points: i32, width: i32, inputs: usize, stride: usize, derivatives: usize, gradients: usize,
): void {
  const along = <usize>width << 2;
  for (let c = 0; c < width; c += 2) {
    // The last of an odd number of inputs is its own other one.
    const other: usize = c + 1 < width ? stride : 0;
    let g0: Single = zeroSingles();
    let g1: Single = zeroSingles();
    let g2: Single = zeroSingles();
    let g3: Single = zeroSingles();
    let h0: Single = zeroSingles();
    let h1: Single = zeroSingles();
    let h2: Single = zeroSingles();
    let h3: Single = zeroSingles();
    let at = inputs;
    let u = derivatives;
    for (let j = 0; j < points; j += SINGLES) {
      const y = loadSingles(at);
      const z = loadSingles(at + other);
      const u0 = loadSingles(u);
      g0 = addSingles(g0, mulSingles(u0, y));
      h0 = addSingles(h0, mulSingles(u0, z));
      const u1 = loadSingles(u + SINGLE_WIDTH);
      g1 = addSingles(g1, mulSingles(u1, y));
      h1 = addSingles(h1, mulSingles(u1, z));
      const u2 = loadSingles(u + 2 * SINGLE_WIDTH);
      g2 = addSingles(g2, mulSingles(u2, y));
      h2 = addSingles(h2, mulSingles(u2, z));
      const u3 = loadSingles(u + 3 * SINGLE_WIDTH);
      g3 = addSingles(g3, mulSingles(u3, y));
      h3 = addSingles(h3, mulSingles(u3, z));
      at += SINGLE_WIDTH;
      u += 4 * SINGLE_WIDTH;
    }
    addSums(gradients, along, g0, g1, g2, g3);
    if (other !== 0) addSums(gradients + ADDRESS, along, h0, h1, h2, h3);
    inputs += 2 * stride;
    gradients += 2 * ADDRESS;
  }
}

@inline
function addSums(gradients: usize, along: usize, g0: Single, g1: Single, g2: Single, g3: Single): void {
  store<f32>(gradients, load<f32>(gradients) + sumSingles(g0));
  store<f32>(gradients + along, load<f32>(gradients + along) + sumSingles(g1));
  store<f32>(gradients + 2 * along, load<f32>(gradients + 2 * along) + sumSingles(g2));
  store<f32>(gradients + 3 * along, load<f32>(gradients + 3 * along) + sumSingles(g3));
}

/**
 * The outputs of all units, a multiple of four; `outputs` begins with zeros.
 *
 * @param work `reluWorkspace()` bytes
 */
export function networkOutputs(
  units: i32, points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, outputs: usize,
  stride: usize, work: usize,
): void {
  for (let u = 0; u < units; u += 4) {
    unitOutputs(points, width, count, inputs, weights, signs, outputs, stride, work);
    weights += <usize>width << 4;
    signs += <usize>count << 4;
  }
}

/**
 * The gradients sum_j 1{w_u . z_j > 0} (sum_k a_uk r_kj) z_j of all units, a multiple of four; `gradients` begins with zeros.
 *
 * @param residuals `count` rows of `stride` bytes
 * @param work `reluWorkspace()` bytes
 */
export function unitGradients(
  units: i32, points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, residuals: usize,
  stride: usize, gradients: usize, work: usize,
): void {
  for (let u = 0; u < units; u += 4) {
    for (let j = 0; j < points; j += PIECE) {
      const at = <usize>j << 2;
      const piece = min(PIECE, points - j);
      unitDerivatives(piece, width, count, inputs + at, weights, signs, residuals + at, stride, work);
      addGradients(piece, width, inputs + at, stride, work, gradients);
    }
    weights += <usize>width << 4;
    gradients += <usize>width << 4;
    signs += <usize>count << 4;
  }
}
