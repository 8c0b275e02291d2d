import { and, arrayContains, asc, eq, isNull, lt, or } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { queueOnAccount } from "../database/row-locks.ts";
import { apiTokens, type TokenScope, tokenScopes, users } from "../database/schema/index.ts";
import { freshToken, tokenHash } from "../tokens.ts";
import type { Person } from "./sessions.ts";

/** What an access token begins with, so that people and scanners of published files know what it is. */
const PREFIX = "gradus_";
const FORM = /^gradus_[\w-]{43}$/;
/** Tokens that an account may have. */
export const MOST_TOKENS = 20;
/** The longest name of a token, in characters. */
export const LONGEST_TOKEN_NAME = 60;
/** Milliseconds between two notes of a token's use. */
const NOTE_APART = 60_000;

/** A token as its owner sees it: all but the token itself. */
export interface TokenView {
  /** By which it is revoked. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly made: Date;
  readonly lastUsed: Date | null;
}

/** The scopes that somebody's tokens may have: only operators' may operate the site. */
export function scopesFor({ role }: Pick<Person, "role">): readonly TokenScope[] {
  return tokenScopes.filter((scope) => scope !== "operator" || role !== "reader");
}

/** What an account cannot have another token for. */
export type TokenRefusal = "no name" | "long name" | "no scope" | "too many" | "no account";

/** Makes a token for an account's programs; it is shown this once. */
export async function makeAccessToken(
  orm: Orm,
  {
    userId,
    name: typed,
    scopes,
  }: { readonly userId: string; readonly name: string; readonly scopes: readonly TokenScope[] },
): Promise<{ readonly token: string } | TokenRefusal> {
  const name = typed.replace(/\p{Cc}+/gu, " ").trim();
  if (!name) return "no name";
  if ([...name].length > LONGEST_TOKEN_NAME) return "long name";
  if (scopes.length === 0) return "no scope";
  const token = `${PREFIX}${freshToken().token}`;
  return orm.transaction(async (transaction) => {
    // Of two requests at once the second waits, and counts the first's.
    if (!(await queueOnAccount(transaction, userId))) return "no account";
    if ((await transaction.$count(apiTokens, eq(apiTokens.userId, userId))) >= MOST_TOKENS) return "too many";
    await transaction.insert(apiTokens).values({ tokenHash: tokenHash(token), userId, name, scopes });
    return { token };
  });
}

/** The tokens of an account, the oldest first. */
export async function listAccessTokens(orm: Orm, userId: string): Promise<TokenView[]> {
  const rows = await orm
    .select()
    .from(apiTokens)
    .where(eq(apiTokens.userId, userId))
    .orderBy(asc(apiTokens.createdAt), asc(apiTokens.name));
  return rows.map(({ tokenHash: hash, name, scopes, createdAt, lastUsedAt }) => ({
    id: Buffer.from(hash).toString("hex"),
    name,
    scopes,
    made: createdAt,
    lastUsed: lastUsedAt,
  }));
}

/** Revokes a token of an account; false when it has none of that id. */
export async function revokeAccessToken(orm: Orm, userId: string, id: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(id)) return false;
  const gone = await orm
    .delete(apiTokens)
    .where(and(eq(apiTokens.tokenHash, new Uint8Array(Buffer.from(id, "hex"))), eq(apiTokens.userId, userId)))
    .returning({ userId: apiTokens.userId });
  return gone.length > 0;
}

/** Whose token it is, where it may be used for `scope` and its account is not suspended. */
export async function readAccessToken(
  orm: Orm,
  token: string,
  scope: TokenScope,
  now: Date,
): Promise<{ readonly userId: string } | undefined> {
  if (!FORM.test(token)) return undefined;
  const hash = tokenHash(token);
  const [row] = await orm
    .select({ userId: users.id })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(
      and(eq(apiTokens.tokenHash, hash), arrayContains(apiTokens.scopes, [scope]), isNull(users.suspendedAt)),
    );
  if (!row) return undefined;
  await orm
    .update(apiTokens)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(apiTokens.tokenHash, hash),
        or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, new Date(now.getTime() - NOTE_APART))),
      ),
    );
  return row;
}
