import type { ProblemFormat } from "../../http/problem.ts";

/** Failures as Hugging Face's client reads them: it prints the field and the body, once where both say the same. */
export const compatibleProblem: ProblemFormat = ({ message }) => {
  // Only ASCII may stand in a header field.
  const text = message.replace(/[“”]/g, "'").replace(/[^\x20-\x7e]/g, "?");
  return { body: { error: text }, headers: { "X-Error-Message": text } };
};
