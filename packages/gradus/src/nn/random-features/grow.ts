import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import { type RidgeActivationName, ridgeActivation } from "./activations.ts";
import { checkBox, featuresOf, type HiddenUnits, type ParameterBox, randomUnits } from "./hidden-units.ts";

/** Plain data from which the method continues bit for bit. */
export interface GrowthState {
  readonly slopes: Float64Array;
  readonly biases: Float64Array;
  /** rank x N; orthonormal rows that span the features. */
  readonly basis: Float64Array;
  readonly residual: Float64Array;
}

export interface GrowRandomNetworkOptions extends ParameterBox, MethodOptions<GrowthState> {
  /** N x m. */
  readonly x: DenseMatrix;
  /** N numbers. */
  readonly y: Float64Array;
  /** Random units, of which each step adds the one most correlated with the residual; 1 adds the first. */
  readonly candidates?: number;
  /** Ends the method at this width. */
  readonly maxWidth: number;
  readonly activation?: RidgeActivationName;
  readonly seed?: number;
}

/** What an iterate shows: its number is the width. */
export interface GrowthView {
  readonly units: HiddenUnits;
  /** Dimension of the features' span; a unit within 1e-12 of the span of the others adds none. */
  readonly rank: number;
  /** Of the least-squares fit of the output layer; it never rises. */
  readonly trainRmse: number;
}

/** Below this share of its length what is new in a feature is rounding. */
const DEPENDENT = 1e-12;

/** Candidates below this share of the longest are all but silent on the data: weights to make up for it would be huge. */
const SILENT = 1e-6;

/** The column of features that is most correlated with the residual, |h . r| / |h|. */
function chosen(H: DenseMatrix, residual: Float64Array): number {
  const products = new Float64Array(H.columns);
  const lengths = new Float64Array(H.columns);
  for (let i = 0; i < H.columns; i++) {
    for (let j = 0; j < H.rows; j++) {
      const h = H.values[j * H.columns + i];
      products[i] += h * residual[j];
      lengths[i] += h * h;
    }
    lengths[i] = Math.sqrt(lengths[i]);
  }
  const least = SILENT * Math.max(...lengths);
  let [best, index] = [-1, 0];
  for (let i = 0; i < H.columns; i++) {
    const correlation = lengths[i] > least ? Math.abs(products[i]) / lengths[i] : 0;
    if (correlation > best) [best, index] = [correlation, i];
  }
  return index;
}

/** h less its part in the span of the basis, twice, for its rounding. */
function rest(h: Float64Array, basis: Float64Array): Float64Array {
  const N = h.length;
  for (let pass = 0; pass < 2; pass++)
    for (let at = 0; at < basis.length; at += N) {
      const row = basis.subarray(at, at + N);
      const part = dot(row, h);
      for (let j = 0; j < N; j++) h[j] -= part * row[j];
    }
  return h;
}

function joined(head: Float64Array, tail: Float64Array): Float64Array<ArrayBuffer> {
  const all = new Float64Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

/**
 * Grows a network with random hidden units one by one, each the best of some candidates of the domain, and updates the QR
 * factorization of the features: the training error by width, without fitting anew.
 *
 * @throws ArgumentError when shapes do not fit, a half-width is not positive or an option is unknown
 * @throws DataError naming the place of a number that is not finite
 * @throws the signal's reason when `signal` is aborted
 * Source: random vector functional-link networks grown as in Wang & Li 2017, "Stochastic configuration networks"; the
 * candidates come from one domain here.
 */
export function growRandomNetwork(
  options: GrowRandomNetworkOptions,
): Method<Iterate<GrowthState> & GrowthView> {
  checkGivenOptions("growRandomNetwork", options, [
    "x",
    "y",
    "slope",
    "bias",
    "candidates",
    "maxWidth",
    "activation",
    "seed",
    "resume",
    "signal",
  ]);
  const { x, y, candidates = 50, maxWidth, activation = "sigmoid", seed = 0, resume, signal } = options;
  checkFiniteDense("x", x);
  checkLength("y", y, x.rows);
  checkFiniteVector("y", y);
  const { slope, bias } = checkBox(options);
  checkPositiveInteger({ candidates, maxWidth });
  checkNonNegativeInteger({ seed });
  ridgeActivation(activation);
  const [N, inputs] = [x.rows, x.columns];
  checkMethodOptions({ resume, signal }, ["slopes", "biases", "basis", "residual"]);
  if (resume && resume.state.residual.length !== N)
    throw new ArgumentError(`resume.state must be of ${N} rows, got ${resume.state.residual.length}`);
  const root = randomStream(seed);
  return iterates<GrowthState, GrowthView>(
    {
      start: () => ({
        slopes: new Float64Array(0),
        biases: new Float64Array(0),
        basis: new Float64Array(0),
        residual: y.slice(),
      }),
      step({ slopes, biases, basis, residual }, iteration) {
        const drawn = randomUnits({
          inputs,
          width: candidates,
          slope,
          bias,
          activation,
          seed: root.split(iteration).integer(2 ** 40),
        });
        const H = featuresOf(drawn, x);
        const index = chosen(H, residual);
        const h = Float64Array.from({ length: N }, (_, j) => H.values[j * candidates + index]);
        const length = norm2(h);
        const added = rest(h, basis);
        const size = norm2(added);
        const next = residual.slice();
        const grown = {
          slopes: joined(slopes, drawn.slopes.values.subarray(index * inputs, (index + 1) * inputs)),
          biases: joined(biases, drawn.biases.subarray(index, index + 1)),
        };
        if (!(size > DEPENDENT * length)) return { ...grown, basis, residual: next };
        for (let j = 0; j < N; j++) added[j] /= size;
        const part = dot(added, next);
        for (let j = 0; j < N; j++) next[j] -= part * added[j];
        return { ...grown, basis: joined(basis, added), residual: next };
      },
      view: ({ slopes, biases, basis, residual }) => ({
        units: { slopes: { rows: biases.length, columns: inputs, values: slopes }, biases, activation },
        rank: basis.length / N,
        trainRmse: norm2(residual) / Math.sqrt(N),
        done: biases.length >= maxWidth,
      }),
    },
    { ...(resume ? { resume } : {}), ...(signal ? { signal } : {}) },
  );
}
