import { and, asc, desc, eq } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { queueOnAccount } from "../database/row-locks.ts";
import { followedSearches } from "../database/schema/index.ts";
import { isStorable } from "../http/json-body.ts";
import { normalizeQuery } from "../search/normalize.ts";

/** Searches that an account can follow. */
export const MOST_FOLLOWED = 200;

/** Why a search is not followed. */
export type FollowRefusal = "no query" | "long query" | "too many" | "no account";

/** Follows a search, an author's name in quotes included; following it again changes nothing. */
export function followSearch(
  orm: Orm,
  { userId, query, now }: { readonly userId: string; readonly query: string; readonly now: Date },
): Promise<FollowRefusal | undefined> {
  const { text, tooLong } = normalizeQuery(query);
  if (!text) return Promise.resolve("no query");
  if (tooLong) return Promise.resolve("long query");
  return orm.transaction(async (transaction) => {
    // Of two requests at once the second waits, and counts the first's.
    if (!(await queueOnAccount(transaction, userId))) return "no account";
    const own = eq(followedSearches.userId, userId);
    if (await transaction.$count(followedSearches, and(own, eq(followedSearches.query, text))))
      return undefined;
    if ((await transaction.$count(followedSearches, own)) >= MOST_FOLLOWED) return "too many";
    await transaction.insert(followedSearches).values({ userId, query: text, followedAt: now });
    return undefined;
  });
}

/** Follows a search no longer. */
export async function unfollowSearch(orm: Orm, userId: string, query: string): Promise<void> {
  // No column has such a text.
  if (!isStorable(query)) return;
  await orm
    .delete(followedSearches)
    .where(and(eq(followedSearches.userId, userId), eq(followedSearches.query, query)));
}

/** Whether an account follows a search. */
export async function isFollowed(orm: Orm, userId: string, query: string): Promise<boolean> {
  const same = and(eq(followedSearches.userId, userId), eq(followedSearches.query, query));
  return (await orm.$count(followedSearches, same)) > 0;
}

/** A search that an account follows. */
export interface FollowedSearch {
  readonly query: string;
  readonly followedAt: Date;
}

/** The searches that an account follows, the last first. */
export function followed(orm: Orm, userId: string): Promise<FollowedSearch[]> {
  return orm
    .select({ query: followedSearches.query, followedAt: followedSearches.followedAt })
    .from(followedSearches)
    .where(eq(followedSearches.userId, userId))
    .orderBy(desc(followedSearches.followedAt), asc(followedSearches.query));
}
