// Passes over a two-layer ReLU network in float32: points are lanes, and four hidden units meet two vectors of points at once, so
// that a number of either is loaded for several products.
import {
  addSingles, Bits, loadSingles, loadSingleSplat, mulSingles, positiveBits, positivePart, Single, SINGLE_WIDTH, SINGLES,
  spreadBits, storeSingles, sumSingles, whereBits, zeroSingles,
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

/** Bytes of workspace of `unitGradients`. */
export function reluWorkspace(): usize {
  return <usize>(4 * PIECE) << 2;
}

/** Bytes of the gates of so many units and points: a bit of each unit at each point, in words of what meets at once. */
export function reluGateBytes(units: i32, points: i32): usize {
  return <usize>(units >> 2) * <usize>(points / POINTS) * ADDRESS;
}

/**
 * Sums of products of four units and `POINTS` points,  sum_c u_c x_cj, and what becomes of them while they are in registers:
 * activations, whose gates are kept and which are added to outputs, or derivatives behind such gates.
 *
 * @param units four rows of `width` numbers
 * @param x `width` rows of `stride` bytes
 * @param active whether the sums are of activations
 * @param signs four units of `count` numbers, for activations
 * @param gates the word of these units and points; for activations, 0 where it is not kept
 * @param results `count` rows of `stride` bytes that activations are added to, or `TILE` bytes for derivatives
 */
@inline
function meet(
  width: i32, units: usize, x: usize, stride: usize, active: bool, count: i32, signs: usize, gates: usize, results: usize,
): void {
  const along = <usize>width << 2;
  let y = loadSingles(x);
  let z = loadSingles(x + SINGLE_WIDTH);
  let a = loadSingleSplat(units);
  let p0 = mulSingles(a, y);
  let q0 = mulSingles(a, z);
  a = loadSingleSplat(units + along);
  let p1 = mulSingles(a, y);
  let q1 = mulSingles(a, z);
  a = loadSingleSplat(units + 2 * along);
  let p2 = mulSingles(a, y);
  let q2 = mulSingles(a, z);
  a = loadSingleSplat(units + 3 * along);
  let p3 = mulSingles(a, y);
  let q3 = mulSingles(a, z);
  const end = units + along;
  for (let u = units + ADDRESS; u < end; u += ADDRESS) {
    x += stride;
    y = loadSingles(x);
    z = loadSingles(x + SINGLE_WIDTH);
    a = loadSingleSplat(u);
    p0 = addSingles(p0, mulSingles(a, y));
    q0 = addSingles(q0, mulSingles(a, z));
    a = loadSingleSplat(u + along);
    p1 = addSingles(p1, mulSingles(a, y));
    q1 = addSingles(q1, mulSingles(a, z));
    a = loadSingleSplat(u + 2 * along);
    p2 = addSingles(p2, mulSingles(a, y));
    q2 = addSingles(q2, mulSingles(a, z));
    a = loadSingleSplat(u + 3 * along);
    p3 = addSingles(p3, mulSingles(a, y));
    q3 = addSingles(q3, mulSingles(a, z));
  }
  if (active) {
    p0 = positivePart(p0);
    p1 = positivePart(p1);
    p2 = positivePart(p2);
    p3 = positivePart(p3);
    q0 = positivePart(q0);
    q1 = positivePart(q1);
    q2 = positivePart(q2);
    q3 = positivePart(q3);
    if (gates !== 0) store<i32>(gates, positiveBits(p0, p1, p2, p3, q0, q1, q2, q3));
    addOutputs(count, signs, results, stride, p0, p1, p2, p3, q0, q1, q2, q3);
  } else {
    const open = spreadBits(load<i32>(gates));
    storeSingles(results, whereBits(open, 0, p0));
    storeSingles(results + SINGLE_WIDTH, whereBits(open, 1, p1));
    storeSingles(results + 2 * SINGLE_WIDTH, whereBits(open, 2, p2));
    storeSingles(results + 3 * SINGLE_WIDTH, whereBits(open, 3, p3));
    storeSingles(results + 4 * SINGLE_WIDTH, whereBits(open, 4, q0));
    storeSingles(results + 5 * SINGLE_WIDTH, whereBits(open, 5, q1));
    storeSingles(results + 6 * SINGLE_WIDTH, whereBits(open, 6, q2));
    storeSingles(results + 7 * SINGLE_WIDTH, whereBits(open, 7, q3));
  }
}

/** Adds the activations of four units at `POINTS` points to the outputs, by the units' output weights. */
@inline
function addOutputs(
  count: i32, signs: usize, outputs: usize, stride: usize, p0: Single, p1: Single, p2: Single, p3: Single, q0: Single,
  q1: Single, q2: Single, q3: Single,
): void {
  const across = <usize>count << 2;
  for (let k = 0; k < count; k++) {
    const a0 = loadSingleSplat(signs);
    const a1 = loadSingleSplat(signs + across);
    let p = addSingles(mulSingles(a0, p0), mulSingles(a1, p1));
    let q = addSingles(mulSingles(a0, q0), mulSingles(a1, q1));
    const a2 = loadSingleSplat(signs + 2 * across);
    const a3 = loadSingleSplat(signs + 3 * across);
    p = addSingles(p, addSingles(mulSingles(a2, p2), mulSingles(a3, p3)));
    q = addSingles(q, addSingles(mulSingles(a2, q2), mulSingles(a3, q3)));
    storeSingles(outputs, addSingles(loadSingles(outputs), p));
    storeSingles(outputs + SINGLE_WIDTH, addSingles(loadSingles(outputs + SINGLE_WIDTH), q));
    outputs += stride;
    signs += ADDRESS;
  }
}

/**
 * outputs_k += sum over four units of a_uk max(w_u . z, 0), for points that are a multiple of `POINTS`.
 *
 * @param inputs points in columns: `width` rows of `stride` bytes
 * @param weights four units of `width` numbers
 * @param signs four units of `count` numbers
 * @param outputs `count` rows of `stride` bytes
 * @param gates where the bits are kept of  w_u . z > 0;  nowhere for 0
 */
export function unitOutputs(
  points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, outputs: usize, stride: usize,
  gates: usize,
): void {
  const each: usize = gates === 0 ? 0 : ADDRESS;
  for (let j = 0; j < points; j += POINTS) {
    meet(width, weights, inputs, stride, true, count, signs, gates, outputs);
    gates += each;
    inputs += 2 * SINGLE_WIDTH;
    outputs += 2 * SINGLE_WIDTH;
  }
}

/** The derivatives of four units at up to `PIECE` points, a vector of each unit after the other. */
export function unitDerivatives(
  points: i32, count: i32, signs: usize, residuals: usize, stride: usize, gates: usize, derivatives: usize,
): void {
  for (let j = 0; j < points; j += POINTS) {
    meet(count, signs, residuals, stride, false, 0, 0, gates, derivatives);
    gates += ADDRESS;
    derivatives += TILE;
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
 * @param gates `reluGateBytes(units, points)` bytes, for `unitGradients`; 0 where it is not asked for
 */
export function networkOutputs(
  units: i32, points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, outputs: usize,
  stride: usize, gates: usize,
): void {
  const each: usize = gates === 0 ? 0 : reluGateBytes(4, points);
  for (let u = 0; u < units; u += 4) {
    unitOutputs(points, width, count, inputs, weights, signs, outputs, stride, gates);
    weights += <usize>width << 4;
    signs += <usize>count << 4;
    gates += each;
  }
}

/**
 * The gradients sum_j 1{w_u . z_j > 0} (sum_k a_uk r_kj) z_j of all units, a multiple of four; `gradients` begins with zeros.
 *
 * @param residuals `count` rows of `stride` bytes
 * @param gates of `networkOutputs` at the same weights
 * @param work `reluWorkspace()` bytes
 */
export function unitGradients(
  units: i32, points: i32, width: i32, count: i32, inputs: usize, signs: usize, residuals: usize, stride: usize,
  gates: usize, gradients: usize, work: usize,
): void {
  for (let u = 0; u < units; u += 4) {
    for (let j = 0; j < points; j += PIECE) {
      const at = <usize>j << 2;
      const piece = min(PIECE, points - j);
      unitDerivatives(piece, count, signs, residuals + at, stride, gates, work);
      addGradients(piece, width, inputs + at, stride, work, gradients);
      gates += reluGateBytes(4, piece);
    }
    gradients += <usize>width << 4;
    signs += <usize>count << 4;
  }
}
