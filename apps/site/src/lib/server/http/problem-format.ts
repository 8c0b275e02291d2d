import { type ProblemFormat, standardProblem } from "./problem.ts";

const API = /^\/(?:api(?:\/|$)|feed\.)/;
const COMPATIBLE = /^\/api\/(?:daily_papers|papers)(?:\/|$)/;
const MARKDOWN = /^\/papers\/.+\.md$/;

/** Whether a path belongs to the API or is a feed. */
export function isApiPath(path: string): boolean {
  return API.test(path);
}

/** Whether a path is read by programs: the API, a feed, or a page as Markdown. */
export function isForPrograms(path: string): boolean {
  return API.test(path) || MARKDOWN.test(path);
}

/** Failures as Hugging Face's client reads them: it prints the field and the body, once where both say the same. */
const compatibleProblem: ProblemFormat = ({ message }) => {
  // Only ASCII may stand in a header field.
  const text = message.replace(/[“”]/g, "'").replace(/[^\x20-\x7e]/g, "?");
  return { body: { error: text }, headers: { "X-Error-Message": text } };
};

/** The format of a path's failures. */
export function problemFormat(path: string): ProblemFormat {
  return COMPATIBLE.test(path) || MARKDOWN.test(path) ? compatibleProblem : standardProblem;
}
