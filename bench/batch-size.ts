/**
 * `node bench/batch-size.ts`: a training step with the norm test, and the time to an accuracy, beside PyTorch with the
 * gradients of all samples by vmap. Turns alternate; of a turn's steps the fastest counts, and medians of
 * the turns are printed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ArrayValue, array, type Tensor } from "@gradus/graph";
import { loadDataset, selectRows } from "gradus/data";
import { accuracy, softmaxCrossEntropy } from "gradus/losses";
import { type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import {
  adagrad,
  adaptiveBatchSize,
  type BatchSizePolicy,
  compileBatchSizeTrainer,
  compileEvaluator,
  compileStep,
  normTest,
  streamOracle,
} from "gradus/train";
import { describeMachine } from "./machine.ts";
import { spread } from "./statistics.ts";

const TURNS = 3;
/** One each: on a busy machine two threads of PyTorch wait for one another. */
const THREADS = 1;
const STEPS = 40;
const TORCH_STEPS = 6;
const ROWS = 512;
const TRAINING_ROWS = 1437;
const ETA = 0.5;
const ACCURACY = 0.94;
/** So large that no batch fails. */
const TOLERANT = 100;
const widths = { step: [784, 128, 10], accuracy: [64, 64, 10] } as const;

const folder = mkdtempSync(join(tmpdir(), "gradus-batch-size-"));
const write = (name: string, { data }: ArrayValue) =>
  writeFileSync(join(folder, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

const network = (name: keyof typeof widths) => {
  const [inputs, hidden, outputs] = widths[name];
  const model = mlp({ inputs, hidden: [hidden], outputs });
  const parameters = model.parameters({ stream: randomStream(1), dtype: "f32" });
  for (const [i, { weights, bias }] of parameters.layers.entries()) {
    write(`${name}.w${i}`, weights);
    write(`${name}.b${i}`, bias ?? array(new Float32Array(weights.shape[1])));
  }
  const loss = (p: MlpParameters, { x, y }: { x: Tensor; y: Tensor }) =>
    softmaxCrossEntropy(model.apply(p, x), y);
  return { model, parameters, loss };
};

const stream = randomStream(2);
const batch = {
  x: array(stream.fillUniform(new Float32Array(ROWS * 784)), [ROWS, 784]),
  y: array(BigInt64Array.from({ length: ROWS }, () => BigInt(stream.integer(10)))),
};
write("step.x", batch.x);
write("step.y", batch.y);
const { x, y } = await loadDataset("digits");
const order = randomStream(1).split("split").permutation(x.rows);
const part = (name: string, rows: Int32Array) => {
  const data = {
    x: array(
      Float32Array.from(selectRows(x, rows).values, (level) => level / 16),
      [rows.length, x.columns],
    ),
    y: array(BigInt64Array.from(rows, (i) => BigInt(y[i]))),
  };
  write(`${name}.x`, data.x);
  write(`${name}.y`, data.y);
  return data;
};
const train = part("train", order.subarray(0, TRAINING_ROWS));
const test = part("test", order.subarray(TRAINING_ROWS));

const small = network("step");
const digits = network("accuracy");
writeFileSync(
  join(folder, "sizes.json"),
  JSON.stringify({
    step: { name: "step", widths: widths.step, rows: ROWS, steps: TORCH_STEPS },
    accuracy: {
      name: "accuracy",
      widths: widths.accuracy,
      rows: TRAINING_ROWS,
      eta: ETA,
      accuracy: ACCURACY,
    },
  }),
);

const common = { threads: THREADS, optimizer: adagrad({ learningRate: 0.01 }) };
using stepper = await compileBatchSizeTrainer({ ...small, ...common, data: streamOracle(() => batch) });
using plain = await compileStep({ ...small, ...common, data: batch });
using digitsTrainer = await compileBatchSizeTrainer({
  ...digits,
  data: train,
  threads: THREADS,
  optimizer: adagrad({ learningRate: 0.1 }),
});
using evaluator = await compileEvaluator({
  metrics: {
    accuracy: (p: MlpParameters, { x, y }: { x: Tensor; y: Tensor }) => accuracy(digits.model.apply(p, x), y),
  },
  parameters: digits.parameters,
  data: test,
});

/** Tests every step and never grows. */
const tested = adaptiveBatchSize({ test: normTest({ eta: TOLERANT }), initial: ROWS, maximum: 1e6 });

/** A training as a function that takes its next step. */
async function stepping(batchSize: BatchSizePolicy | number): Promise<() => Promise<unknown>> {
  const iterates = stepper.train({ batchSize });
  await iterates.next();
  return () => iterates.next();
}

/** The least time of a step of each kind; the kinds take turns, so that all meet the same load. */
async function leastTimes() {
  let state = await plain.init();
  const kinds = [
    await stepping(tested),
    await stepping(ROWS),
    async () => {
      ({ state } = await plain.step(state, batch));
    },
  ];
  const least = kinds.map(() => Number.POSITIVE_INFINITY);
  for (let k = 0; k < STEPS; k++)
    for (const [i, step] of kinds.entries()) {
      const before = performance.now();
      await step();
      least[i] = Math.min(least[i], performance.now() - before);
    }
  return { tested: least[0], untested: least[1], plain: least[2] };
}

async function toAccuracy() {
  const policy = adaptiveBatchSize({ test: normTest({ eta: ETA }), initial: 8, maximum: TRAINING_ROWS });
  let [spent, before] = [0, performance.now()];
  for await (const { iteration, parameters } of digitsTrainer.train({ batchSize: policy, seed: 1 })) {
    spent += performance.now() - before;
    const reached = (await evaluator.evaluate({ parameters, data: test })).accuracy;
    if (reached >= ACCURACY) return { steps: iteration, milliseconds: spent };
    before = performance.now();
  }
  throw new Error("the training ended");
}

/** What the first step measures, and how much memory it adds at its peak. */
async function firstStep() {
  const before = process.memoryUsage.rss();
  for await (const { iteration, loss = 0, gradientNorm = 0, verdict } of stepper.train({
    batchSize: tested,
  })) {
    if (iteration === 0) continue;
    const square = gradientNorm ** 2;
    const variance = (verdict?.proposedBatchSize ?? 0) * TOLERANT ** 2 * square;
    const peak = process.resourceUsage().maxRSS / 1024 - before / 2 ** 20;
    return { numbers: [loss, square, variance], megabytes: Math.max(0, peak) };
  }
  throw new Error("no step was taken");
}

interface Peer {
  readonly step: {
    readonly numbers: readonly number[];
    readonly milliseconds: number;
    readonly megabytes: number;
  };
  readonly accuracy: { readonly steps: number; readonly milliseconds: number };
}

/** Milliseconds of a turn: steps with the test, without it, the compiled step; the way to the accuracy; PyTorch's. */
interface Turn {
  readonly tested: number;
  readonly untested: number;
  readonly plain: number;
  readonly digits: { readonly steps: number; readonly milliseconds: number };
  readonly peer: Peer;
}

function pytorch(): Peer {
  const script = fileURLToPath(new URL("peers/torch_batch_size.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync("/usr/bin/python3", [script, folder, String(THREADS)], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`PyTorch: ${stderr.trim().split("\n").at(-1)}`);
  return JSON.parse(stdout);
}

try {
  const first = await firstStep();
  const turns: Turn[] = [];
  for (let turn = 0; turn < TURNS; turn++)
    turns.push({
      ...(await leastTimes()),
      digits: await toAccuracy(),
      peer: pytorch(),
    });
  const middle = (figure: (turn: Turn) => number) => spread(turns.map(figure)).median;
  const line = (label: string, value: number, unit: string) =>
    console.log(`${label.padEnd(62)} ${value.toPrecision(3).padStart(8)} ${unit}`);
  const { processor, node } = describeMachine();
  console.log(`${processor}, ${node}, ${THREADS} threads, medians of ${TURNS} turns\n`);
  const [a, b] = [first.numbers, turns[0].peer.step.numbers];
  line(
    "largest relative difference of loss, |g|^2 and |V|_1",
    Math.max(...a.map((v, i) => Math.abs(v / b[i] - 1))),
    "",
  );
  console.log(`784-128-10, batch ${ROWS}`);
  line(
    "  gradus, step with the norm test",
    middle((t) => t.tested),
    "ms",
  );
  line(
    "  gradus, step of the same trainer without",
    middle((t) => t.untested),
    "ms",
  );
  line(
    "  gradus, compiled step without",
    middle((t) => t.plain),
    "ms",
  );
  line(
    "  PyTorch, step with the norm test by vmap",
    middle((t) => t.peer.step.milliseconds),
    "ms",
  );
  line(
    "  with the test over the compiled step (asked: at most 1.3)",
    middle((t) => t.tested / t.plain),
    "",
  );
  line(
    "  PyTorch over gradus (asked: at least 5)",
    middle((t) => t.peer.step.milliseconds / t.tested),
    "",
  );
  line("  gradus, memory that the first step adds", first.megabytes, "MB");
  line(
    "  PyTorch, memory that a step adds",
    middle((t) => t.peer.step.megabytes),
    "MB",
  );
  line(
    "  gradus' over PyTorch's (asked: below 0.05)",
    first.megabytes / middle((t) => t.peer.step.megabytes),
    "",
  );
  console.log(`64-64-10 on the digits to accuracy ${ACCURACY}, eta = ${ETA}`);
  line(
    "  gradus",
    middle((t) => t.digits.milliseconds),
    `ms in ${turns[0].digits.steps} steps`,
  );
  line(
    "  PyTorch",
    middle((t) => t.peer.accuracy.milliseconds),
    `ms in ${turns[0].peer.accuracy.steps} steps`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
