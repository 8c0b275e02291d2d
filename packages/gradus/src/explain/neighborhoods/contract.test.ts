import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { type Perturbed, perturbedInputs } from "./contract.ts";

const [d, rows, count] = [3, 2, 11];
const stream = randomStream(4);
const normal = (size: number) => Float64Array.from({ length: size }, () => stream.normal());
const x = { rows, columns: d, values: normal(rows * d) };
const xi = { rows: count, columns: d, values: normal(count * d) };
const baseline = normal(d);

test("inputs are x0 + xi, or between the baseline and x0 as the definition says", () => {
  const made = (how: Pick<Perturbed, "composition" | "complement">) =>
    perturbedInputs({ x, baseline, ...how }, xi, 0, rows, (length) => new Float64Array(length)).values;
  const [added, kept, removed] = [
    made({ composition: "additive" }),
    made({ composition: "multiplicative" }),
    made({ composition: "multiplicative", complement: true }),
  ];
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < count; k++)
      for (let j = 0; j < d; j++) {
        const at = (i * count + k) * d + j;
        const [own, r, factor] = [x.values[i * d + j], baseline[j], xi.values[k * d + j]];
        expect(added[at]).toBeCloseTo(own + factor, 12);
        expect(kept[at]).toBeCloseTo(r + (own - r) * factor, 12);
        expect(removed[at]).toBeCloseTo(r + (own - r) * (1 - factor), 12);
      }
});
