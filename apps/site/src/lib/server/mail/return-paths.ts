import { lt } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { mailReturns } from "../database/schema/index.ts";

const DAY = 86_400_000;
/** Days that a message may come back: servers give up after five. */
const KEPT_DAYS = 30;

/** Notes to whom a message goes, by a keyed hash, so that it may come back after its address is forgotten. */
export async function noteRecipient(orm: Orm, mailId: number, hash: Uint8Array, now: Date): Promise<void> {
  await orm.insert(mailReturns).values({ mailId, emailHmac: hash, createdAt: now }).onConflictDoNothing();
}

/** Forgets messages that can no longer bounce. */
export async function purgeReturnPaths(orm: Orm, now: Date): Promise<void> {
  await orm.delete(mailReturns).where(lt(mailReturns.createdAt, new Date(now.getTime() - KEPT_DAYS * DAY)));
}
