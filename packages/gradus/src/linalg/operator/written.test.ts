import { expect, test } from "vitest";
import { hutchinsonTrace } from "../../curvature/spectrum/hutchinson-trace.ts";
import { solve } from "../../iterate/iterate.ts";
import { conjugateDirections } from "../../operators/conjugate-direction/conjugate-directions.ts";
import { conjugateGradient } from "../krylov/conjugate-gradient.ts";
import { extremeEigenpairs } from "../krylov/extreme-eigenpairs.ts";
import { gmres } from "../krylov/gmres.ts";
import { lsmr } from "../krylov/lsmr.ts";
import { minres } from "../krylov/minres.ts";
import { powerIteration } from "../krylov/power-iteration.ts";
import { denseMatrix } from "../matrix.ts";
import { sketchMatrix } from "../sketch/contract.ts";
import { composeOperators, deflateOperator, scaleOperator, shiftOperator, sumOperators } from "./combine.ts";
import { type LinearOperator, operatorEntries } from "./contract.ts";
import { diagonalOperator } from "./structured.ts";

const b = Float64Array.of(1, 2, 3);
const diagonal = diagonalOperator(b);
/** What JavaScript accepts: a product that returns its result. */
const operator = (apply: (x: Float64Array, out: Float64Array) => unknown): LinearOperator => ({
  rows: 3,
  columns: 3,
  symmetric: true,
  apply: apply as LinearOperator["apply"],
});
const product = (x: Float64Array) => x.map((value, i) => b[i] * value);

const returning = operator(product);
const later = operator(async (x) => product(x));

const refused = "must write its result into out, got Float64Array of length 3 returned";

test.each<[string, (A: LinearOperator) => Promise<unknown>]>([
  ["extremeEigenpairs", (A) => extremeEigenpairs(A, { count: 1 })],
  ["powerIteration", (A) => solve(powerIteration(A))],
  ["conjugateGradient", (A) => solve(conjugateGradient(A, b))],
  ["minres", (A) => solve(minres(A, b))],
  ["gmres", (A) => solve(gmres(A, b))],
  ["lsmr", (A) => solve(lsmr(A, b))],
  ["hutchinsonTrace", (A) => solve(hutchinsonTrace(A, { probes: 1 }))],
  ["operatorEntries", (A) => operatorEntries(A)],
  ["A B", (A) => operatorEntries(composeOperators(diagonal, A))],
  ["A + B", (A) => operatorEntries(sumOperators(diagonal, A))],
  ["s A", (A) => operatorEntries(scaleOperator(A, 2))],
  ["A + s I", (A) => operatorEntries(shiftOperator(A, 2))],
  ["deflateOperator", (A) => operatorEntries(deflateOperator(A, []))],
])("%s refuses products that are returned", async (_, run) => {
  await expect(run(returning)).rejects.toThrow(`A.apply ${refused}`);
  await expect(run(later)).rejects.toThrow(`A.apply ${refused}`);
});

test("preconditioners, sources of directions and sketches name themselves", async () => {
  await expect(solve(conjugateGradient(diagonal, b, { preconditioner: returning }))).rejects.toThrow(
    `preconditioner.apply ${refused}`,
  );
  await expect(solve(gmres(diagonal, b, { preconditioner: later }))).rejects.toThrow(
    `preconditioner.apply ${refused}`,
  );
  await expect(solve(conjugateDirections(diagonal, b, returning))).rejects.toThrow(`source.apply ${refused}`);
  const S = { ...returning, apply: (x: Float64Array) => product(x), applyAdjoint: product };
  expect(() => sketchMatrix(S, denseMatrix(b, 3, 1))).toThrow(`S.apply ${refused}`);
});

test("adjoints are named", async () => {
  const A = { ...diagonal, symmetric: false, applyAdjoint: returning.apply };
  await expect(solve(lsmr(A, b))).rejects.toThrow(`A.applyAdjoint ${refused}`);
});

test("products may be zero, and a product that is in out may be returned too", async () => {
  const zero = operator((_, out) => void out.fill(0));
  expect((await operatorEntries(zero)).values).toEqual(new Float64Array(9));
  const same = operator((x, out) => {
    out.set(product(x));
    return out;
  });
  const copied = operator((x, out) => product(x).map((value, i) => (out[i] = value)));
  for (const A of [same, copied])
    expect((await solve(conjugateGradient(A, b))).iterate.x).toEqual(Float64Array.of(1, 1, 1));
});

test("operators of a class keep what they have", async () => {
  class Diagonal {
    #entries = b;
    readonly symmetric = true;
    get rows() {
      return this.#entries.length;
    }
    get columns() {
      return this.#entries.length;
    }
    apply(x: Float64Array, out: Float64Array) {
      for (let i = 0; i < out.length; i++) out[i] = this.#entries[i] * x[i];
    }
    project(right: Float64Array) {
      return right.map((value, i) => (this.#entries[i] === 0 ? 0 : value));
    }
  }
  expect((await solve(conjugateGradient(new Diagonal(), b))).iterate.x).toEqual(Float64Array.of(1, 1, 1));
});
