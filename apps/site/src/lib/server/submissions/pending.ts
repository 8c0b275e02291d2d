import { asc, eq } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount, lockSubmissions } from "../database/row-locks.ts";
import { submissions } from "../database/schema/index.ts";
import type { ArxivClient } from "../ingestion/arxiv/client.ts";
import type { Job } from "../job.ts";
import { lookUp } from "./look-up.ts";
import type { Refusal } from "./rules.ts";
import { feature } from "./submit.ts";

/** How long submissions wait for arXiv, in milliseconds. */
const LONGEST_WAIT = 48 * 3_600_000;

export interface PendingSettings {
  readonly client: ArxivClient;
  now(): Date;
  /** Has papers that came indexed. */
  index(): Promise<void>;
}

type Pending = typeof submissions.$inferSelect;

/** The job that decides about submissions that wait for arXiv, oldest first, and gives them up after 48 hours. */
export function pendingJob(orm: Orm, { client, now, index }: PendingSettings): Job {
  const refuse = (tx: Orm, { id }: Pending, reason: Refusal) =>
    tx.update(submissions).set({ state: "refused", reason, decidedAt: now() }).where(eq(submissions.id, id));

  /** Whether anything was decided. */
  async function decide(row: Pending): Promise<boolean> {
    const paper = await lookUp(orm, client, row.arxivId);
    if (paper === "unavailable") {
      if (now().getTime() - row.submittedAt.getTime() < LONGEST_WAIT) return false;
      await refuse(orm, row, "unavailable");
      return true;
    }
    await orm.transaction(async (tx) => {
      // An account that was deleted meanwhile has left its submission without a person.
      const userId = row.userId !== null && (await lockAccount(tx, row.userId)) ? row.userId : null;
      await lockSubmissions(tx);
      const { codeUrl } = row;
      const lane =
        typeof paper === "string" ? paper : await feature(tx, paper.id, { userId, codeUrl, now: now() });
      if (lane !== "daily" && lane !== "classic") await refuse(tx, row, lane);
      else
        await tx
          .update(submissions)
          .set({ state: "accepted", lane, decidedAt: now() })
          .where(eq(submissions.id, row.id));
    });
    return true;
  }

  return {
    name: "submissions",
    schedule: "*/15 * * * *",
    async run(signal) {
      const rows = await orm
        .select()
        .from(submissions)
        .where(eq(submissions.state, "pending"))
        .orderBy(asc(submissions.id));
      let decided = false;
      for (const row of rows) {
        signal.throwIfAborted();
        decided = (await decide(row)) || decided;
      }
      if (decided) await index();
    },
  };
}
