import { and, desc, eq, isNull } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { lockAccount } from "../database/row-locks.ts";
import { moderationFlags } from "../database/schema/index.ts";
import { noteDecision } from "./audit.ts";

/** What moderators should look at. */
export interface Flag {
  /** What kind of thing it is, such as "votes", and of what: one open flag each. */
  readonly kind: string;
  readonly subject: string;
  /** One sentence for moderators, without addresses of readers. */
  readonly summary: string;
  /** Where on the site it can be looked at. */
  readonly path?: string;
}

/** An open flag. */
export interface OpenFlag extends Flag {
  readonly id: number;
  readonly raisedAt: Date;
}

/** The most flags that a page shows. */
const SHOWN = 200;

/** Raises a flag; while one of the same kind and subject is open, it is brought up to date instead. */
export async function raiseFlag(orm: Orm, { kind, subject, summary, path }: Flag, now: Date): Promise<void> {
  await orm
    .insert(moderationFlags)
    .values({ kind, subject, summary, path, raisedAt: now })
    .onConflictDoUpdate({
      target: [moderationFlags.kind, moderationFlags.subject],
      targetWhere: isNull(moderationFlags.closedAt),
      set: { summary, path },
    });
}

/** Open flags, the latest first. */
export async function openFlags(orm: Orm): Promise<OpenFlag[]> {
  const rows = await orm
    .select()
    .from(moderationFlags)
    .where(isNull(moderationFlags.closedAt))
    .orderBy(desc(moderationFlags.raisedAt), desc(moderationFlags.id))
    .limit(SHOWN);
  return rows.map(({ id, kind, subject, summary, path, raisedAt }) => ({
    ...{ id, kind, subject, summary, raisedAt },
    ...(path === null ? {} : { path }),
  }));
}

/** How many flags are open. */
export function countOpenFlags(orm: Orm): Promise<number> {
  return orm.$count(moderationFlags, isNull(moderationFlags.closedAt));
}

/** Closes a flag, and notes it; false when it is closed already or never was. */
export function closeFlag(
  orm: Orm,
  id: number,
  { by, now }: { readonly by: string; readonly now: Date },
): Promise<boolean> {
  return orm.transaction(async (transaction) => {
    if (!(await lockAccount(transaction, by))) return false;
    const closed = await transaction
      .update(moderationFlags)
      .set({ closedAt: now, closedBy: by })
      .where(and(eq(moderationFlags.id, id), isNull(moderationFlags.closedAt)))
      .returning({ id: moderationFlags.id });
    if (closed.length === 0) return false;
    await noteDecision(transaction, { actor: by, action: "flag.close", subject: `flag ${id}` }, now);
    return true;
  });
}
