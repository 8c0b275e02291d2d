import { loadDataset, selectRows, standardize, trainTestSplit } from "gradus/data";
import { fitConvexReluNetwork, networkToOnnx } from "gradus/optimize/convex-networks";

// Progression of diabetes from ten measurements, both in units of their standard deviations.
const { x, y } = await loadDataset("diabetes");
const { train, test } = trainTestSplit(x.rows, { testShare: 0.25, seed: 1 });
const inputs = standardize(x, { rows: train });
const column = { rows: x.rows, columns: 1, values: y };
const target = standardize(column, { rows: train }).apply(column).values;

const rows = inputs.apply(selectRows(x, train));
const fit = await fitConvexReluNetwork({ x: rows, y: selectRows(target, train), beta: 20 });
const { objective, lowerBound, relativeGap, kind } = fit.certificate;
console.log(`objective ${objective}, lower bound for any width ${lowerBound} (${kind})`);
console.log(`so the network is within ${100 * relativeGap}% of the global optimum`);

const outputs = fit.predict(inputs.apply(selectRows(x, test)));
let [wrong, spread] = [0, 0];
test.forEach((row, k) => {
  wrong += (target[row] - outputs[k]) ** 2;
  spread += target[row] ** 2;
});
console.log("share of the variance explained on unseen rows:", 1 - wrong / spread);
const file = networkToOnnx(fit.network, { standardization: inputs });
console.log(`${fit.network.outputs.length} hidden units, ${file.length} bytes of ONNX`);
