import { countLabel } from "#lib/days.ts";
import { countWaiting } from "../curation/arrivals.ts";
import type { Orm } from "../database/connect.ts";
import { isFailing, jobStates } from "../jobs/job-states.ts";
import { countOpenFlags } from "../moderation/flags.ts";

/** Something that waits for an operator. */
export interface Attention {
  /** "3 flags are open". */
  readonly text: string;
  /** The page on which something can be done about it. */
  readonly path: string;
}

/** What an operator's overview is made from. */
export interface AttentionSource {
  readonly orm: Orm;
  /** The names of the jobs. */
  readonly jobs: readonly string[];
}

type Question = (source: AttentionSource) => Promise<Attention | undefined>;

/** What the overview asks, one question for each section. */
const questions: readonly Question[] = [
  async ({ orm }) => {
    const count = await countOpenFlags(orm);
    return count > 0
      ? { text: `${countLabel(count, "open flag")} to review`, path: "/operator/moderation" }
      : undefined;
  },
  async ({ orm }) => {
    const count = await countWaiting(orm);
    return count > 0
      ? { text: `${countLabel(count, "new paper")} to choose from`, path: "/operator/papers" }
      : undefined;
  },
  async ({ orm, jobs }) => {
    const failing = (await jobStates(orm, jobs)).filter(isFailing);
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
