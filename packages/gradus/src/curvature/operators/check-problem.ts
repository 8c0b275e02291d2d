import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";

/** Where curvature is measured, in which parameters, and within how much memory. */
const place = ["parameters", "data", "group", "memoryLimit", "threads", "runtime"];

/** What single matrices are made of; a record for one may serve for another. */
const others = ["loss", "model", "curvature", "distribution", "matrix", "description"];

/**
 * Checks that a problem of curvature has no fields that no such problem has.
 *
 * @param of what takes the problem, as a user calls it
 * @param own the fields that it reads, beside where curvature is measured
 * @throws ArgumentError naming the unknown field and those that are read, or when it is no object
 */
export function checkProblem(of: string, problem: object, own: readonly string[]): void {
  if (typeof problem !== "object" || problem === null || Array.isArray(problem))
    throw new ArgumentError(`the problem of ${of} must be an object, got ${shown(problem)}`);
  const read = Object.keys(problem).filter((name) => !others.includes(name));
  checkOptions(of, Object.fromEntries(read.map((name) => [name, undefined])), [...own, ...place]);
}
