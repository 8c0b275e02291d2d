import { gaussianRandomField } from "gradus/data";
import { solve } from "gradus/iterate";
import { denseMatrix } from "gradus/linalg";
import { deepONet, exportOperator, loadOperator, operatorData, trainOperator } from "gradus/operators";
import { randomStream } from "gradus/random";

// Pairs of functions, as a file would have them: u at 50 sensors, and its running mean at the same 50 points.
const [functions, m] = [500, 50];
const u = gaussianRandomField({ points: m }).sample(randomStream(1), functions);
const means = u.map((_, k) => u.subarray(k - (k % m), k + 1).reduce((a, b) => a + b) / ((k % m) + 1));
const points = Float64Array.from({ length: m }, (_, i) => i / (m - 1));

const data = operatorData({
  sensors: points,
  sensorValues: denseMatrix(u, functions, m),
  locations: denseMatrix(points, m, 1),
  targets: denseMatrix(means, functions, m),
});
const network = deepONet({ sensors: m });
const { iterate } = await solve(trainOperator({ network, data, iterations: 1500, every: 100, seed: 1 }));

const file = exportOperator({ network, parameters: iterate.best.parameters, data }); // an ONNX file
using operator = await loadOperator(file);
const wave = denseMatrix(
  points.map((x) => Math.sin(4 * x)),
  1,
  m,
);
const { values } = await operator.evaluate({ sensorValues: wave, locations: denseMatrix([0.5, 1], 2, 1) });
console.log("running mean of sin 4x at 0.5 and 1, which are 0.71 and 0.41:", Array.from(values.values));
