import { z } from "zod";
import { parsePeriod } from "#lib/periods.ts";
import { wholeNumber } from "../listing/parameters.ts";
import { LONGEST_QUERY, normalizeQuery } from "../search/normalize.ts";
import { withReceivedValue } from "./parameter-message.ts";
import { Problem } from "./problem.ts";

/** A whole number in ASCII digits; described to clients as the number that it stands for. */
export function integerParameter(field: string, least: number, most: number) {
  const error = `“${field}” is a whole number from ${least} to ${most}.`;
  return z
    .string()
    .refine((text) => wholeNumber(text, least, most) !== undefined, { error })
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

/** One of some words. */
export function choice<const Words extends readonly [string, ...string[]]>(field: string, words: Words) {
  return z.enum(words, { error: `“${field}” is one of ${words.join(", ")}.` });
}

const written = {
  day: { words: "a day of the calendar, written like 2025-12-25", example: "2025-12-25" },
  week: { words: "a week of ISO 8601 that its year has, written like 2025-W52", example: "2025-W52" },
  month: { words: "a month, written like 2025-12", example: "2025-12" },
} as const;

/** A day, a week or a month that the calendar has. */
export function period(field: string, kind: keyof typeof written, description: string) {
  const { words, example } = written[kind];
  return z
    .string()
    .refine((text) => parsePeriod(kind, text) !== undefined, { error: `“${field}” is ${words}.` })
    .meta({
      description: `${description.replace(/\.$/, "")}, written like \`${example}\`.`,
      examples: [example],
      ...(kind === "day" ? { format: "date" } : {}),
    });
}

/** A query in web search syntax, normalized, with at least one character and at most 250. */
export const searchText = z
  .string({ error: "“q” is the text to search for." })
  .superRefine((raw, context) => {
    const { text, length, tooLong } = normalizeQuery(raw);
    if (tooLong)
      context.addIssue({
        code: "custom",
        message: `“q” has ${length} characters; the most are ${LONGEST_QUERY}.`,
        params: { problem: "query_too_long" },
      });
    else if (!text) context.addIssue({ code: "custom", message: "“q” is the text to search for." });
  })
  .meta({
    description:
      "What to search for: words, “phrases”, `or`, `-word`, an arXiv identifier or the address of a paper; at most 250 characters.",
    examples: ["hessian spectrum"],
  });

export const topic = z
  .array(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: "“topic” is the slug of a topic." }))
  .max(20, { error: "“topic” may be given 20 times." })
  .default([])
  .meta({
    description: "Slug of a topic. Repeatable: papers of any of the topics are listed.",
    examples: [["convex"]],
  });

export const runnable = z
  .enum(["0", "1"], { error: "“runnable” is 1, or left out." })
  .default("0")
  .meta({ description: "`1` lists only papers whose experiments run here." });

export const minVotes = integerParameter("min_votes", 0, 1_000_000)
  .default(0)
  .meta({ description: "Least number of votes.", examples: [0] });

export const limit = integerParameter("limit", 1, 100)
  .default(50)
  .meta({ description: "Papers in an answer, at most 100.", examples: [3] });

export const cursor = z
  .string()
  .max(400, { error: "“cursor” is the next_cursor of an earlier answer." })
  .optional()
  .meta({ description: "Where to go on: `next_cursor` of the answer before, all else unchanged." });

/** The identifier of a paper in an address; other spellings of it are understood. */
export const arxivIdParameter = z.string().meta({
  description: "arXiv identifier, such as 2412.08424 or math/0611800; a version is ignored.",
  examples: ["2412.08424"],
});

const problemSchema = z.object({ problem: z.literal("query_too_long") });

/**
 * The parameters of a request by their schemas. The first of several values counts, but for lists; an empty value is
 * none; unknown parameters are ignored.
 *
 * @throws Problem that names the first parameter that is wrong
 */
export function readParameters<Shape extends Readonly<Record<string, z.ZodType>>>(
  schema: z.ZodObject<Shape>,
  query: URLSearchParams,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((name) => {
      if (name === "topic") return [name, [...new Set(query.getAll(name).filter(Boolean))]];
      return [name, query.get(name) || undefined];
    }),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const tooLong = issue.code === "custom" && problemSchema.safeParse(issue.params).success;
  const [field, index] = issue.path;
  const name = typeof field === "string" ? field : undefined;
  const values = [name === undefined ? undefined : given[name]].flat();
  const message = tooLong ? issue.message : withReceivedValue(issue.message, values[Number(index ?? 0)]);
  throw new Problem(tooLong ? "query_too_long" : "invalid_parameter", message, name);
}
