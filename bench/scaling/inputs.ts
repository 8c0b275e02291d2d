import type { ArrayValue } from "@gradus/graph";
import { randomStream } from "gradus/random";
import { addLasso, addLattice } from "../block-coordinate-inputs.ts";
import type { Inputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import { addCurvatureInputs } from "./curvature-inputs.ts";

/** The seeded inputs of the scaling figures, by name. */
export function scalingInputs(seed: number): Inputs {
  const arrays: Record<string, ArrayValue> = {};
  const add = (name: string, value: ArrayValue) => {
    arrays[name] = value;
  };
  const stream = randomStream(seed).split("scaling");
  const { logistic, lasso, lattice } = sizes.scaling;

  // labels of a linear model with noise, so that the classes overlap
  for (const columns of logistic.columns) {
    const { rows } = logistic;
    const own = stream.split(`logistic ${columns}`);
    const entries = Float32Array.from({ length: rows * columns }, () => own.normal());
    const weights = Float64Array.from({ length: columns }, () => own.normal() / Math.sqrt(columns));
    const labels = Float32Array.from({ length: rows }, (_, i) => {
      let score = own.normal();
      for (let j = 0; j < columns; j++) score += entries[i * columns + j] * weights[j];
      return score > 0 ? 1 : -1;
    });
    add(`scaling.logistic.${columns}.A`, { dtype: "f32", shape: [rows, columns], data: entries });
    add(`scaling.logistic.${columns}.b`, { dtype: "f32", shape: [rows], data: labels });
  }

  for (const columns of lasso.columns)
    addLasso(add, `scaling.lasso.${columns}`, lasso.rows, columns, stream.split(`lasso ${columns}`));

  for (const side of lattice.sides) {
    const labels = side ** 2 / lattice.nodesPerLabel;
    addLattice(add, `scaling.lattice.${side}`, side, labels, stream.split(`lattice ${side}`));
  }

  addCurvatureInputs(add, stream.split("curvature"));
  return arrays;
}
