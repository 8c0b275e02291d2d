import { loadDataset } from "gradus/data";
import { separate } from "gradus/optimize";

// Signs of the labels, and rows of features: here the digits 1 and 8.
const { x, y, d } = await loadDataset("digits");
const rows = [...y.keys()].filter((i) => y[i] === 1 || y[i] === 8);
const A = rows.map((i) => x.subarray(i * d, (i + 1) * d));
const signs = rows.map((i) => (y[i] === 8 ? 1 : -1));

const options = { A, y: signs, method: "normalized", step: 100 } as const;
const { theta, separated, iterations } = await separate(options);
console.log(`${theta.length} weights, separated: ${separated}, after ${iterations} iterations`);
