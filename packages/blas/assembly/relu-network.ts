// Passes over a two-layer ReLU network in float32: points are lanes, four hidden units share each load of a point.
import {
  addSingles, loadSingles, loadSingleSplat, mulSingles, positivePart, Single, SINGLE_WIDTH, SINGLES, storeSingles,
  sumSingles, wherePositive, zeroSingles,
} from "./single-simd";

/** Points of which the derivatives of four units are kept before they meet the inputs. */
const PIECE: i32 = 128;
const ADDRESS: usize = 4;

/** Bytes of workspace of `unitGradients`. */
export function reluWorkspace(): usize {
  return <usize>(4 * PIECE) << 2;
}

/**
 * outputs_k += sum over four units of a_uk max(w_u . z, 0), for points that are a multiple of `SINGLES`.
 *
 * @param inputs points in columns: `width` rows of `stride` bytes
 * @param weights four units of `width` numbers
 * @param signs four units of `count` numbers
 * @param outputs `count` rows of `stride` bytes
 */
export function unitOutputs(
  points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, outputs: usize, stride: usize,
): void {
  const along = <usize>width << 2;
  const across = <usize>count << 2;
  for (let j = 0; j < points; j += SINGLES) {
    let p0: Single = zeroSingles();
    let p1: Single = zeroSingles();
    let p2: Single = zeroSingles();
    let p3: Single = zeroSingles();
    let at = inputs;
    let w = weights;
    for (let c = 0; c < width; c++) {
      const z = loadSingles(at);
      p0 = addSingles(p0, mulSingles(loadSingleSplat(w), z));
      p1 = addSingles(p1, mulSingles(loadSingleSplat(w + along), z));
      p2 = addSingles(p2, mulSingles(loadSingleSplat(w + 2 * along), z));
      p3 = addSingles(p3, mulSingles(loadSingleSplat(w + 3 * along), z));
      at += stride;
      w += ADDRESS;
    }
    p0 = positivePart(p0);
    p1 = positivePart(p1);
    p2 = positivePart(p2);
    p3 = positivePart(p3);
    let out = outputs;
    let a = signs;
    for (let k = 0; k < count; k++) {
      const left = addSingles(mulSingles(loadSingleSplat(a), p0), mulSingles(loadSingleSplat(a + across), p1));
      const right = addSingles(
        mulSingles(loadSingleSplat(a + 2 * across), p2), mulSingles(loadSingleSplat(a + 3 * across), p3),
      );
      storeSingles(out, addSingles(loadSingles(out), addSingles(left, right)));
      out += stride;
      a += ADDRESS;
    }
    inputs += SINGLE_WIDTH;
    outputs += SINGLE_WIDTH;
  }
}

/** The derivatives of four units at up to `PIECE` points, a vector of each unit after the other. */
export function unitDerivatives(
  points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, residuals: usize, stride: usize,
  derivatives: usize,
): void {
  const along = <usize>width << 2;
  const across = <usize>count << 2;
  for (let j = 0; j < points; j += SINGLES) {
    let p0: Single = zeroSingles();
    let p1: Single = zeroSingles();
    let p2: Single = zeroSingles();
    let p3: Single = zeroSingles();
    let at = inputs;
    let w = weights;
    for (let c = 0; c < width; c++) {
      const z = loadSingles(at);
      p0 = addSingles(p0, mulSingles(loadSingleSplat(w), z));
      p1 = addSingles(p1, mulSingles(loadSingleSplat(w + along), z));
      p2 = addSingles(p2, mulSingles(loadSingleSplat(w + 2 * along), z));
      p3 = addSingles(p3, mulSingles(loadSingleSplat(w + 3 * along), z));
      at += stride;
      w += ADDRESS;
    }
    let u0: Single = zeroSingles();
    let u1: Single = zeroSingles();
    let u2: Single = zeroSingles();
    let u3: Single = zeroSingles();
    let r = residuals;
    let a = signs;
    for (let k = 0; k < count; k++) {
      const residual = loadSingles(r);
      u0 = addSingles(u0, mulSingles(loadSingleSplat(a), residual));
      u1 = addSingles(u1, mulSingles(loadSingleSplat(a + across), residual));
      u2 = addSingles(u2, mulSingles(loadSingleSplat(a + 2 * across), residual));
      u3 = addSingles(u3, mulSingles(loadSingleSplat(a + 3 * across), residual));
      r += stride;
      a += ADDRESS;
    }
    storeSingles(derivatives, wherePositive(p0, u0));
    storeSingles(derivatives + SINGLE_WIDTH, wherePositive(p1, u1));
    storeSingles(derivatives + 2 * SINGLE_WIDTH, wherePositive(p2, u2));
    storeSingles(derivatives + 3 * SINGLE_WIDTH, wherePositive(p3, u3));
    derivatives += 4 * SINGLE_WIDTH;
    inputs += SINGLE_WIDTH;
    residuals += SINGLE_WIDTH;
  }
}

/** Adds sum_j u_j z_j of four units to their gradients, one input at a time. */
export function addGradients(
  points: i32, width: i32, inputs: usize, stride: usize, derivatives: usize, gradients: usize,
): void {
  const along = <usize>width << 2;
  for (let c = 0; c < width; c++) {
    let g0: Single = zeroSingles();
    let g1: Single = zeroSingles();
    let g2: Single = zeroSingles();
    let g3: Single = zeroSingles();
    let at = inputs;
    let u = derivatives;
    for (let j = 0; j < points; j += SINGLES) {
      const z = loadSingles(at);
      g0 = addSingles(g0, mulSingles(loadSingles(u), z));
      g1 = addSingles(g1, mulSingles(loadSingles(u + SINGLE_WIDTH), z));
      g2 = addSingles(g2, mulSingles(loadSingles(u + 2 * SINGLE_WIDTH), z));
      g3 = addSingles(g3, mulSingles(loadSingles(u + 3 * SINGLE_WIDTH), z));
      at += SINGLE_WIDTH;
      u += 4 * SINGLE_WIDTH;
    }
    store<f32>(gradients, load<f32>(gradients) + sumSingles(g0));
    store<f32>(gradients + along, load<f32>(gradients + along) + sumSingles(g1));
    store<f32>(gradients + 2 * along, load<f32>(gradients + 2 * along) + sumSingles(g2));
    store<f32>(gradients + 3 * along, load<f32>(gradients + 3 * along) + sumSingles(g3));
    inputs += stride;
    gradients += ADDRESS;
  }
}

/** The outputs of all units, a multiple of four; `outputs` begins with zeros. */
export function networkOutputs(
  units: i32, points: i32, width: i32, count: i32, inputs: usize, weights: usize, signs: usize, outputs: usize,
  stride: usize,
): void {
  for (let u = 0; u < units; u += 4) {
    unitOutputs(points, width, count, inputs, weights, signs, outputs, stride);
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
