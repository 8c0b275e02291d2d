import { expect, test } from "vitest";
import { denseMatrix } from "../linalg/matrix.ts";
import { randomStream } from "../random/stream.ts";
import { denseKernel } from "./dense-kernel.ts";
import { kernelComponents } from "./kernel-components.ts";

/** Equally spaced points of the circle: a kernel of angles there is circulant. */
const equallySpaced = (n: number) =>
  denseMatrix(
    Float64Array.from({ length: 2 * n }, (_, k) => {
      const angle = (2 * Math.PI * Math.floor(k / 2)) / n;
      return k % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    }),
    n,
    2,
  );

test("a circulant kernel has the eigenvalues of its Fourier series", async () => {
  const n = 12;
  const K = await denseKernel({ depth: 2 }).ntk(equallySpaced(n));
  const fourier = Array.from({ length: n }, (_, frequency) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += K.values[j] * Math.cos((2 * Math.PI * frequency * j) / n);
    return sum / n;
  }).sort((a, b) => b - a);
  for (const method of ["dense", "lanczos"] as const) {
    const { eigenvalues, functions } = await kernelComponents(K, { count: 3, method });
    for (let i = 0; i < 3; i++) expect(eigenvalues[i]).toBeCloseTo(fourier[i], 12);
    for (const f of functions) {
      expect(f.reduce((sum, v) => sum + v * v, 0) / n).toBeCloseTo(1, 12);
      expect(Math.max(...f)).toBeGreaterThanOrEqual(-Math.min(...f) - 1e-9);
    }
  }
});

// The specification's figures: smallest eigenvalue .0163 of the kernel matrix, 5 positive eigenvalues for z^2.
test("relu is positive definite on the circle, the square has rank 5 and a linear network 3", async () => {
  const X = equallySpaced(12);
  const all = async (depth: number, activation: "relu" | "square") => {
    const K = await denseKernel({ depth, activation }).ntk(X);
    return (await kernelComponents(K, { count: 12 })).eigenvalues.map((value) => 12 * value);
  };
  expect((await all(2, "relu"))[11]).toBeCloseTo(0.0163, 4);
  expect((await all(2, "square")).filter((value) => value > 1e-10)).toHaveLength(5);
  expect((await all(1, "relu")).filter((value) => value > 1e-10)).toHaveLength(3);
});

test("a component's extension is the component where the data are, by either method", async () => {
  const X = denseMatrix(randomStream(1).fillNormal(new Float64Array(60)), 20, 3);
  const K = await denseKernel({ depth: 3 }).ntk(X);
  const dense = await kernelComponents(K, { count: 4 });
  const lanczos = await kernelComponents(K, { count: 4, method: "lanczos" });
  for (let i = 0; i < 4; i++) {
    expect(lanczos.eigenvalues[i]).toBeCloseTo(dense.eigenvalues[i], 12);
    const extended = dense.extend(i, K);
    for (let j = 0; j < 20; j++) {
      expect(extended[j]).toBeCloseTo(dense.functions[i][j], 9);
      expect(lanczos.functions[i][j]).toBeCloseTo(dense.functions[i][j], 6);
    }
  }
  expect(() => dense.extend(4, K)).toThrow("index must refer to a component");
  expect(() => dense.extend(0, denseMatrix([1, 2], 1, 2))).toThrow("kernel must have N = 20 columns, got 2");
  await expect(kernelComponents(K, { count: 0 })).rejects.toThrow(
    "count must be an integer from 1 to 20, got 0",
  );
  await expect(kernelComponents(K, { count: 1, method: "qr" as "dense" })).rejects.toThrow(
    'method must be "dense" or "lanczos", got "qr"',
  );
  const unknown = { count: 1, tolerance: 1 };
  await expect(kernelComponents(K, unknown)).rejects.toThrow('kernelComponents has no option "tolerance"');
  await expect(kernelComponents(denseMatrix([1, 2], 1, 2), { count: 1 })).rejects.toThrow(
    "K must be square, got 1 x 2",
  );
});
