// Trains a U-Net on MNIST's 28 x 28 pixels for paper 21, and draws samples:
//   GRADUS_DATA_DIR=... node packages/papers/scripts/train-mnist-network.ts build/mnist --steps 1500
// Progress and a checkpoint every 25 steps. Interrupted (Ctrl+C, or killed), the same command continues bit for bit; when
// training is complete it only draws. The training images are read if they are in the data directory, else the test images.
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DataMissingError } from "gradus/check";
import {
  geometricBrownianProcess,
  sample,
  type TrainDiffusionIterate,
  trainDiffusion,
} from "gradus/diffusion";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { uNet } from "gradus/nn";
import { slicedWassersteinDistance } from "gradus/statistics";
import { adam, cosineDecay, exponentialAveraging } from "gradus/train";
import { asImages } from "../src/multiplicative-diffusion/digits.ts";
import { logarithms } from "../src/multiplicative-diffusion/laws.ts";
import { scaledImages } from "../src/shared/images.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const HELD_OUT = 1000;
/** Images beside and below each other in the picture. */
const ACROSS = 10;

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "1500" },
    batch: { type: "string", default: "32" },
    samples: { type: "string", default: "500" },
  },
});
const [folder = "build/mnist"] = positionals;

function positive(name: keyof typeof given): number {
  const value = Number(given[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a positive integer, got ${given[name]}`);
}
const [steps, batchSize, count] = [positive("steps"), positive("batch"), positive("samples")];

async function images() {
  try {
    return await scaledImages("mnist", "f64");
  } catch (error) {
    if (!(error instanceof DataMissingError)) throw error;
    return await scaledImages("mnist", "f64", { split: "test" });
  }
}

const { rows, pixels } = await images();
const points = pixels.map((gray) => 1 + gray);
const part = (from: number, to: number) =>
  denseMatrix(points.slice(from * PIXELS, to * PIXELS), to - from, PIXELS);
const data = part(0, rows - HELD_OUT);
const heldOut = part(rows - HELD_OUT, rows);

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const run = {
  process: geometricBrownianProcess({ volatility: 2, startTime: 1e-3 }),
  network: uNet({
    dimension: 2,
    channels: 1,
    filters: [16, 32, 32],
    blocks: 1,
    groups: 8,
    time: { features: 16, width: 32, maxPeriod: 20, scale: 3 },
  }),
  steps,
  batchSize,
  stepsPerIterate: 25,
  optimizer: adam({ learningRate: cosineDecay({ initial: 2e-3, counts: steps }) }),
  averaging: exponentialAveraging({ decay: 0.995 }),
  seed: 1,
  threads: 1,
} as const;
type Iterate = TrainDiffusionIterate<ReturnType<typeof run.network.parameters>>;

await mkdir(folder, { recursive: true });
const file = join(folder, "checkpoint.json");
const recipe = { steps, batchSize, images: data.rows };

/** The iterate to continue from, if the folder has one of this recipe. */
async function kept(): Promise<Pick<Iterate, "iteration" | "state"> | undefined> {
  if (!existsSync(file)) return undefined;
  const { resume, ...known } = parseCheckpoint(await readFile(file, "utf8")) as typeof recipe & {
    readonly resume: Pick<Iterate, "iteration" | "state">;
  };
  if (JSON.stringify(known) === JSON.stringify(recipe)) return resume;
  throw new RangeError(
    `${file} is of another recipe (${JSON.stringify(known)}); remove it, or choose another folder`,
  );
}

/** Written under another name first: a checkpoint is there as a whole, or it is the one before. */
async function keep({ iteration, state }: Iterate): Promise<void> {
  await writeFile(`${file}.part`, serializeCheckpoint({ ...recipe, resume: { iteration, state } }));
  await rename(`${file}.part`, file);
}

const clock = (seconds: number) =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

let last: Iterate | undefined;
const resume = await kept();
const begun = performance.now();
let first = 0;
try {
  for await (const iterate of trainDiffusion({
    ...run,
    data: asImages(data, SIDE),
    resume,
    signal: stop.signal,
  })) {
    if (last) await keep(iterate);
    else first = iterate.steps;
    last = iterate;
    const each = (performance.now() - begun) / 1000 / (iterate.steps - first);
    if (iterate.steps > first)
      console.log(
        `step ${iterate.steps} of ${steps}, loss ${iterate.loss?.toPrecision(4)}, ${Math.round(1000 * each)} ms a step, about ${clock(each * (steps - iterate.steps))} left`,
      );
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.log(`Stopped at step ${last?.steps ?? 0}; the same command continues there.`);
  process.exit(130);
}
if (!last) throw new Error("training gave no iterate");

/** Pixels in [1, 2], as the authors end. */
const clamped = ({ rows, columns, values }: DenseMatrix) =>
  denseMatrix(
    values.map((x) => Math.min(2, Math.max(1, x))),
    rows,
    columns,
  );
console.log(`Drawing ${count} samples.`);
const drawn = await sample(last.model, { count, steps: 150, sampler: "exponential", seed: 1, threads: 1 });
const found = clamped(drawn.samples);

const down = Math.ceil(Math.min(count, 60) / ACROSS);
const picture = new Uint8Array(down * ACROSS * PIXELS);
for (let image = 0; image < Math.min(count, down * ACROSS); image++)
  for (let j = 0; j < PIXELS; j++) {
    const row = Math.floor(image / ACROSS) * SIDE + Math.floor(j / SIDE);
    const gray = Math.round(255 * (found.values[image * PIXELS + j] - 1));
    picture[row * ACROSS * SIDE + (image % ACROSS) * SIDE + (j % SIDE)] = gray;
  }
await writeFile(
  join(folder, "samples.pgm"),
  Buffer.concat([Buffer.from(`P5 ${ACROSS * SIDE} ${down * SIDE} 255\n`), picture]),
);

/** Two samples of the same size, so that their distances can be compared. */
const size = Math.min(count, HELD_OUT);
const firstOf = ({ values }: DenseMatrix) =>
  logarithms(denseMatrix(values.slice(0, size * PIXELS), size, PIXELS));
const distance = (x: DenseMatrix, y: DenseMatrix) =>
  slicedWassersteinDistance(firstOf(x), firstOf(y), { directions: 128, seed: 1 }).toPrecision(3);
console.log(
  `Sliced Wasserstein distance to ${size} held-out digits, in logarithms: samples ${distance(found, heldOut)}, training digits ${distance(data, heldOut)}`,
);
console.log(`Pictures in ${join(folder, "samples.pgm")}.`);
