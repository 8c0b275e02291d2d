import { z } from "@hono/zod-openapi";
import { parsePeriod } from "#lib/periods.ts";
import { withReceivedValue } from "../http/parameter-message.ts";
import { Problem } from "../http/problem.ts";
import { wholeNumber } from "../papers/listing/parameters.ts";
import { LONGEST_QUERY, normalizeQuery } from "../search/normalize.ts";

/** A whole number in ASCII digits; described to clients as the number that it stands for. */
export function integerParameter(field: string, least: number, most: number) {
  const error = `“${field}” must be an integer from ${least} to ${most}.`;
  return z.preprocess(
    (text) => (typeof text === "string" ? (wholeNumber(text, least, most) ?? text) : text),
    z.int({ error }).min(least).max(most),
  );
}

/** One of some words. */
export function choice<const Words extends readonly [string, ...string[]]>(field: string, words: Words) {
  return z.enum(words, { error: `“${field}” must be one of ${words.join(", ")}.` });
}

const written = {
  day: { words: "a date such as 2025-12-25", example: "2025-12-25" },
  week: { words: "an ISO 8601 week such as 2025-W52", example: "2025-W52" },
  month: { words: "a month such as 2025-12", example: "2025-12" },
} as const;

/** A day, a week or a month that the calendar has. */
export function period(field: string, kind: keyof typeof written, description: string) {
  const { words, example } = written[kind];
  return z
    .string()
    .refine((text) => parsePeriod(kind, text) !== undefined, { error: `“${field}” must be ${words}.` })
    .meta({
      description: `${description.replace(/\.$/, "")}, such as \`${example}\`.`,
      examples: [example],
      ...(kind === "day" ? { format: "date" } : {}),
    });
}

const queryMeta = {
  description:
    "Search query: words, “phrases”, `or`, `-word`, an arXiv identifier or a paper's URL; at most 250 characters.",
  examples: ["hessian spectrum"],
};

function refuseLong(raw: string, context: z.core.$RefinementCtx<string>): void {
  const { length, tooLong } = normalizeQuery(raw);
  if (tooLong)
    context.addIssue({
      code: "custom",
      message: `“q” must have at most ${LONGEST_QUERY} characters, got ${length}.`,
      params: { problem: "query_too_long" },
    });
}

/** A query in web search syntax, normalized, with at most 250 characters. */
export const optionalSearchText = z.string().superRefine(refuseLong).default("").meta(queryMeta);

/** The same with at least one character. */
export const searchText = z
  .string({ error: "“q” must not be empty." })
  .superRefine((raw, context) => {
    refuseLong(raw, context);
    if (!normalizeQuery(raw).text) context.addIssue({ code: "custom", message: "“q” must not be empty." });
  })
  .meta(queryMeta);

export const topic = z
  .array(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: "“topic” must be the slug of a topic." }))
  .max(20, { error: "“topic” must be given at most 20 times." })
  .default([])
  .meta({
    description: "Slug of a topic. Repeatable: matches papers with any of the topics.",
    examples: [["convex"]],
  });

export const runnable = z
  .enum(["0", "1"], { error: "“runnable” must be 0 or 1." })
  .default("0")
  .meta({ description: "`1` for runnable papers only." });

export const minVotes = integerParameter("min_votes", 0, 1_000_000)
  .default(0)
  .meta({ description: "Minimum number of votes.", examples: [0] });

export const limit = integerParameter("limit", 1, 100)
  .default(50)
  .meta({ description: "Papers per page, at most 100.", examples: [3] });

export const cursor = z
  .string()
  .max(400, { error: "“cursor” must be the next_cursor of an earlier response." })
  .optional()
  .meta({ description: "`next_cursor` of the previous response, with all other parameters unchanged." });

/** The identifier of a paper in an address; other spellings of it are understood. */
export const arxivIdParameter = z
  .string()
  .min(1)
  .meta({
    description: "arXiv identifier such as 2412.08424 or math/0611800; a version suffix is ignored.",
    examples: ["2412.08424"],
  });

/** Fields that may be given several times. */
const LISTS = new Set(["topic"]);

/** The first of several values counts, but for lists; an empty value is none. */
function firstValues(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const values = [value].flat();
      if (LISTS.has(name)) return [name, [...new Set(values.filter(Boolean))]];
      return [name, values[0] || undefined];
    }),
  );
}

/** The query of a request, of which unknown parameters are ignored. */
export function query<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.pipe(z.transform(firstValues), z.object(shape));
}

const problemSchema = z.object({ problem: z.literal("query_too_long") });

/**
 * What is wrong with a request whose parameters do not fit their schema: the first parameter that is wrong, what is
 * wanted and what was given.
 */
export function readProblem(error: z.core.$ZodError, place: string, given: unknown): Problem {
  const [issue] = error.issues;
  // An address that ends where an identifier should follow.
  if (place === "param")
    return new Problem("not_found", "The address does not exist; see /api/openapi.json.");
  const tooLong = issue.code === "custom" && problemSchema.safeParse(issue.params).success;
  const [field, index] = issue.path;
  const name = typeof field === "string" ? field : undefined;
  const read = z.record(z.string(), z.unknown()).catch({}).parse(firstValues(given));
  const values = [name === undefined ? undefined : read[name]].flat();
  const value = values[Number(index ?? 0)];
  const message =
    tooLong || typeof value !== "string" ? issue.message : withReceivedValue(issue.message, value);
  return new Problem(tooLong ? "query_too_long" : "invalid_parameter", message, name);
}
