import { createHash } from "node:crypto";
import { z } from "zod";
import { MOST_KEYWORDS, type SubscriptionChoices } from "../database/schema/index.ts";
import { LONGEST_QUERY, normalizeQuery, splitQuery } from "../search/normalize.ts";
import { isZone } from "./local-time.ts";

const MOST_TOPICS = 40;
const MOST_VOTES = 1_000_000;
const MOST_ITEMS = 100;

/** What is chosen where nothing is said. */
export const usualChoices: SubscriptionChoices = {
  cadence: "daily",
  hour: 7,
  weekday: null,
  tz: "UTC",
  topics: [],
  keywords: [],
  minVotes: 0,
  maxItems: 20,
};

const ZONE = "Time zone must be an IANA name such as Europe/Berlin.";

const integer = (label: string, least: number, most: number) => {
  const error = `${label} must be an integer from ${least} to ${most}.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const keyword = z.string().transform((raw, context) => {
  const { text, tooLong } = normalizeQuery(raw);
  const issue = (message: string) => context.addIssue({ code: "custom", message });
  if (tooLong) issue(`A keyword must have at most ${LONGEST_QUERY} characters.`);
  else if (!/[\p{L}\p{N}]/u.test(splitQuery(text).wanted))
    issue(`A keyword must have a word to look for, got “${text}”.`);
  return text;
});

const unique = (list: readonly string[]) => [...new Set(list)];

const fields = {
  cadence: z.enum(["daily", "weekly"], { error: "Frequency must be daily or weekly." }),
  hour: integer("Hour", 0, 23).meta({ description: "Local hour of the message." }),
  weekday: integer("Day of the week", 1, 7).nullable().meta({
    description: "Of a weekly digest, 1 is Monday.",
  }),
  tz: z
    .string()
    .max(64, { error: ZONE })
    .refine(isZone, { error: ZONE })
    .meta({ description: "IANA time zone." }),
  topics: z
    .array(
      z
        .string()
        .max(64)
        .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: "A topic must be a slug such as deep-theory." }),
    )
    .max(MOST_TOPICS, { error: `Choose at most ${MOST_TOPICS} topics.` })
    .transform(unique)
    .meta({ description: "Slugs of topics." }),
  keywords: z
    .array(keyword)
    .max(MOST_KEYWORDS, { error: `Enter at most ${MOST_KEYWORDS} keywords, one on each line.` })
    .transform(unique)
    .meta({ description: "Queries in the syntax of the search." }),
  min_votes: integer("Minimum votes", 0, MOST_VOTES),
  max_papers: integer("Papers per message", 1, MOST_ITEMS),
};

/** Choices as a form or a program gives them: what is missing is as usual. */
export const givenChoices = z.object({
  cadence: fields.cadence.default(usualChoices.cadence),
  hour: fields.hour.default(usualChoices.hour),
  weekday: fields.weekday.default(usualChoices.weekday),
  tz: fields.tz.default(usualChoices.tz),
  topics: fields.topics.default([]),
  keywords: fields.keywords.default([]),
  min_votes: fields.min_votes.default(usualChoices.minVotes),
  max_papers: fields.max_papers.default(usualChoices.maxItems),
});

/** Some choices, to change those of a subscription. */
export const changedChoices = z.object(fields).partial();

type GivenChoices = z.output<typeof givenChoices>;

/** Choices as they are stored: a weekly digest comes on Monday unless another day is chosen, a daily one has none. */
export function choicesOf(given: GivenChoices): SubscriptionChoices {
  // One by one: what else comes with them, such as a status, is no choice.
  const { cadence, hour, weekday, tz, topics, keywords, min_votes: minVotes, max_papers: maxItems } = given;
  return {
    ...{ cadence, hour, tz, topics, keywords, minVotes, maxItems },
    weekday: cadence === "weekly" ? (weekday ?? 1) : null,
  };
}

/** Stored choices as programs see them. */
export function givenFrom({ cadence, hour, weekday, tz, ...rest }: SubscriptionChoices): GivenChoices {
  return {
    ...{ cadence, hour, weekday, tz, topics: [...rest.topics], keywords: [...rest.keywords] },
    ...{ min_votes: rest.minVotes, max_papers: rest.maxItems },
  };
}

/** The fields of the form. */
export type ChoiceField = keyof GivenChoices;

/** What was typed into the form, to be shown again. */
export type TypedChoices = Readonly<Record<Exclude<ChoiceField, "topics">, string>> & {
  readonly topics: readonly string[];
};

/** Choices as the form shows them. */
export function typedFrom(choices: SubscriptionChoices): TypedChoices {
  return {
    cadence: choices.cadence,
    hour: String(choices.hour),
    weekday: String(choices.weekday ?? 1),
    tz: choices.tz,
    topics: choices.topics,
    keywords: choices.keywords.join("\n"),
    min_votes: String(choices.minVotes),
    max_papers: String(choices.maxItems),
  };
}

/** A short text that differs where choices do: a form that brings an old one was made before they were changed. */
export function choicesStamp(choices: SubscriptionChoices): string {
  const text = JSON.stringify(typedFrom(choices));
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

const LONGEST_FIELD = 8000;

/** What a form was sent with. */
export function typedIn(fields: FormData): TypedChoices {
  const field = (name: ChoiceField) => String(fields.get(name) ?? "").slice(0, LONGEST_FIELD);
  return {
    cadence: field("cadence"),
    hour: field("hour"),
    weekday: field("weekday"),
    tz: field("tz"),
    topics: fields
      .getAll("topics")
      .slice(0, MOST_TOPICS + 1)
      .map(String),
    keywords: field("keywords"),
    min_votes: field("min_votes"),
    max_papers: field("max_papers"),
  };
}

/** What is wrong with the fields of a form, by field. */
export type FieldMessages = Readonly<Partial<Record<string, string>>>;

/** The first thing that is wrong with each field. */
export function messagesOf(error: z.ZodError): FieldMessages {
  const messages: Record<string, string> = {};
  for (const { path, message } of error.issues) messages[String(path[0] ?? "")] ??= message;
  return messages;
}

/** Reads what was typed. A number that is not whole in ASCII digits is refused as any other wrong one. */
export function readTyped(
  typed: TypedChoices,
): { readonly choices: SubscriptionChoices } | { readonly messages: FieldMessages } {
  const number = (text: string) =>
    text === "" ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  const result = givenChoices.safeParse({
    cadence: typed.cadence || undefined,
    hour: number(typed.hour),
    weekday: number(typed.weekday),
    tz: typed.tz || undefined,
    topics: typed.topics,
    keywords: typed.keywords
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean),
    min_votes: number(typed.min_votes),
    max_papers: number(typed.max_papers),
  });
  return result.success ? { choices: choicesOf(result.data) } : { messages: messagesOf(result.error) };
}
