// The label flip: a peer that trains like the honest ones, but on wrong labels.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCommand } from "../fixture/run-command.ts";
import { score } from "../fixture/training.ts";
import { digitsProblem } from "./digits-problem.ts";
import type { CollaborativePlan } from "./plan.ts";
import type { CollaborativeRecord } from "./record.ts";

const plan: CollaborativePlan = {
  run: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  peers: 6,
  byzantine: 2,
  attack: "LF",
  method: "MoNNA",
  transport: "in-process",
  steps: 100,
  batch: 25,
  concentration: 5,
  seed: 3,
  deadline: 5000,
};

it("a Byzantine peer has its own rows and learns wrong classes for them", async () => {
  const learned: number[] = [];
  for (const node of [3, 4, 5]) {
    await using problem = await digitsProblem(plan, node);
    // A fourth of the training rows, minus the rounding in each class.
    expect(Math.abs(problem.rows - 1437 / 4)).toBeLessThan(10);
    let model = problem.start.slice();
    for (let step = 0; step < 300; step++) {
      const gradient = await problem.gradient(model, step);
      model = model.map((x, k) => x - 0.5 * gradient[k]);
    }
    learned.push(await problem.accuracy(model));
  }
  const [right, ...wrong] = learned;
  expect(right).toBeGreaterThan(0.8);
  // No class is its own opposite: a model that has learned the flipped labels well is worse than chance.
  for (const accuracy of wrong) expect(accuracy).toBeLessThan(0.1);
});

it("the rows of the honest peers do not depend on the Byzantine peers", async () => {
  await using among = await digitsProblem(plan, 2);
  await using alone = await digitsProblem({ ...plan, peers: 4, byzantine: 0 }, 2);
  expect(among.rows).toBe(alone.rows);
  expect(await among.gradient(among.start, 7)).toEqual(await alone.gradient(alone.start, 7));
});

it("honest peers learn even if Byzantine peers send models of flipped labels in valid messages", {
  timeout: 300_000,
}, async () => {
  const home = await mkdtemp(join(tmpdir(), "gradus-flip-"));
  try {
    const line = "collaborate --transport in-process --attack LF --peers 9 --byzantine 2 --steps 150 --json";
    const { status, out, err } = await runCommand(line, { home });
    expect(status, err).toBe(0);
    const record: CollaborativeRecord = JSON.parse(out);
    // As under the other attacks; chance is a tenth.
    expect(score(record)).toBeGreaterThan(0.6);
    for (const { byzantine, report } of record.nodes)
      if (!byzantine) {
        expect(report?.missedDeadlines).toBe(0);
        expect(report?.rejected).toEqual({});
      }
  } finally {
    await rm(home, { recursive: true });
  }
});
