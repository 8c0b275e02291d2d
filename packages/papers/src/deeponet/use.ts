import { gaussianRandomField } from "gradus/data";
import { solve } from "gradus/iterate";
import { denseMatrix } from "gradus/linalg";
import {
  deepONet,
  exportOperator,
  loadOperator,
  type OperatorData,
  operatorData,
  trainOperator,
} from "gradus/operators";
import { randomStream } from "gradus/random";

// Pairs of functions, as a file would have them: u at 50 sensors, and its running mean there.
const [functions, m] = [500, 50];
const u = gaussianRandomField({ points: m }).sample(randomStream(1), functions);
const upTo = (k: number) => u.subarray(k - (k % m), k + 1);
const means = u.map((_, k) => upTo(k).reduce((a, b) => a + b) / upTo(k).length);
const points = Float64Array.from({ length: m }, (_, i) => i / (m - 1));

const data: OperatorData = operatorData({
  sensors: points,
  sensorValues: denseMatrix(u, functions, m),
  locations: denseMatrix(points, m, 1),
  targets: denseMatrix(means, functions, m),
});
const network = deepONet({ sensors: m });
const training = trainOperator({ network, data, iterations: 1500, every: 100, seed: 1 });
const { iterate } = await solve(training);

const { parameters } = iterate.best;
const file = exportOperator({ network, parameters, data }); // an ONNX file
using operator = await loadOperator(file);
const wave = denseMatrix(
  points.map((x) => Math.sin(4 * x)),
  1,
  m,
);
const locations = denseMatrix([0.5, 1], 2, 1);
const { values } = await operator.evaluate({ sensorValues: wave, locations });
console.log("running mean of sin 4x at 0.5 and 1 (0.71, 0.41):", Array.from(values.values));
