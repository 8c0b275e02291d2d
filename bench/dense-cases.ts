import type { Case } from "./cases.ts";
import { sizes } from "./sizes.ts";

const kinds = [
  { kind: "gemm", title: "Matrix product", unit: "product", atMost: 2.2 },
  { kind: "gemv", title: "Matrix times vector, the matrix resident", unit: "product", atMost: 1.4 },
  { kind: "cholesky", title: "Cholesky factorization and a solve", unit: "solution", atMost: 1.3 },
  { kind: "lu", title: "LU factorization with partial pivoting", unit: "factorization", atMost: 1.8 },
] as const;

/** The order for which the budgets are. */
const ORDER = 1024;

/** Dense linear algebra in one thread, beside BLAS and LAPACK. */
export const denseCases: readonly Case[] = kinds.flatMap(({ kind, title, unit, atMost }) =>
  sizes.dense.map((order) => ({
    id: `dense-${kind}-${order}`,
    title: `${title}, order ${order.toLocaleString("en")}, float64`,
    unit,
    contenders: [
      { peer: "gradus-host", program: `dense-${kind}-${order}`, label: "gradus" },
      { peer: "scipy", program: `dense-${kind}-${order}`, label: "numpy, scipy" },
    ],
    budgets: order === ORDER ? [{ against: "numpy, scipy", atMost }] : [],
    tolerance: 1e-9,
  })),
);
