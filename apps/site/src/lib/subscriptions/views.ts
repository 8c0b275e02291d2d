import type { TopicView } from "#lib/views.ts";

/** What the fields of a subscription hold, as they were typed. */
export interface SubscriptionFieldsView {
  readonly typed: {
    readonly cadence: string;
    readonly hour: string;
    readonly weekday: string;
    readonly tz: string;
    readonly topics: readonly string[];
    readonly keywords: string;
    readonly min_votes: string;
    readonly max_papers: string;
  };
  /** What is wrong with them, by field. */
  readonly messages: Readonly<Partial<Record<string, string>>>;
}

/** What can be chosen. */
export interface SubscriptionOptions {
  readonly topics: readonly TopicView[];
  /** Names of zones. */
  readonly zones: readonly string[];
}

/** The days of a week, from Monday. */
export const WEEKDAYS = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

/** The hours of a day: `07:00`. */
export const HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);
