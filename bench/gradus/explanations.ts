import { array, constants, reshape, sigmoid } from "@gradus/graph";
import { explainBy, explainerNames, tracedModel } from "gradus/explain";
import { denseMatrix } from "gradus/linalg";
import { mlp } from "gradus/nn";
import { explanationSizes } from "../explanation-sizes.ts";
import type { Runner } from "../worker.ts";
import type { Context } from "./context.ts";
import { fraction } from "./fraction.ts";

const { rows, features, hidden, samples, nodes } = explanationSizes;

const numbers = (length: number, scale: number, k: number) =>
  Float64Array.from({ length }, (_, i) => scale * Math.sqrt(12) * (fraction(i + 1, k) - 0.5));

/** The eight explanations of all rows, in one call each or row by row. */
export async function explainRows({ options }: Context, how: "together" | "one by one"): Promise<Runner> {
  const widths = [features, ...hidden, 1];
  const layers = widths.slice(1).map((outputs, k) => ({
    weights: array(numbers(widths[k] * outputs, Math.sqrt(2 / widths[k]), k + 1), [widths[k], outputs]),
    bias: array(numbers(outputs, 0.1, 20 + k), [outputs]),
  }));
  const network = mlp({ inputs: features, hidden, outputs: 1, activation: "relu" });
  const model = await tracedModel(
    (x) => sigmoid(reshape(network.apply(constants({ layers }), x), [x.shape[0]])),
    { ...options, features },
  );
  const values = Float64Array.from({ length: rows * features }, (_, i) => fraction(i + 1, 50));
  const all = denseMatrix(values, rows, features);
  const parts =
    how === "together"
      ? [all]
      : Array.from({ length: rows }, (_, i) =>
          denseMatrix(values.slice(i * features, (i + 1) * features), 1, features),
        );
  return {
    reset() {},
    async call() {
      for (const part of parts)
        for (const name of explainerNames) await explainBy(name, model, part, { samples });
    },
    unitsPerCall: 1,
    async check() {
      const found: number[] = [];
      for (const name of [
        "vanillaGradients",
        "gradientTimesInput",
        "occlusion",
        "integratedGradients",
      ] as const) {
        const own = name === "integratedGradients" ? { nodes } : {};
        const { attributions } = await explainBy(name, model, all, own);
        found.push(attributions.values[0], attributions.values[rows * features - 1]);
      }
      return found;
    },
  };
}
