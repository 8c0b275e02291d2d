// For the test in a browser: what Node and a page both compute.
import { cholesky, gemm, gemv, lu, residentMatrix } from "./dense/index.ts";
import { symmetricEigen, symmetricEigenvalues } from "./eigen/index.ts";
import { gaussianKernel, networkKernelRows } from "./kernels/index.ts";
import { pivotedQr, svd } from "./orthogonal/index.ts";
import { anisotropicSteps, waveBowls } from "./particles/index.ts";
import { softmaxRows } from "./rows/index.ts";
import { randomDefinite, randomMatrix } from "./testing.ts";

/** FNV-1a of the bytes. */
function hash(values: Float64Array): number {
  let state = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}

/** Hashes of results of some functions, by name; computed synchronously. */
export function resultHashes(): Record<string, number> {
  const a = randomMatrix(150, 150, 1);
  const definite = randomDefinite(150, 2);
  const resident = residentMatrix(a);
  const product = gemm({ a: resident, b: a, transposeA: true });
  const vector = gemv({ a: resident, x: a.values.slice(0, 150) });
  const factors = pivotedQr({ a: resident });
  const { u, s, v } = svd({ a: resident });
  const { values, vectors } = symmetricEigen({ a: resident });
  const valuesAlone = symmetricEigenvalues({ a: resident });
  resident.dispose();
  cholesky({ a: definite });
  lu({ a });
  const points = randomMatrix(90, 7, 3);
  const ones = [new Float64Array(90).fill(1)];
  const { tangent } = networkKernelRows({
    unit: { activation: "relu" },
    x: points,
    y: points,
    weightVariances: [1, 2],
    biasVariances: [0.1, 0],
    xVariances: ones,
    yVariances: ones,
  });
  const bowls = new Float64Array(90);
  waveBowls(points.values, 7, 20, bowls);
  const moved = points.values.slice();
  const center = points.values.slice(0, 7);
  anisotropicSteps({ particles: moved, center, noise: points.values, pull: 0.1, scatter: 1, most: 0.5 });
  const losses = new Float64Array(90);
  const labels = Int32Array.from(losses, (_, i) => i % 7);
  softmaxRows({ scores: points.values.slice(), classes: 7, labels, losses });
  const results = {
    losses,
    bowls,
    moved,
    tangent,
    gaussian: gaussianKernel({ x: points, y: points, lengthScale: 1 }).values,
    gemm: product.values,
    gemv: vector,
    cholesky: definite.values,
    lu: a.values,
    qr: factors.packed,
    u: u.values,
    s,
    v: v.values,
    values,
    vectors: vectors.values,
    valuesAlone,
  };
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, hash(values)]));
}
