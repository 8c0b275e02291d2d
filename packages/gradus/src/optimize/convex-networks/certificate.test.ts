import fc from "fast-check";
import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { certifyNetwork } from "./certificate.ts";
import { networkOutputs } from "./network.ts";
import { atOnce } from "./pieces.ts";
import { refinedNetworkIterates } from "./refined-iterates.ts";
import { normalRows, signs } from "./test-support.ts";
import { worstDirections } from "./worst-directions.ts";

/** A network with random weights. */
function randomNetwork(d: number, m: number, seed: number) {
  const { x: hidden, y: biases } = normalRows(m, d, seed);
  return {
    hidden: { rows: d, columns: m, values: hidden.values },
    biases,
    outputs: normalRows(m, 1, seed + 1).y.map((value) => value / 3),
  };
}

// the directions of 1,500 rows are scored in several blocks
test.each([
  [9, 5, 100_000],
  [1500, 1, 2000],
])("in the plane the worst direction of %i rows is the worst of many angles", (n, seeds, angles) => {
  for (let seed = 0; seed < seeds; seed++) {
    const { x, y: nu } = normalRows(n, 2, seed);
    const { directions, proved } = atOnce(
      worstDirections(x, nu, { starts: 1, seed, also: normalRows(1, 2, 1).x, search: "full" }),
    );
    expect(proved).toBe(true);
    let most = 0;
    for (let step = 0; step < angles; step++) {
      const angle = (step * 2 * Math.PI) / angles;
      let height = 0;
      for (let k = 0; k < n; k++)
        height +=
          nu[k] * Math.max(0, x.values[2 * k] * Math.cos(angle) + x.values[2 * k + 1] * Math.sin(angle));
      most = Math.max(most, Math.abs(height));
    }
    expect(Math.abs(directions[0].score)).toBeGreaterThanOrEqual(most * (1 - 1e-12));
    expect(Math.abs(directions[0].score)).toBeLessThan(most * (1 + 1e-4));
  }
});

test.each(["full", "coarse"] as const)(
  "in four dimensions a %s search finds what 200,000 random directions do not exceed",
  (search) => {
    const { x, y: nu } = normalRows(40, 4, 3);
    const { directions, proved } = atOnce(
      worstDirections(x, nu, { starts: 1000, seed: 1, also: normalRows(1, 4, 1).x, search }),
    );
    expect(proved).toBe(false);
    let most = 0;
    const { x: random } = normalRows(200_000, 4, 9);
    for (let i = 0; i < random.rows; i++) {
      const u = random.values.subarray(4 * i, 4 * i + 4);
      const length = Math.hypot(...u);
      let height = 0;
      for (let k = 0; k < 40; k++) {
        let input = 0;
        for (let j = 0; j < 4; j++) input += x.values[4 * k + j] * u[j];
        if (input > 0) height += nu[k] * input;
      }
      most = Math.max(most, Math.abs(height / length));
    }
    expect(Math.abs(directions[0].score)).toBeGreaterThanOrEqual(most);
  },
);

test.each(["squared", "logistic", "hinge"] as const)(
  "%s: the bound of one network is below the objective of every other",
  (loss) => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 12 }), (seed, m) => {
        const { x, y: raw } = normalRows(10, 1, seed);
        const y = loss === "squared" ? raw : signs(raw);
        const problem = { x, y, loss, beta: 0.2 };
        const { lowerBound, kind } = certifyNetwork(problem, randomNetwork(1, 3, seed + 5));
        const other = certifyNetwork(problem, randomNetwork(1, m, seed + 9));
        expect(kind).toBe("proved");
        expect(lowerBound).toBeLessThanOrEqual(other.objective);
        expect(other.gap).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  },
);

test.each(["squared", "logistic"] as const)(
  "%s, five columns: refinement closes the gap, and resumes",
  async (loss) => {
    const { x, y: raw } = normalRows(30, 4, 2);
    const y = loss === "squared" ? raw : signs(raw);
    const options = { x, y, loss, beta: 0.5, tolerance: 1e-3, seed: 1 } as const;
    const { iterate, status } = await solve(refinedNetworkIterates(options), { maxIterations: 100 });
    expect(status).toBe("converged");
    const { certificate, network, objective } = iterate;
    expect(certificate.relativeGap).toBeLessThanOrEqual(1e-3);
    // the certificate's own figures from the network alone, with another search
    const again = certifyNetwork(
      options.loss === undefined ? { x, y, beta: 0.5 } : { x, y, loss, beta: 0.5 },
      network,
      {
        starts: 4000,
        seed: 99,
      },
    );
    expect(again.objective).toBeCloseTo(objective, 9);
    expect(again.relativeGap).toBeLessThan(5e-3);
    const two = await solve(refinedNetworkIterates(options), { maxIterations: 2 });
    const resumed = await solve(refinedNetworkIterates({ ...options, resume: two.iterate }), {
      maxIterations: 100,
    });
    expect(resumed.iterate.state).toStrictEqual(iterate.state);
  },
);

test("arguments that do not fit are refused", () => {
  const { x, y } = normalRows(6, 2, 1);
  const network = randomNetwork(2, 3, 1);
  const problem = { x, y, beta: 0.1 };
  expect(() => certifyNetwork(problem, network, { dual: [1] })).toThrow("dual must have 6 numbers, got 1");
  expect(() => certifyNetwork(problem, network, { starts: -1 })).toThrow(
    "starts must be a non-negative integer, got -1",
  );
  expect(() => certifyNetwork(problem, network, { start: 1 } as never)).toThrow(
    'certifyNetwork has no option "start"',
  );
  expect(() => networkOutputs(randomNetwork(3, 2, 1), x)).toThrow("x must have 3 columns, got 2");
});
