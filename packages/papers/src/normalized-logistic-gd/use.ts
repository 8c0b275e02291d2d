import { loadDataset, rowsWithLabel, selectRows } from "gradus/data";
import { separate } from "gradus/optimize";

// The digits 1 and 8, with signs as labels.
const { x, y } = await loadDataset("digits");
const rows = rowsWithLabel(y, 1, 8);
const signs = rows.map((i) => (y[i] === 8 ? 1 : -1));

const options = { A: selectRows(x, rows), y: signs, method: "normalized", step: 100 } as const;
const { theta, separated, iterations } = await separate(options);
console.log(`${theta.length} weights, separated: ${separated}, after ${iterations} iterations`);
