import type { Case } from "./cases.ts";
import { collaborativeSizes, collaborativeTrainingSizes } from "./collaborative-sizes.ts";

/** Sums of float32 numbers, some cancelling, in another order. */
const SUMMED = 1e-3;
const AS_THE_AUTHORS = "PyTorch, as the authors' code";
const BY_GRAM = "PyTorch, by a Gram matrix";

const title = ({ nodes, faulty }: { readonly nodes: number; readonly faulty: number }, what: string) =>
  `MoNNA, n = ${nodes}, f = ${faulty}, ${what}`;

function ofOneRound(name: keyof typeof collaborativeSizes, what: string): Case {
  const size = collaborativeSizes[name];
  const program = `collaborative-${name}`;
  return {
    id: program,
    title: title(size, `d = ${size.dimension.toLocaleString("en")}, float32: ${what}`),
    unit: "step",
    contenders: [
      { peer: "gradus", program, label: "gradus" },
      { peer: "pytorch", program, label: AS_THE_AUTHORS },
      ...(name === "aggregation"
        ? [{ peer: "pytorch" as const, program: `${program}-gram`, label: BY_GRAM }]
        : []),
    ],
    budgets: name === "mixing" ? [{ against: AS_THE_AUTHORS, atMost: 0.1 }] : [],
    tolerance: SUMMED,
  };
}

const { widths, evaluations } = collaborativeTrainingSizes;

/** Byzantine-robust learning, for all honest nodes at once, beside the way of the authors' code. */
export const collaborativeCases: readonly Case[] = [
  ofOneRound("aggregation", "nearest-neighbor averaging under a sign flip"),
  ofOneRound("mixing", "a mixing step under ALIE, 16 evaluations"),
  {
    id: "collaborative-training",
    title: title(
      collaborativeTrainingSizes,
      `${widths.join("-")} on the digits, float32: a training step under ALIE, ${evaluations} evaluations`,
    ),
    unit: "step",
    contenders: [
      { peer: "gradus", program: "collaborative-training", label: "gradus" },
      { peer: "pytorch", program: "collaborative-training", label: AS_THE_AUTHORS },
    ],
    budgets: [],
    tolerance: SUMMED,
  },
];
