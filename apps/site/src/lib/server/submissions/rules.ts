import { inScope, SCOPE } from "../ingestion/arxiv/categories.ts";
import type { PaperRow } from "../papers/papers.ts";

/** Hours after which an account may submit papers. */
export const ACCOUNT_HOURS = 24;
/** Papers that a person may submit on a day (UTC). */
export const PER_DAY = 5;
/** Papers of the classic lane that the whole site takes on a day (UTC). */
export const CLASSICS_PER_DAY = 3;
/** For how many days after its first version a paper is in the daily lane. */
export const DAILY_DAYS = 14;
/** Characters of a note. */
export const LONGEST_NOTE = 280;

const DAY = 86_400_000;

/** Why a paper cannot be featured. */
export type Refusal =
  | "young account"
  | "malformed"
  | "featured"
  | "waiting"
  | "too many"
  | "not found"
  | "hidden"
  | "withdrawn"
  | "incomplete"
  | "out of scope"
  | "classics full"
  | "unavailable";

/** Messages to submitters. */
export const refusalMessages: Readonly<Record<Refusal, string>> = {
  "young account": `Your account must be ${ACCOUNT_HOURS} hours old to submit papers.`,
  malformed:
    "No arXiv paper recognized. Enter an identifier such as 2412.08424, or the URL of the paper’s page on arXiv, Hugging Face or alphaXiv.",
  featured: "This paper has already been featured. You can vote for it.",
  waiting: "This paper has already been submitted and is waiting for arXiv.",
  "too many": `You have submitted ${PER_DAY} papers today. Try again tomorrow (UTC).`,
  "not found": "arXiv has no paper with this identifier.",
  hidden: "This paper was removed by a moderator.",
  withdrawn: "This paper was withdrawn.",
  incomplete: "arXiv’s record of this paper is incomplete. Try again tomorrow.",
  "out of scope": `This paper is out of scope: none of its categories is among ${SCOPE.join(", ")}.`,
  "classics full": `Papers older than ${DAILY_DAYS} days are limited to ${CLASSICS_PER_DAY} a day for the whole site. Try again tomorrow (UTC).`,
  unavailable: "arXiv could not be reached for 48 hours.",
};

/** The lane of a paper by the age of its first version. */
export function laneOf(publishedAt: Date, now: Date): "daily" | "classic" {
  return now.getTime() - publishedAt.getTime() <= DAILY_DAYS * DAY ? "daily" : "classic";
}

/** What speaks against a paper itself; undefined when nothing does. */
export function paperRefusal(
  paper: Pick<PaperRow, "featuredAt" | "hidden" | "withdrawn" | "incomplete"> & {
    readonly categories: readonly string[];
  },
): Refusal | undefined {
  if (paper.hidden) return "hidden";
  if (paper.featuredAt) return "featured";
  if (paper.withdrawn) return "withdrawn";
  if (paper.incomplete) return "incomplete";
  return inScope(paper.categories) ? undefined : "out of scope";
}

/** The first instant of a day (UTC). */
export function dayStart(now: Date): Date {
  return new Date(Math.floor(now.getTime() / DAY) * DAY);
}

/** Whole seconds until a paper that a limit a day refused may be submitted; undefined for every other reason. */
export function secondsUntilAllowed(refusal: Refusal, now: Date): number | undefined {
  if (refusal !== "too many" && refusal !== "classics full") return undefined;
  return Math.ceil((dayStart(now).getTime() + DAY - now.getTime()) / 1000);
}
