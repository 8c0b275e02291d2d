import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { nearestNeighbors } from "../aggregate/nearest-neighbors.ts";
import { plainMean } from "../aggregate/plain-mean.ts";
import { geometryOf, standardDeviation } from "../geometry.ts";
import { fallOfEmpires, littleIsEnough } from "./along-direction.ts";
import type { AttackContext } from "./contract.ts";
import { displacementAlong } from "./displacement.ts";
import { labelFlip } from "./label-flip.ts";
import { maximizeOnHalfLine } from "./line-search.ts";
import { mimic } from "./mimic.ts";
import { notANumber } from "./not-a-number.ts";
import { signFlip } from "./sign-flip.ts";

const stream = randomStream(2);
const honest = Array.from({ length: 7 }, () => stream.fillNormal(new Float64Array(3)).map((x) => x + 2));
const geometry = geometryOf(honest);
const context: AttackContext = {
  rule: nearestNeighbors(),
  faulty: 2,
  random: stream,
  step: 0,
  learningRate: 0.5,
  geometry,
  memory: {},
};

async function sent(attack: ReturnType<typeof signFlip>, changes: Partial<AttackContext> = {}) {
  const models = await attack.models(honest, { ...context, ...changes });
  if (typeof models === "function") throw new Error("one list was wanted");
  expect(models).toHaveLength(2);
  expect(models[1]).toEqual(models[0]);
  return models[0];
}

test("the line search tries doubling steps, then shrinking ones around the best", () => {
  const tried: number[] = [];
  const best = maximizeOnHalfLine((z) => {
    tried.push(z);
    return -((z - 5) ** 2);
  }, 9);
  // From 0 by 1, 2 and 4; 7 is no better than 3. Then by 3.2, 2.56, 2.048, ... towards the best so far.
  [0, 1, 3, 7, 3.8, 1.24, 3.288, 4.9264, 3.61568].forEach((z, k) => {
    expect(tried[k]).toBeCloseTo(z, 12);
  });
  expect(tried).toHaveLength(9);
  expect(best).toBeCloseTo(4.9264, 12);
});

test("the line search never leaves the half line, nor its budget", () => {
  const tried: number[] = [];
  const falling = (z: number) => {
    tried.push(z);
    return -z;
  };
  expect(maximizeOnHalfLine(falling, 16)).toBe(0);
  expect(tried).toHaveLength(16);
  expect(Math.min(...tried)).toBeGreaterThanOrEqual(0);
  expect(() => maximizeOnHalfLine(() => 0, 0)).toThrow("evaluations");
});

test("ALIE and FOE stand on their lines, no nearer to the mean than is worst for the rule", async () => {
  const deviation = standardDeviation(honest, geometry.mean);
  // Unbiased standard deviations, coordinate by coordinate.
  honest[0].forEach((_, k) => {
    const column = honest.map((row) => row[k]);
    const mean = column.reduce((a, b) => a + b) / 7;
    expect(deviation[k] ** 2).toBeCloseTo(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 6, 12);
  });
  const little = await sent(littleIsEnough());
  const z = (little[0] - geometry.mean[0]) / deviation[0];
  little.forEach((x, k) => {
    expect(x).toBeCloseTo(geometry.mean[k] + z * deviation[k], 12);
  });
  const displacement = displacementAlong(deviation, context);
  expect(displacement(z)).toBeGreaterThan(displacement(0.5 * z));
  const falling = await sent(fallOfEmpires());
  const share = falling[0] / geometry.mean[0];
  expect(share).toBeLessThanOrEqual(1);
  falling.forEach((x, k) => {
    expect(x).toBeCloseTo(share * geometry.mean[k], 12);
  });
});

test("against the plain mean the search goes as far as its budget", async () => {
  const byzantine = await sent(fallOfEmpires({ evaluations: 16 }), { rule: plainMean() });
  expect(1 - byzantine[0] / geometry.mean[0]).toBeCloseTo(2 ** 15 - 1, 6);
});

test("a model for each receiver moves it at least as far as the common one", async () => {
  const models = await littleIsEnough({ perReceiver: true }).models(honest, context);
  if (typeof models !== "function") throw new Error("a list for each receiver was wanted");
  const lists = honest.map((_, receiver) => models(receiver));
  expect(new Set(lists.map(([first]) => first[0])).size).toBeGreaterThan(1);
});

test("flips, copies and garbage are what they say", async () => {
  expect([...(await sent(signFlip()))]).toEqual([...geometry.mean].map((m) => -m));
  expect([...(await sent(signFlip({ scaled: true })))]).toEqual([...geometry.mean].map((m) => -3.5 * m));
  const poisoned = Float64Array.from([1, 2, 3]);
  const flipped = await sent(labelFlip(), { poisonedGradient: () => poisoned });
  flipped.forEach((x, k) => {
    expect(x).toBeCloseTo(geometry.mean[k] - 0.5 * poisoned[k], 12);
  });
  await expect(sent(labelFlip())).rejects.toThrow("poisonedGradients");
  expect(await sent(mimic())).toBe(honest[0]);
  expect((await sent(notANumber())).every(Number.isNaN)).toBe(true);
});

test("mimicry finds the honest node that stands out, and remembers the direction", async () => {
  const tight = Array.from({ length: 6 }, (_, i) => Float64Array.from([0.01 * i, 0, i === 4 ? 5 : 0]));
  const memory = {};
  const others = { ...context, geometry: geometryOf(tight), memory, step: 0 };
  const models = await mimic({ target: "principal" }).models(tight, others);
  if (typeof models === "function") throw new Error("one list was wanted");
  expect(models[0]).toBe(tight[4]);
  expect(memory).toHaveProperty("direction");
});
