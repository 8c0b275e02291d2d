import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { csrFromDense, denseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { expect, test } from "vitest";
import type { ExperimentEvent } from "../experiment.ts";
import { type FinishedParts, resumableParts } from "../resumable-parts.ts";
import { type LinearMethod, type LinearResult, linearMethods, lossNames, runLinear } from "./linear-runs.ts";

const [rows, columns] = [60, 4];
const stream = randomStream(1);
const values = stream.fillNormal(new Float64Array(rows * columns));
const X = csrFromDense(denseMatrix(values, rows, columns));
const y = Float64Array.from({ length: rows }, (_, i) => Number(values[i * columns] + stream.normal() > 0));
const squaredNorms = Array.from({ length: rows }, (_, i) =>
  values.subarray(i * columns, (i + 1) * columns).reduce((sum, v) => sum + v * v, 0),
);
const data = { name: "made up", X, y, largestSquaredNorm: Math.max(...squaredNorms) };

/** A run under a driver that stores every iterate; stopped after so many of them, with what it resumes from. */
async function driven(
  method: LinearMethod,
  loss: (typeof lossNames)[number],
  resume?: FinishedParts,
  most = Number.POSITIVE_INFINITY,
): Promise<{ readonly result?: LinearResult; readonly parts: FinishedParts }> {
  const parts = resumableParts(resume, 0);
  const run = { data, loss, batchSize: 12, epochs: 70, seed: 3, signal: new AbortController().signal };
  const events = runLinear(method, run, {
    drive: parts.resumable,
    show: ({ x, y }): ExperimentEvent[] => [
      { kind: "points", plot: "p", series: method, points: [{ x, y }] },
    ],
  });
  let stored = 0;
  for (;;) {
    const next = await events.next();
    if (next.done) return { result: next.value, parts: parts.finished() };
    parts.show(next.value);
    if (next.value.kind === "iterate") stored += 1;
    if (stored >= most) return { parts: parts.finished() };
  }
}

test.each(linearMethods.flatMap((method) => lossNames.map((loss) => [method, loss] as const)))(
  "%s on the %s loss goes on after a stored iterate, bit for bit",
  async (method, loss) => {
    const whole = await driven(method, loss);
    const { parts } = await driven(method, loss, undefined, 143);
    const read = parseCheckpoint(serializeCheckpoint(parts)) as FinishedParts;
    expect(Object.values(read.methods ?? {}).map(({ iteration }) => iteration)).toEqual([142]);
    const resumed = await driven(method, loss, read);
    const { milliseconds: _, ...expected } = whole.result ?? {};
    const { milliseconds: __, ...found } = resumed.result ?? {};
    expect(found).toStrictEqual(expected);
    expect(whole.result?.curve.at(-1)?.x).toBe(350);
  },
);
