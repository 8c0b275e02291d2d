import { Problem, type ProblemCode } from "./problem.ts";

/** How deep a body may be nested; findings of the papers' experiments are at most six deep. */
const DEEPEST = 32;
/** Names that stand for an object's prototype to careless code. */
const PROTOTYPE_NAMES = new Set(["__proto__", "constructor", "prototype"]);

/** What a body is read as. */
export interface JsonBodyLimits {
  /** The subject of messages, such as "A report". */
  readonly what: string;
  /** In bytes. */
  readonly largest: number;
  /** How a body is refused that is not too large. */
  readonly code: ProblemCode;
}

/** How deep brackets are nested in JSON text, read without following them. */
function nesting(text: string): number {
  let [depth, deepest] = [0, 0];
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inText) {
      if (character === "\\") i += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth -= 1;
  }
  return deepest;
}

/** The message for a body over the limit in bytes. */
export const tooLargeMessage = ({ what, largest }: Pick<JsonBodyLimits, "what" | "largest">) =>
  `${what} must have at most ${largest / 1024} KiB.`;

/**
 * Reads a body of JSON that anybody may have sent.
 *
 * @throws Problem where it is too large or too deep, is no JSON, or has a field named after an object's prototype
 */
export function parseJsonBody(text: string, { what, largest, code }: JsonBodyLimits): unknown {
  if (Buffer.byteLength(text) > largest) throw new Problem("too_large", tooLargeMessage({ what, largest }));
  const depth = nesting(text);
  if (depth > DEEPEST)
    throw new Problem(code, `${what} must be nested at most ${DEEPEST} deep, got ${depth}.`);
  let forbidden: string | undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, (key, value: unknown) => {
      if (PROTOTYPE_NAMES.has(key)) forbidden ??= key;
      return value;
    });
  } catch {
    throw new Problem(code, "The body must be JSON.");
  }
  if (forbidden !== undefined) throw new Problem(code, `${what} must not have a field “${forbidden}”.`);
  return parsed;
}

/** Whether Postgres can keep a value of JSON: it has no NUL and no half of a character. */
export function isStorable(value: unknown): boolean {
  const text = JSON.stringify(value) ?? "";
  // What cannot be kept is escaped there; a backslash that was typed is two.
  return !/\\u(?:0000|d[89a-f])/i.test(text.replaceAll("\\\\", ""));
}
