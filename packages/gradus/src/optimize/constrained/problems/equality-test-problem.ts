import type { EqualityProblem } from "../problem.ts";
import { problemOfTerms, type Term } from "./terms.ts";

/** A problem of the literature: its formulas, where it starts, and its least value. */
export interface EqualityTestProblem {
  /** The name in the CUTEst collection (Gould, Orban & Toint 2015). */
  readonly name: string;
  /** Where it was published first. */
  readonly source: string;
  readonly problem: EqualityProblem;
  readonly start: Float64Array;
  /** f at the solution that the literature gives. */
  readonly optimum: number;
}

/** A test problem by its terms; variables are counted from 1. */
export function testProblem(
  name: string,
  source: string,
  start: readonly number[],
  optimum: number,
  objective: readonly Term[],
  ...constraints: readonly (readonly Term[])[]
): EqualityTestProblem {
  return {
    name,
    source,
    problem: problemOfTerms(start.length, objective, constraints),
    start: Float64Array.from(start),
    optimum,
  };
}
