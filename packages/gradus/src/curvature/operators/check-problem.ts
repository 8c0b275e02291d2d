import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";

/** The fields of `CurvaturePlace`. */
const place = ["parameters", "data", "group", "memoryLimit", "threads", "runtime"];

/** Fields that some matrices use; the same problem object may be passed to the operators of several matrices. */
const others = ["loss", "model", "curvature", "distribution", "matrix", "description"];

/**
 * Checks that a curvature problem has no unknown fields.
 *
 * @param of the function that takes the problem, by its public name
 * @param own the fields that it reads in addition to those of `CurvaturePlace`
 * @throws ArgumentError naming the unknown field and those that are read, or one that is null, or when the problem is not
 * an object
 */
export function checkProblem(of: string, problem: object, own: readonly string[]): void {
  if (typeof problem !== "object" || problem === null || Array.isArray(problem))
    throw new ArgumentError(`the problem of ${of} must be an object, got ${shown(problem)}`);
  const read = Object.keys(problem).filter((name) => !others.includes(name));
  const absent = (name: string) => (Reflect.get(problem, name) === null ? null : undefined);
  checkOptions(of, Object.fromEntries(read.map((name) => [name, absent(name)])), [...own, ...place]);
}
