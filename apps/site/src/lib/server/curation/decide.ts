import { eq } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount } from "../database/row-locks.ts";
import { papers } from "../database/schema/index.ts";
import { noteDecision } from "../moderation/audit.ts";
import { displacePaper, placePaper } from "../papers/writing/feature.ts";
import { laneOf, paperRefusal, type Refusal } from "../submissions/rules.ts";

/** What a moderator can decide of a paper that came. */
const paperDecisions = ["feature", "unfeature", "hide", "restore"] as const;
export type PaperDecision = (typeof paperDecisions)[number];

/** A decision, and whose it is. */
export interface DecisionRequest {
  readonly arxivId: string;
  readonly decision: PaperDecision;
  readonly actor: string;
  readonly now: Date;
}

/** What came of it: done, nothing to change, no such paper, or why the paper cannot be featured. */
export type DecisionOutcome = "done" | "unchanged" | "absent" | Refusal;

/**
 * Carries out a moderator's decision about a paper that came, and notes it. A paper is featured from now on, in the
 * lane of its age; the limits of submissions are none of a moderator's. The seed's papers are not for this.
 */
export function decidePaper(
  orm: Orm,
  { arxivId, decision, actor, now }: DecisionRequest,
): Promise<DecisionOutcome> {
  return orm.transaction(async (tx) => {
    if (!(await lockAccount(tx, actor))) return "unchanged";
    const [paper] = await tx.select().from(papers).where(eq(papers.arxivId, arxivId)).for("update");
    if (!paper || paper.lane === "seed") return "absent";
    if (decision === "feature") {
      if (paper.featuredAt) return "unchanged";
      const against = paperRefusal(paper);
      if (against) return against;
      await placePaper(tx, paper.id, { lane: laneOf(paper.publishedAt, now), now });
    } else if (decision === "unfeature") {
      if (!paper.featuredAt) return "unchanged";
      await displacePaper(tx, paper.id);
    } else {
      const hidden = decision === "hide";
      if (paper.hidden === hidden) return "unchanged";
      await tx.update(papers).set({ hidden }).where(eq(papers.id, paper.id));
    }
    await noteDecision(tx, { actor, action: `paper.${decision}`, subject: `paper ${arxivId}` }, now);
    return "done";
  });
}
