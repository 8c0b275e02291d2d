import { countLabel } from "#lib/days.ts";
import { countWaiting } from "../curation/arrivals.ts";
import { isFailing, jobStates } from "../jobs/job-states.ts";
import { countOpenFlags } from "../moderation/flags.ts";
import { countPendingNotes } from "../reports/moderate.ts";
import type { Site } from "../site.ts";
import { countRetryable } from "./mail-overview.ts";

/** Something that waits for an operator. */
export interface Attention {
  /** "3 flags are open". */
  readonly text: string;
  /** The page on which something can be done about it. */
  readonly path: string;
}

/** What an operator's overview is made from. */
type AttentionSource = Pick<Site, "database" | "jobs" | "addressKey" | "now">;

type Question = (source: AttentionSource) => Promise<Attention | undefined>;

/** What the overview asks, one question for each section. */
const questions: readonly Question[] = [
  async ({ database: { orm } }) => {
    const count = await countOpenFlags(orm);
    return count > 0
      ? { text: `${countLabel(count, "open flag")} to review`, path: "/operator/moderation" }
      : undefined;
  },
  async ({ database: { orm }, now }) => {
    const count = await countWaiting(orm, now());
    return count > 0
      ? { text: `${countLabel(count, "new paper")} to choose from`, path: "/operator/papers" }
      : undefined;
  },
  async ({ database: { orm } }) => {
    const count = await countPendingNotes(orm);
    return count > 0
      ? { text: `${countLabel(count, "report text")} to review`, path: "/operator/reports" }
      : undefined;
  },
  async (source) => {
    const count = await countRetryable(source);
    return count > 0
      ? { text: `${countLabel(count, "undelivered message")} to review`, path: "/operator/mail" }
      : undefined;
  },
  async ({ database: { orm }, jobs: { names } }) => {
    const failing = (await jobStates(orm, names)).filter(isFailing);
    return failing.length > 0
      ? { text: `${countLabel(failing.length, "failing job")}`, path: "/operator/jobs" }
      : undefined;
  },
];

/** What waits for an operator, in the order of the sections. */
export async function attention(source: AttentionSource): Promise<Attention[]> {
  const answers = await Promise.all(questions.map((ask) => ask(source)));
  return answers.filter((answer) => answer !== undefined);
}
