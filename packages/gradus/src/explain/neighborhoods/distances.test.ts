import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { type Perturbed, perturbedInputs } from "./contract.ts";
import { squaredDistances } from "./distances.ts";

const [d, rows, count] = [3, 5, 11];
const stream = randomStream(4);
const normal = (size: number) => Float64Array.from({ length: size }, () => stream.normal());
const x = { rows, columns: d, values: normal(rows * d) };
const baseline = normal(d);
const matrix = (values: Float64Array) => ({ rows: count, columns: d, values });
const fresh = (length: number) => new Float64Array(length);

const continuous = matrix(normal(count * d));
const masks = matrix(continuous.values.map((value) => (value < 0 ? 0 : 1)));

test.each<[string, Pick<Perturbed, "composition" | "complement">]>([
  ["added", { composition: "additive" }],
  ["multiplied", { composition: "multiplicative" }],
  ["what they leave multiplied", { composition: "multiplicative", complement: true }],
])("distances are those of the inputs that perturbations make, %s", (_, how) => {
  const perturbed = { x, baseline, ...how };
  for (const xi of [continuous, masks]) {
    const distances = squaredDistances(perturbed, xi)(0, rows, fresh);
    const inputs = perturbedInputs(perturbed, xi, 0, rows, fresh).values;
    expect(distances).toHaveLength(rows * count);
    expect(squaredDistances(perturbed, xi)(2, rows, fresh)).toEqual(distances.subarray(2 * count));
    for (const [k, distance] of distances.entries()) {
      const row = Math.floor(k / count);
      const away = Array.from({ length: d }, (_, j) => inputs[k * d + j] - x.values[row * d + j]);
      expect(distance).toBeCloseTo(Math.hypot(...away) ** 2, 10);
    }
  }
});

test("distances of a row have the same bits beside other rows", () => {
  const wide = 23;
  const values = Float64Array.from({ length: 40 * wide }, () => 3 * stream.normal());
  const all = {
    x: { rows: 40, columns: wide, values },
    baseline: normal(wide),
    composition: "multiplicative",
  } as const;
  const uniform = stream.fillUniform(new Float64Array(101 * wide));
  // masks, and scalings of which no square is exact
  for (const drawn of [uniform.map((value) => (value < 0.5 ? 1 : 0)), uniform])
    for (const complement of [false, true]) {
      const xi = { rows: 101, columns: wide, values: drawn };
      const together = squaredDistances({ ...all, complement }, xi)(0, 40, fresh);
      for (let i = 0; i < 40; i++) {
        const own = { rows: 1, columns: wide, values: values.subarray(i * wide, (i + 1) * wide) };
        const alone = squaredDistances({ ...all, complement, x: own }, xi)(0, 1, fresh);
        expect(together.subarray(i * 101, (i + 1) * 101)).toEqual(alone);
      }
    }
});
