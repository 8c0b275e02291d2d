import { type ArrayValue, flattenTree, isArrayValue, releaseArrays } from "@gradus/graph";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { distance } from "./context.ts";

/** Training that goes on from call to call. */
export interface TrainingCase<Parameters> {
  readonly start: Parameters;
  /** One or more steps from given parameters. */
  run(parameters: Parameters): Promise<{
    readonly parameters: Parameters;
    /** The loss before each of them. */
    readonly loss: ArrayValue;
  }>;
  readonly stepsPerCall?: number;
  /** What is compared with the peers, of the first losses and where they lead; the losses and the way by default. */
  figures?(losses: readonly number[], end: Parameters, way: number): number[];
}

/** The parameters go in and come out each time. */
export function trainingCase<Parameters>({
  start,
  run,
  stepsPerCall = 1,
  figures = (losses, _, way) => [...losses, way],
}: TrainingCase<Parameters>): Runner {
  const leaves = (tree: Parameters) => flattenTree(tree, isArrayValue).leaves;
  let current = start;
  const call = async () => {
    const before = current;
    const { parameters, loss } = await run(before);
    current = parameters;
    if (before !== start) releaseArrays(leaves(before));
    return Array.from(loss.data, Number);
  };
  const reset = () => {
    current = start;
  };
  return {
    reset,
    call,
    unitsPerCall: stepsPerCall,
    async check() {
      reset();
      const losses: number[] = [];
      while (losses.length < sizes.checkedIterations) losses.push(...(await call()));
      return figures(losses, current, distance(leaves(current), leaves(start)));
    },
  };
}
