import type { Case } from "./cases.ts";
import { sizes } from "./sizes.ts";

const kinds = [
  { kind: "qr-pivoted", title: "QR with column pivoting, Q formed", atMost: 2 },
  { kind: "qr", title: "QR, Q formed", atMost: undefined },
  { kind: "svd", title: "Singular value decomposition, thin", atMost: 2.5 },
  { kind: "singular-values", title: "Singular values alone", atMost: undefined },
] as const;

/** Orthogonal factorizations in one thread, beside LAPACK's. */
export const orthogonalCases: readonly Case[] = kinds.flatMap(({ kind, title, atMost }) =>
  sizes.orthogonal.map(([rows, columns]) => ({
    id: `${kind}-${rows}x${columns}`,
    title: `${title}, ${rows.toLocaleString("en")} x ${columns}, float64`,
    unit: "factorization",
    contenders: [
      { peer: "gradus-host", program: `${kind}-${rows}x${columns}`, label: "gradus" },
      { peer: "scipy", program: `${kind}-${rows}x${columns}`, label: "scipy" },
    ],
    budgets: atMost !== undefined && rows === 1000 ? [{ against: "scipy", atMost }] : [],
    tolerance: 1e-9,
  })),
);
