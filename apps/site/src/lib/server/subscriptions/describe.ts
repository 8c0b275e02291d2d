import { countLabel } from "#lib/days.ts";
import { WEEKDAYS } from "#lib/subscriptions/views.ts";
import type { SubscriptionChoices } from "../database/schema/index.ts";

/** A list in a sentence: "a, b and c". */
function inSentence(parts: readonly string[], word: "and" | "or"): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`;
}

/** When a digest comes: "every day at 07:00 (Europe/Berlin)". */
export function describeSchedule({ cadence, weekday, hour, tz }: SubscriptionChoices): string {
  const day = cadence === "daily" ? "day" : WEEKDAYS[(weekday ?? 1) - 1];
  return `every ${day} at ${String(hour).padStart(2, "0")}:00 (${tz})`;
}

/** What a digest has. `labels` are the names of topics by slug. */
export function describeMatching(
  { topics, keywords, minVotes }: SubscriptionChoices,
  labels: ReadonlyMap<string, string> = new Map(),
): string {
  const parts = [
    ...(topics.length > 0
      ? [
          `${topics.length === 1 ? "the topic" : "the topics"} ${inSentence(
            topics.map((slug) => labels.get(slug) ?? slug),
            "and",
          )}`,
        ]
      : []),
    ...(keywords.length > 0
      ? [
          `${keywords.length === 1 ? "the keyword" : "the keywords"} ${inSentence(
            keywords.map((keyword) => (keyword.includes('"') ? keyword : `“${keyword}”`)),
            "and",
          )}`,
        ]
      : []),
  ];
  const what = parts.length > 0 ? `new papers on ${parts.join(" or ")}` : "all new papers";
  return minVotes > 0 ? `${what} with at least ${countLabel(minVotes, "vote")}` : what;
}

/** All choices in a sentence without its period. */
export function describeChoices(choices: SubscriptionChoices, labels?: ReadonlyMap<string, string>): string {
  const text = `${describeMatching(choices, labels)}, at most ${choices.maxItems}, ${describeSchedule(choices)}`;
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}
