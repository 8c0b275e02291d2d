import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { certifyNetwork } from "./certificate.ts";
import { networkObjective } from "./network.ts";
import { refinedNetworkIterates } from "./refined-iterates.ts";
import { normalRows, signs } from "./test-support.ts";
import { widenedNetworkIterates } from "./widened-iterates.ts";

test.each(["squared", "logistic"] as const)(
  "%s, five columns: widening ends where refinement does, and resumes bit for bit",
  async (loss) => {
    const { x, y: raw } = normalRows(60, 4, 2);
    const problem = { x, y: loss === "squared" ? raw : signs(raw), loss, beta: 0.5 };
    const options = { ...problem, tolerance: 2e-3, seed: 1 } as const;
    const { iterate, status } = await solve(widenedNetworkIterates(options), { maxIterations: 40 });
    expect(status).toBe("converged");
    expect(iterate.certificate?.relativeGap).toBeLessThanOrEqual(2e-3);
    expect(networkObjective(problem, iterate.network)).toBeCloseTo(iterate.objective, 9);
    const refined = await solve(refinedNetworkIterates({ ...problem, tolerance: 1e-3 }), {
      maxIterations: 100,
    });
    expect(Math.abs(iterate.objective / refined.iterate.objective - 1)).toBeLessThan(4e-3);
    expect(iterate.certificate?.lowerBound).toBeLessThanOrEqual(refined.iterate.objective);
    const { network, state } = iterate;
    const again = certifyNetwork(problem, network, { dual: state.dual, starts: 4000, seed: 99 });
    expect(again.relativeGap).toBeLessThan(5e-3);
    const one = await solve(widenedNetworkIterates(options), { maxIterations: 1 });
    const resumed = await solve(widenedNetworkIterates({ ...options, resume: one.iterate }), {
      maxIterations: 40,
    });
    expect(resumed.iterate.state).toStrictEqual(state);
  },
);

test("units that were just added are not left out while the gap is wide", async () => {
  const { x, y } = normalRows(150, 10, 3);
  const method = widenedNetworkIterates({ x, y, beta: 3, tolerance: 0.02, samples: 20, seed: 2 });
  const { iterate, status } = await solve(method, { maxIterations: 30 });
  expect(status).toBe("converged");
  expect(iterate.width).toBeGreaterThan(20);
});

test("hinge: the gap closes without descent", async () => {
  const { x, y } = normalRows(60, 3, 5);
  const problem = { x, y: signs(y), loss: "hinge", beta: 1 } as const;
  const method = widenedNetworkIterates({ ...problem, tolerance: 0.01 });
  const { iterate, status } = await solve(method, { maxIterations: 60 });
  expect(status).toBe("converged");
  const { certificate, network } = iterate;
  expect(certificate?.relativeGap).toBeLessThanOrEqual(0.01);
  expect(networkObjective(problem, network)).toBeCloseTo(iterate.objective, 9);
});

/** A signal that is aborted when it is asked for the n-th time, and how often it was asked. */
function abortedAt(n: number) {
  const controller = new AbortController();
  const { signal } = controller;
  const ask = signal.throwIfAborted.bind(signal);
  const asked = { times: 0 };
  signal.throwIfAborted = () => {
    asked.times += 1;
    if (asked.times === n) controller.abort(new Error("closed"));
    ask();
  };
  return { signal, asked };
}

test("a signal ends it within a round, whenever it is asked", async () => {
  const problem = { ...normalRows(40, 3, 5), beta: 0.1, samples: 20 };
  const whole = abortedAt(Number.POSITIVE_INFINITY);
  await widenedNetworkIterates({ ...problem, signal: whole.signal }).next();
  expect(whole.asked.times).toBeGreaterThan(3);
  for (let n = 1; n <= whole.asked.times; n += Math.ceil(whole.asked.times / 8)) {
    const { signal, asked } = abortedAt(n);
    await expect(widenedNetworkIterates({ ...problem, signal }).next()).rejects.toThrow("closed");
    expect(asked.times).toBe(n);
  }
});

test("penalties above which no unit is worth its weight leave the network 0", async () => {
  const { x, y } = normalRows(12, 2, 3);
  const loss = y.reduce((sum, value) => sum + (value * value) / 2, 0);
  for (const [targets, expected] of [
    [y, loss],
    [y.map(() => 0), 0],
  ] as const) {
    const { status, iterate } = await solve(widenedNetworkIterates({ x, y: targets, beta: 100 }), {
      maxIterations: 5,
    });
    expect(status).toBe("converged");
    expect(iterate.width).toBe(0);
    expect(iterate.objective).toBeCloseTo(expected, 12);
  }
});
