import { checkLength } from "../../check/arrays.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { HostObjective, ValueAndGradient } from "../../objectives/objective.ts";
import { randomStream } from "../../random/stream.ts";
import type { ReluNetwork } from "./network.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";
import { productInto, productTransposedInto, zeroMatrix } from "./products.ts";

/** Non-convex training of a network of a given width, for methods of descent. */
export interface NetworkDescent {
  /** The training objective of the parameters: m rows of the units' weights and biases, then m output weights. */
  readonly objective: HostObjective;
  /** Parameters at random: weights N(0, 1/d), output weights N(0, 1/m). */
  start(seed: number): Float64Array;
  network(parameters: Float64Array): ReluNetwork;
}

/**
 * The training problem of `certifyNetwork` at a fixed width as a function of the weights: what descent minimizes, from
 * which convex training needs none. Its gradient is that with (z)_+' = 0 at z = 0.
 *
 * @throws ArgumentError, DataError when an argument does not fit
 */
export function networkDescent(problem: NetworkProblem, options: { readonly width: number }): NetworkDescent {
  checkGivenOptions("networkDescent", problem, problemOptions);
  checkGivenOptions("networkDescent", options, ["width"]);
  const { width } = options;
  checkPositiveInteger({ width });
  return descentOf(checkProblem(problem), width);
}

/** `networkDescent` for what was checked. */
export function descentOf({ design, y, loss, beta, intercept }: CheckedProblem, m: number): NetworkDescent {
  const { rows: n, columns: d } = design;
  const dimension = m * (d + 1);
  const X = { plain: design, resident: design };
  const inputs = zeroMatrix(n, m);
  const slopes = zeroMatrix(m, n);

  function valueAndGradient(parameters: Float64Array): ValueAndGradient {
    checkLength("the parameters", parameters, dimension);
    const units: DenseMatrix = { rows: m, columns: d, values: parameters.subarray(0, m * d) };
    const outputs = parameters.subarray(m * d);
    productTransposedInto(design, { plain: units, resident: units }, inputs);
    const gradient = new Float64Array(dimension);
    let value = 0;
    for (let k = 0; k < n; k++) {
      let z = 0;
      for (let j = 0; j < m; j++) z += outputs[j] * Math.max(0, inputs.values[k * m + j]);
      value += loss.value(z, y[k]);
      const slope = loss.derivative(z, y[k]);
      for (let j = 0; j < m; j++) {
        const input = inputs.values[k * m + j];
        slopes.values[j * n + k] = input > 0 ? slope * outputs[j] : 0;
        if (input > 0) gradient[m * d + j] += slope * input;
      }
    }
    const inner: DenseMatrix = { rows: m, columns: d, values: gradient.subarray(0, m * d) };
    productInto(slopes, X, inner);
    let square = 0;
    for (let i = 0; i < dimension; i++) {
      square += parameters[i] * parameters[i];
      gradient[i] += beta * parameters[i];
    }
    return { value: value + (beta / 2) * square, gradient };
  }

  return {
    objective: {
      dimension,
      value: (parameters) => valueAndGradient(parameters).value,
      gradient: (parameters) => valueAndGradient(parameters).gradient,
      valueAndGradient,
    },
    start(seed) {
      const parameters = randomStream(seed).fillNormal(new Float64Array(dimension));
      return parameters.map((value, i) => value / Math.sqrt(i < m * d ? d : m));
    },
    network(parameters) {
      checkLength("the parameters", parameters, dimension);
      const rows = intercept ? d - 1 : d;
      const hidden = zeroMatrix(rows, m);
      for (let j = 0; j < m; j++)
        for (let i = 0; i < rows; i++) hidden.values[i * m + j] = parameters[j * d + i];
      const biases = Float64Array.from({ length: m }, (_, j) => (intercept ? parameters[j * d + rows] : 0));
      return { hidden, biases, outputs: parameters.slice(m * d) };
    },
  };
}
