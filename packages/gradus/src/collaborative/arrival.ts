import { checkIntegerWithin } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { randomStream } from "../random/stream.ts";

/** How many nodes there are; the last `faulty` of them are faulty. */
export interface Membership {
  readonly nodes: number;
  readonly faulty: number;
}

/**
 * Which models arrive in time. `worst`: all faulty models, and all honest models except f drawn uniformly. `uniform`:
 * the models of all other nodes except f drawn uniformly. A node always has its own model.
 */
export type Arrival = "worst" | "uniform";

/** For each honest node, the f nodes whose models reach it too late in a round. */
export type LateNodes = (step: number, round: number) => readonly Int32Array[];

/**
 * Draws which models arrive too late, independently for each receiver, step and round; the draw depends only on the
 * seed, the step and the round.
 *
 * @throws ArgumentError for an unknown arrival, or unless nodes is an integer in 1 .. 2^31 - 1, faulty one in
 *   0 .. nodes - 1 and seed one in 0 .. 2^53 - 1
 */
export function lateNodes(
  options: Membership & { readonly arrival: Arrival; readonly seed: number },
): LateNodes {
  checkGivenOptions("lateNodes", options, ["nodes", "faulty", "arrival", "seed"]);
  const { nodes, faulty, arrival, seed } = options;
  checkOneOf(["worst", "uniform"], { arrival });
  checkIntegerWithin(1, 2 ** 31 - 1, { nodes });
  checkIntegerWithin(0, nodes - 1, { faulty });
  const honest = nodes - faulty;
  const root = randomStream(seed).split("arrival");
  const others = (arrival === "worst" ? honest : nodes) - 1;
  const candidates = new Int32Array(others);
  if (faulty === 0) {
    const nobody = Array.from({ length: honest }, () => new Int32Array());
    return () => nobody;
  }
  return (step, round) => {
    const stream = root.split(step).split(round);
    return Array.from({ length: honest }, (_, receiver) => {
      for (let k = 0; k < others; k++) candidates[k] = k < receiver ? k : k + 1;
      const late = new Int32Array(Math.min(faulty, others));
      for (let k = 0; k < late.length; k++) {
        const j = k + stream.integer(others - k);
        late[k] = candidates[j];
        candidates[j] = candidates[k];
      }
      return late;
    });
  };
}
