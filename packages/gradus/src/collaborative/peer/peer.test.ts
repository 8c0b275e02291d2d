import { describe, expect, test } from "vitest";
import { quadratic } from "../../objectives/quadratic.ts";
import { nearestNeighbors } from "../aggregate/nearest-neighbors.ts";
import type { MixingRule } from "../aggregate/rule.ts";
import { coordinateTrimmedMean } from "../aggregate/trimmed-mean.ts";
import { lateNodes } from "../arrival.ts";
import { littleIsEnough } from "../attack/along-direction.ts";
import type { Attack } from "../attack/contract.ts";
import { notANumber } from "../attack/not-a-number.ts";
import { signFlip } from "../attack/sign-flip.ts";
import { localObjectives } from "../problem.ts";
import { collaborativeTraining } from "../training.ts";
import type { Vector } from "../vector.ts";
import { faultyPeer } from "./faulty-peer.ts";
import { inProcessNetwork } from "./in-process.ts";
import { peer } from "./peer.ts";

const d = 4;

/** Nodes that draw towards points of their own. */
function problem(nodes: number, noise = 0.5) {
  const values = Float64Array.from({ length: d * d }, (_, k) => (k % (d + 1) === 0 ? 1 : 0));
  const identity = { rows: d, columns: d, values };
  const objectives = Array.from({ length: nodes }, (_, i) =>
    quadratic(
      identity,
      Float64Array.from({ length: d }, (__, k) => Math.sin(i + 2 * k)),
    ),
  );
  return localObjectives(objectives, new Float64Array(d), { noise, seed: 3 });
}

const pace = { rounds: 2, learningRate: 0.2 };
const settings = { ...pace, momentum: 0.8 };

/** Trains by peers over the in-process network, of which only the models that are not late pass. */
async function byPeers(
  honest: number,
  faulty: number,
  steps: number,
  { attack, mixing, seed }: { attack: () => Attack; mixing: () => MixingRule; seed: number },
): Promise<Vector[]> {
  const nodes = honest + faulty;
  const late = lateNodes({ nodes, faulty, arrival: "worst", seed });
  const network = inProcessNetwork({
    nodes,
    wire(from, to, bytes) {
      if (to >= honest) return bytes;
      const header = new DataView(bytes.buffer, bytes.byteOffset);
      const [step, round] = [header.getUint32(16, true), header.getUint32(20, true)];
      return late(step, round)[to].includes(from) ? undefined : bytes;
    },
  });
  const stop = new AbortController();
  const { start, gradient } = problem(honest);
  const shared = { nodes, faulty, start };
  const byzantinePeers = Array.from({ length: faulty }, async (_, k) => {
    const transport = network.connect(honest + k);
    const rounds = faultyPeer({
      ...shared,
      ...pace,
      transport,
      attack: attack(),
      mixing: mixing(),
      seed,
      signal: stop.signal,
    });
    for await (const _round of rounds);
  });
  const finished = await Promise.all(
    Array.from({ length: honest }, async (_, node) => {
      const run = peer({
        ...shared,
        ...settings,
        transport: network.connect(node),
        mixing: mixing(),
        gradient: (model, step) => gradient(node, model, step),
      });
      for await (const { step, model } of run) if (step >= steps) return model;
      throw new Error("the peer ended");
    }),
  );
  stop.abort(new Error("over"));
  for (const byzantine of byzantinePeers) await expect(byzantine).rejects.toThrow("over");
  return finished;
}

describe("peers over the in-process network", () => {
  test.each<[string, () => Attack, () => MixingRule]>([
    ["ALIE on nearest neighbors", () => littleIsEnough({ evaluations: 8 }), nearestNeighbors],
    ["sign flip on nearest neighbors", () => signFlip(), nearestNeighbors],
    ["NaN on nearest neighbors", () => notANumber(), nearestNeighbors],
    ["ALIE on the trimmed mean", () => littleIsEnough({ evaluations: 8 }), coordinateTrimmedMean],
  ])("make the trajectory of the vectorized training: %s", async (_, attack, mixing) => {
    const [honest, faulty, steps] = [8, 2, 12];
    const models = await byPeers(honest, faulty, steps, { attack, mixing, seed: 5 });
    const options = { ...settings, faulty, attack: attack(), mixing: mixing(), seed: 5 };
    for await (const iterate of collaborativeTraining(problem(honest), options)) {
      if (iterate.iteration < steps) continue;
      iterate.models.forEach((model, i) => {
        for (let k = 0; k < d; k++) expect(Math.abs(models[i][k] - model[k])).toBeLessThan(1e-10);
      });
      break;
    }
  });
});

test("a rule of one's own that returns no model is named", async () => {
  for (const [result, got] of [
    [undefined, "undefined"],
    [new Float64Array(1), "Float64Array of length 1"],
    [Promise.resolve(new Float64Array(d)), "an object of class Promise"],
  ] as const) {
    const mixing: MixingRule = { ...nearestNeighbors(), name: "own", mix: () => result as never };
    const network = inProcessNetwork({ nodes: 2 });
    const run = peer({
      ...settings,
      nodes: 2,
      mixing,
      transport: network.connect(0),
      run: 1,
      deadline: 1,
      start: new Float64Array(d),
      gradient: () => new Float64Array(d),
    });
    await expect(Array.fromAsync(run)).rejects.toThrow(
      `mixing rule "own" must return a model of ${d} numbers, got ${got}`,
    );
  }
});
