import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { gaussianSketch } from "../../linalg/sketch/gaussian.ts";
import { blobs } from "./blobs.ts";
import { circles } from "./circles.ts";
import { conditionedLogistic } from "./conditioned-logistic.ts";
import { gaussianPair } from "./gaussian-pair.ts";
import { gaussianWithMargin } from "./gaussian-with-margin.ts";
import { matrixFactorization } from "./matrix-factorization.ts";
import { moons } from "./moons.ts";

/** More numbers than an array can have in any engine. */
const n = 2 ** 50;

test.each<[name: string, sizes: string, make: () => unknown]>([
  ["blobs", "n = 1125899906842624 and d = 2", () => blobs({ n, centers: 2, seed: 1 })],
  [
    "circles",
    "n = 1125899906842624 and coordinates = 2",
    () => circles({ n, factor: 0.5, noise: 0, seed: 1 }),
  ],
  ["moons", "n = 1125899906842624 and coordinates = 2", () => moons({ n, noise: 0, seed: 1 })],
  [
    "gaussianPair",
    "n = 1125899906842624 and d = 8",
    () => gaussianPair({ n, positiveShare: 0.5, separation: 1, seed: 1 }),
  ],
  [
    "gaussianWithMargin",
    "n = 1125899906842624 and d = 3",
    () => gaussianWithMargin({ n, d: 3, margin: 0.1, seed: 1 }),
  ],
  [
    "conditionedLogistic",
    "n = 1125899906842624 and d = 3",
    () => conditionedLogistic({ n, d: 3, condition: 4, seed: 1 }),
  ],
  ["matrixFactorization", "n = 1125899906842624 and inputs = 6", () => matrixFactorization({ n, seed: 1 })],
  ["gaussianSketch", "size = 4 and n = 1125899906842624", () => gaussianSketch(4, n)],
])("%s names the sizes for which there is no room", (_, sizes, make) => {
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow(`${sizes} must leave room in memory, got`);
});
