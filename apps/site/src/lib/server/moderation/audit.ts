import type { Orm } from "../database/connect.ts";
import { auditLog } from "../database/schema/index.ts";

/** A decision of a moderator or administrator. */
export interface Decision {
  /** Who decided. */
  readonly actor: string;
  /** Such as `report.hide`. */
  readonly action: string;
  /** Of what, such as `report 12`. */
  readonly subject: string;
}

/** Notes a decision, in the transaction that carries it out. */
export async function noteDecision(
  orm: Pick<Orm, "insert">,
  { actor, action, subject }: Decision,
  now: Date,
): Promise<void> {
  await orm.insert(auditLog).values({ actor, action, subject, actedAt: now });
}
