import type { CaseResult } from "./measure.ts";
import { sizes } from "./sizes.ts";

/** Multiplications and additions in the matrix products and convolutions that a case cannot do without. */
export interface Arithmetic {
  readonly operations: number;
  readonly dtype: "f32" | "f64";
}

/** A training step of a network with one hidden layer: two products forward, and back to weights and hidden units. */
function classifierStep({ batch, inputs, hidden, classes }: Readonly<Record<string, number>>): Arithmetic {
  const [first, second] = [2 * batch * inputs * hidden, 2 * batch * hidden * classes];
  return { operations: 2 * first + 3 * second, dtype: "f32" };
}

function convolutionalStep(): Arithmetic {
  const { batch, side, channels, kernel, classes } = sizes.convolutional;
  const first = 2 * batch * side ** 2 * channels[0] * kernel ** 2;
  const second = 2 * batch * (side / 2) ** 2 * channels[1] * channels[0] * kernel ** 2;
  const dense = 2 * batch * (side / 4) ** 2 * channels[1] * classes;
  return { operations: 2 * first + 3 * (second + dense), dtype: "f32" };
}

/**
 * A Hessian-vector product by tangents of a gradient: forward, back to the hidden units, and two products for each
 * tangent of these and of the weights' gradients; the inputs have no tangent.
 */
function curvatureProduct(dtype: "f32" | "f64"): Arithmetic {
  const { layers, width, batch } = sizes.deep;
  const product = 2 * batch * width ** 2;
  const values = layers + (layers - 1);
  const tangents = 2 * layers - 1 + 2 * (layers - 1) + (2 * layers - 1);
  return { operations: product * (values + tangents), dtype };
}

/** By case. */
export const arithmetic: Readonly<Record<string, Arithmetic>> = {
  step: classifierStep(sizes.small),
  steps: classifierStep(sizes.small),
  wide: classifierStep(sizes.wide),
  "fused-wide": classifierStep(sizes.wide),
  convolutional: convolutionalStep(),
  hvp: curvatureProduct("f32"),
  "hvp-double": curvatureProduct("f64"),
};

/** The most operations a second that anyone's square matrix product reached in the run; undefined where none ran. */
export function measuredPeak(results: readonly CaseResult[], dtype: "f32" | "f64"): number | undefined {
  const reached = sizes.matmul.flatMap((order) => {
    const id = `matmul-${order}${dtype === "f64" ? "-double" : ""}`;
    const timings = results.find((result) => result.id === id)?.timings ?? [];
    return timings.flatMap(({ seconds }) => seconds.map((time) => (2 * order ** 3) / time));
  });
  return reached.length === 0 ? undefined : Math.max(...reached);
}
