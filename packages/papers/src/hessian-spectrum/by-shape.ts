import { specsOf } from "@gradus/graph";
import type { NetworkProblem } from "./problems.ts";

/** Programs compiled for problems of several shapes, once for each. Holds native memory: declare it with `using`. */
export interface ByShape<T> extends Disposable {
  /** The program for the problem's shapes, compiled at the first problem with these shapes. */
  of(problem: NetworkProblem): Promise<T>;
}

/**
 * Compiles once for all problems whose arrays have the same types and shapes. They must have the same model and loss,
 * and the compiled program must take the parameters and data of each problem as inputs.
 */
export function compiledByShape<T extends Disposable>(
  compile: (problem: NetworkProblem) => Promise<T>,
): ByShape<T> {
  const compiled = new Map<string, T>();
  return {
    async of(problem) {
      const { parameters, data } = problem;
      const shapes = JSON.stringify([specsOf(parameters), specsOf(data)]);
      const made = compiled.get(shapes) ?? (await compile(problem));
      compiled.set(shapes, made);
      return made;
    },
    [Symbol.dispose]() {
      for (const made of compiled.values()) made[Symbol.dispose]();
    },
  };
}
