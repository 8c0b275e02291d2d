import type { ProblemWriter } from "../problem.ts";

/** Failures as Hugging Face's client reads them. */
export const compatibleProblem: ProblemWriter = ({ message }) => ({
  body: { error: message },
  // Only ASCII may stand in a header field.
  headers: { "X-Error-Message": message.replace(/[“”]/g, "'").replace(/[^\x20-\x7e]/g, "?") },
});
