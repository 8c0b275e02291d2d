import { parseCsv } from "gradus/data";
import {
  exportSampler, // as a file
  geometricBrownianProcess,
  sample,
  timeMlp,
  trainDiffusion,
} from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { randomStream } from "gradus/random";
import { slicedWassersteinDistance } from "gradus/statistics";

// Own points: positive numbers, one point a row, such as a file that readCsv reads.
const stream = randomStream(1);
const row = (angle: number) =>
  `${5 + 2 * Math.cos(angle) + 0.1 * stream.normal()},${5 + Math.sin(2 * angle)}`;
const text = Array.from({ length: 2000 }, () => row(2 * Math.PI * stream.uniform())).join("\n");
const { x: data } = parseCsv(text, { header: false });

const process = geometricBrownianProcess({ volatility: 0.8, startTime: 1e-3 });
const network = timeMlp({ inputs: 2, hidden: [64, 64, 64] });
const training = trainDiffusion({ data, process, network, steps: 4000, batchSize: 256, seed: 1 });
const { model, loss } = (await solve(training)).iterate;
console.log(`loss ${loss?.toFixed(3)}`);

const { samples, evaluations } = await sample(model, {
  count: 2000,
  steps: 24,
  sampler: "probability-flow",
  seed: 2,
});
const distance = slicedWassersteinDistance(samples, data, { seed: 1 });
console.log(`${evaluations} evaluations, sliced Wasserstein distance ${distance.toFixed(3)}`);

// The whole sampler as one ONNX file, which turns normal numbers into samples.
const file = exportSampler(model, { steps: 24, sampler: "probability-flow" });
console.log(`${file.length} bytes of ONNX`);
