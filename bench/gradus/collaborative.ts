import {
  type Attack,
  graphMixing,
  littleIsEnough,
  mixRound,
  nearestNeighbors,
  randomStream,
  signFlip,
} from "gradus";
import { collaborativeSizes } from "../collaborative-sizes.ts";
import type { Runner } from "../worker.ts";

/** Models whose numbers any language makes alike: ((7919 i + 104729 k) mod 1000003)/1000003 - 1/2. */
function honestModels(count: number, dimension: number): Float32Array[] {
  const all = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < dimension; k++)
      all[i * dimension + k] = ((7919 * i + 104_729 * k) % 1_000_003) / 1_000_003 - 0.5;
  return Array.from({ length: count }, (_, i) => all.subarray(i * dimension, (i + 1) * dimension));
}

const attacks: Readonly<Record<keyof typeof collaborativeSizes, () => Attack>> = {
  aggregation: () => signFlip(),
  mixing: () => littleIsEnough({ evaluations: 16 }),
};

/** One round of nearest-neighbor averaging for all honest nodes, the liars' choice of model included. */
export function mixingStep(name: keyof typeof collaborativeSizes): Runner {
  const { nodes, faulty, dimension } = collaborativeSizes[name];
  const count = nodes - faulty;
  const honest = honestModels(count, dimension);
  const rule = nearestNeighbors();
  const attack = attacks[name]();
  const graph = graphMixing();
  // Node i does not hear of the f honest nodes after it.
  const late = honest.map((_, i) => Int32Array.from({ length: faulty }, (__, j) => (i + 1 + j) % count));
  const random = randomStream(0);

  async function step() {
    const geometry = await graph.geometry(honest);
    const context = { rule, faulty, random, step: 0, learningRate: 1, geometry, memory: {} };
    const sent = await attack.models(honest, context);
    return mixRound({ rule, faulty, geometry, sent, late, combine: graph.combine });
  }

  return {
    reset() {},
    call: step,
    unitsPerCall: 1,
    async check() {
      const { rows } = await step();
      const norm = (row: ArrayLike<number>) => {
        let sum = 0;
        for (let k = 0; k < row.length; k++) sum += row[k] * row[k];
        return Math.sqrt(sum);
      };
      return [0, 1, count - 1].map((i) => norm(rows[i]));
    },
  };
}
