import type { Case } from "./cases.ts";
import { sizes } from "./sizes.ts";

const kinds = [
  { kind: "eigen", title: "Symmetric eigenproblem, with vectors" },
  { kind: "eigenvalues", title: "Symmetric eigenvalues alone" },
] as const;

/** Symmetric eigenproblems in one thread, beside LAPACK's divide and conquer. */
export const eigenCases: readonly Case[] = kinds.flatMap(({ kind, title }) =>
  sizes.eigen.map((order) => ({
    id: `${kind}-${order}`,
    title: `${title}, order ${order.toLocaleString("en")}, float64`,
    unit: "decomposition",
    contenders: [
      { peer: "gradus-host", program: `${kind}-${order}`, label: "gradus" },
      { peer: "scipy", program: `${kind}-${order}`, label: "scipy" },
    ],
    budgets: order === 1000 ? [{ against: "scipy", atMost: 2.5 }] : [],
    tolerance: 1e-9,
  })),
);
