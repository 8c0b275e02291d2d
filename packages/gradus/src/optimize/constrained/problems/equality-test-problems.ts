import { boggsTolle } from "./boggs-tolle.ts";
import type { EqualityTestProblem } from "./equality-test-problem.ts";
import { hockSchittkowski } from "./hock-schittkowski.ts";

/** The 21 small problems "hs21": all in closed form, with exact derivatives. */
export const equalityTestProblems: readonly EqualityTestProblem[] = [...hockSchittkowski, ...boggsTolle];
