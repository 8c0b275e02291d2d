import { ConvergenceError } from "../../check/errors.ts";
import { norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import type { Oracle } from "./oracle.ts";
import { type BilevelProblem, projected } from "./problem.ts";

/** How far, relative to the point, curvatures are measured. */
const SECANT = 1e-4;

/**
 * The power of 16 nearest to the curvature of g over that of f in y: sigma f + g in the units of both has sigma over it. 1
 * where one of them is linear. Curvatures are those along one random direction, whose image the largest eigenvalues make up.
 *
 * @param y a solution of the lower level
 * @param moved a point beside it, which has the unit of y where y is 0
 */
export async function sigmaUnit(
  { oracle, project }: { readonly oracle: Oracle; readonly project: BilevelProblem["projectY"] },
  x: Float64Array,
  y: Float64Array,
  moved: Float64Array,
): Promise<number> {
  const away = SECANT * (norm2(y) || norm2(moved));
  if (away === 0) return 1;
  const direction = randomStream(0).unitSphere(y.length);
  const beside = projected(
    project,
    y.map((value, i) => value + away * direction[i]),
  );
  const slopes = async (of: "upperY" | "lowerY", at: Float64Array) =>
    Float64Array.from(await oracle[of](x, at, new Float64Array(y.length)));
  const curvature = async (of: "upperY" | "lowerY") => {
    const [here, there] = [await slopes(of, y), await slopes(of, beside)];
    const change = norm2(there.map((value, i) => value - here[i]));
    // what is left of a linear function's is rounding
    return change > Math.sqrt(Number.EPSILON) * SECANT * norm2(here) ? change : 0;
  };
  let ratio: number;
  try {
    ratio = (await curvature("lowerY")) / (await curvature("upperY"));
  } catch (error) {
    if (error instanceof ConvergenceError) return 1; // a level is not defined beside the solution
    throw error;
  }
  return ratio > 0 && Number.isFinite(ratio) ? 16 ** Math.round(Math.log2(ratio) / 4) : 1;
}
