import { readFile } from "node:fs/promises";
import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { pacedTuning } from "./paced-tuning.ts";
import { compileTuner, type TuneIterate } from "./tuner.ts";

const file = new URL("../../../graph/fixtures/pytorch/classifier.onnx", import.meta.url);

async function collect(method: AsyncIterable<TuneIterate>): Promise<TuneIterate[]> {
  const all: TuneIterate[] = [];
  for await (const iterate of method) all.push(iterate);
  return all;
}

test("every place comes once and in order, and the epochs are those of whole epochs", async () => {
  const features = array(
    Float32Array.from({ length: 160 }, (_, i) => Math.sin(i)),
    [40, 4],
  );
  const labels = array(BigInt64Array.from({ length: 40 }, (_, i) => BigInt(i % 3)));
  using tuner = await compileTuner(new Uint8Array(await readFile(file)), {
    data: { inputs: { features }, labels },
    loss: "cross-entropy",
    batchSize: 1,
    validation: 0.25,
  });
  const run = { epochs: 4, patience: 3 };
  const whole = await collect(tuner.train(run));
  const paced = await collect(pacedTuning(tuner, run));
  const places = paced.map(({ epoch, partial }) => 30 * epoch + (partial?.batches ?? 0));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  // Calls of one step, then of twice as many or fewer.
  expect(places.slice(0, 2)).toEqual([0, 1]);
  const epochs = paced.filter(({ partial }) => !partial);
  expect(
    epochs.map(({ parameters, metrics, loss, best }) => ({ parameters, metrics, loss, best: best?.value })),
  ).toStrictEqual(
    whole.map(({ parameters, metrics, loss, best }) => ({ parameters, metrics, loss, best: best?.value })),
  );
  const middle = paced[2];
  const rest = await collect(pacedTuning(tuner, { ...run, resume: middle }));
  expect(rest[0]).toStrictEqual(middle);
  expect(rest.at(-1)?.parameters).toStrictEqual(whole.at(-1)?.parameters);
});
