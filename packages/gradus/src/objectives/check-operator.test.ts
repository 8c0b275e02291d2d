import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { poissonOperator } from "../linalg/grids/diffusion.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { composeOperators, shiftOperator, transposeOperator } from "../linalg/operator/combine.ts";
import type { LinearOperator } from "../linalg/operator/contract.ts";
import { matrixOperator } from "../linalg/operator/matrix-operator.ts";
import { diagonalOperator } from "../linalg/operator/structured.ts";
import { randomStream } from "../random/stream.ts";
import { checkOperator } from "./check-operator.ts";

const n = 200;

/** Second differences with a factor at the last entry of each row's right neighbor. */
function differences(right: number): LinearOperator {
  return {
    rows: n,
    columns: n,
    symmetric: true,
    apply(x, out) {
      for (let i = 0; i < n; i++) out[i] = 2 * x[i] - (x[i - 1] ?? 0) - right * (x[i + 1] ?? 0);
    },
  };
}

/** First differences, (n - 1) x n, with a sign at the end of the product with the transpose. */
function gradient(last: number): LinearOperator {
  return {
    rows: n - 1,
    columns: n,
    apply(x, out) {
      for (let i = 0; i < n - 1; i++) out[i] = x[i + 1] - x[i];
    },
    async applyAdjoint(v, out) {
      for (let i = 0; i < n; i++) out[i] = (v[i - 1] ?? 0) - (v[i] ?? 0);
      out[n - 1] *= last;
    },
  };
}

test("agrees with operators of the library, in any units, and with those of one's own", async () => {
  const stream = randomStream(1);
  const entries = stream.fillNormal(new Float64Array(600));
  const single: LinearOperator = {
    ...differences(1),
    apply(x, out) {
      for (let i = 0; i < n; i++)
        out[i] = Math.fround(2 * Math.fround(x[i]) - Math.fround(x[i - 1] ?? 0) - Math.fround(x[i + 1] ?? 0));
    },
  };
  const A = matrixOperator(denseMatrix(entries, 20, 30));
  const operators = [
    A,
    matrixOperator(
      denseMatrix(
        entries.map((value) => 1e-200 * value),
        20,
        30,
      ),
    ),
    composeOperators(transposeOperator(A), A, { symmetric: true }),
    shiftOperator(differences(1), 0.5),
    diagonalOperator(Float64Array.of(1e-12, 1, 1e12)),
    poissonOperator({ shape: [9, 7] }),
    gradient(1),
    differences(1),
    single,
    { rows: 3, columns: 3, symmetric: true, apply: (_: Float64Array, out: Float64Array) => void out.fill(0) },
  ];
  for (const operator of operators) expect(await checkOperator(operator)).toMatchObject({ agree: true });
  expect((await checkOperator(A)).message).toBe("linear, adjoint: as the products of random vectors give it");
});

test("says which property does not hold", async () => {
  const asymmetric = await checkOperator(differences(1.001));
  expect(asymmetric.agree).toBe(false);
  expect(asymmetric.message).toMatch(
    /^symmetric: y\^T A x = x\^T A y differs by .* leave out symmetric: true/,
  );
  // one entry of 200 is wrong
  expect((await checkOperator(gradient(-1))).message).toMatch(/^adjoint: v\^T A x = x\^T A\^T v differs by/);
  const affine = {
    ...differences(1),
    apply: (x: Float64Array, out: Float64Array) => void out.set(x.map((xj) => xj + 1)),
  };
  expect((await checkOperator(affine)).message).toMatch(/^linear: /);
  // a tolerance of one's own
  expect(await checkOperator(differences(1.001), { tolerance: 0.01 })).toMatchObject({ agree: true });
});

test("refuses products that methods cannot use, by name", async () => {
  const operator = (apply: LinearOperator["apply"]): LinearOperator => ({ rows: 2, columns: 2, apply });
  const refusal = (A: LinearOperator) => expect(checkOperator(A)).rejects;
  const adding = operator((x, out) => {
    for (let j = 0; j < 2; j++) out[j] += x[j];
  });
  await refusal(adding).toThrow("apply must overwrite every entry of out");
  await refusal(operator((x, out) => void out.fill(x[0], 0, 1))).toThrow(
    "entry 1 is NaN where out was NaN, 0 where it was 0",
  );
  await refusal(operator((x, out) => void out.set(x.fill(1)))).toThrow(
    "apply must leave its operand as it is",
  );
  let calls = 0;
  await refusal(operator((x, out) => void out.set(x.map((xj) => xj * ++calls)))).toThrow(
    "the same result again",
  );
  await refusal(operator((_, out) => void out.fill(Number.POSITIVE_INFINITY))).toThrow(
    "apply must be finite",
  );
  await refusal({ ...operator((x, out) => void out.set(x)), applyAdjoint: () => {} }).toThrow(
    "applyAdjoint must",
  );
  await refusal({ rows: 2, columns: 3, symmetric: true, apply() {} }).toThrow("A must be square");
  await expect(checkOperator(null as unknown as LinearOperator)).rejects.toThrow(ArgumentError);
  await expect(checkOperator(differences(1), { pairs: 0 })).rejects.toThrow("pairs");
});
