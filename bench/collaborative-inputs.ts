import type { ArrayValue } from "@gradus/graph";
import { lateNodes } from "gradus/collaborative";
import { collaborativeTrainingSizes } from "./collaborative-sizes.ts";

/** Whose models come too late for whom in Byzantine-robust training, [steps, honest nodes, faulty nodes]. */
export function addCollaborativeInputs(add: (name: string, value: ArrayValue) => void, seed: number): void {
  const { nodes, faulty, steps } = collaborativeTrainingSizes;
  const late = lateNodes({ nodes, faulty, arrival: "worst", seed });
  const rows = Array.from({ length: steps }, (_, step) => late(step, 0)).flat();
  add("collaborative.late", {
    dtype: "i64",
    shape: [steps, nodes - faulty, faulty],
    data: BigInt64Array.from(
      rows.flatMap((row) => [...row]),
      BigInt,
    ),
  });
}
