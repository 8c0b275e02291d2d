import { loadDataset, selectRows, standardize } from "gradus/data";
import { minimizeBilevel, ridgePenalties } from "gradus/optimize/bilevel";

// A ridge penalty for each of ten features, chosen by the loss on the second half of the patients.
const data = await loadDataset("diabetes");
const x = standardize(data.x).apply(data.x);
const mean = data.y.reduce((sum, value) => sum + value, 0) / data.y.length;
const half = (first: number) => {
  const rows = Int32Array.from({ length: 221 }, (_, i) => first + i);
  return { x: selectRows(x, rows), y: Float64Array.from(rows, (i) => (data.y[i] - mean) / 77) };
};
const { problem, start, coefficients } = ridgePenalties({ train: half(0), validation: half(221) });

const found = await minimizeBilevel(problem, start, {
  sigma: 0.001,
  stepSize: 20,
  innerStepSize: 0.15,
  innerSteps: 50,
  maxIterations: 200,
});
const loss = (at: Float64Array) => problem.upper.value(at, coefficients(at));
console.log(`validation loss ${await loss(start.x0)} with penalties of 1`);
console.log(`and ${await loss(found.x)} with chosen ones`);
