import { and, desc, eq, gt, isNull, lt } from "drizzle-orm";
import { LINK_MINUTES } from "#lib/sign-in-link.ts";
import type { Orm } from "../database/connect.ts";
import { sessions, users } from "../database/schema/index.ts";
import { freshToken, tokenHash } from "../tokens.ts";

/** Seconds that a session lasts after it was last used. */
export const SESSION_SECONDS = 30 * 24 * 3600;
/** Milliseconds between two notes of a session's use. */
const NOTE_APART = 3_600_000;

/** Who is signed in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  /** The name that they chose. */
  readonly name: string | null;
  readonly role: "reader" | "moderator" | "administrator";
}

/** A browser that is signed in. */
export interface SessionView {
  readonly agent: string;
  readonly begun: Date;
  readonly lastSeen: Date;
  readonly current: boolean;
}

/** The session cookie: only over https where the site has it, and then under a name that no subdomain can set. */
export function sessionCookie(url: URL) {
  const secure = url.protocol === "https:";
  return {
    name: secure ? "__Host-gradus" : "gradus-session",
    options: { path: "/", httpOnly: true, sameSite: "lax", secure, maxAge: SESSION_SECONDS },
  } as const;
}

/**
 * The cookie by which a sign-in link's page finds out whether the browser keeps cookies, before the link is used; it says
 * nothing of the reader.
 */
export function probeCookie(url: URL) {
  const secure = url.protocol === "https:";
  return {
    name: "gradus-cookies",
    options: { path: "/sign-in", httpOnly: true, sameSite: "lax", secure, maxAge: 60 * LINK_MINUTES },
  } as const;
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Firefox\//, "Firefox"],
  [/Edg\//, "Edge"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** The kind of browser and system that a `User-Agent` field names, and nothing else of it. */
export function agentClass(field: string | null): string {
  const find = (kinds: typeof BROWSERS) => kinds.find(([pattern]) => pattern.test(field ?? ""))?.[1];
  return [find(BROWSERS) ?? "Unknown browser", find(SYSTEMS)].filter(Boolean).join(" on ");
}

const expiry = (now: Date) => new Date(now.getTime() + SESSION_SECONDS * 1000);

/** Begins a session; returns the token for the cookie. */
export async function beginSession(
  orm: Orm,
  { userId, agent, now }: { readonly userId: string; readonly agent: string; readonly now: Date },
): Promise<string> {
  const { token, hash } = freshToken();
  await orm.insert(sessions).values({
    ...{
      tokenHash: hash,
      userId,
      lastSeenAt: now,
      expiresAt: expiry(now),
      agentClass: agent,
      createdAt: now,
    },
  });
  return token;
}

/** Whose session a token is of; `renewed` when the cookie should be sent again. */
export async function readSession(
  orm: Orm,
  token: string,
  now: Date,
): Promise<{ readonly person: Person; readonly renewed: boolean } | undefined> {
  const hash = tokenHash(token);
  const [row] = await orm
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      seen: sessions.lastSeenAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.tokenHash, hash), gt(sessions.expiresAt, now), isNull(users.suspendedAt)));
  if (!row) return undefined;
  const { seen, ...person } = row;
  const renewed = now.getTime() - seen.getTime() >= NOTE_APART;
  if (renewed)
    await orm
      .update(sessions)
      .set({ lastSeenAt: now, expiresAt: expiry(now) })
      .where(eq(sessions.tokenHash, hash));
  return { person, renewed };
}

/** The sessions of an account, the last used first. */
export async function listSessions(
  orm: Orm,
  userId: string,
  token: string,
  now: Date,
): Promise<SessionView[]> {
  const own = Buffer.from(tokenHash(token));
  const rows = await orm
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.createdAt));
  return rows.map((row) => ({
    agent: row.agentClass,
    begun: row.createdAt,
    lastSeen: row.lastSeenAt,
    current: own.equals(row.tokenHash),
  }));
}

/** Ends one session. */
export async function endSession(orm: Orm, token: string): Promise<void> {
  await orm.delete(sessions).where(eq(sessions.tokenHash, tokenHash(token)));
}

/** Ends all sessions of an account. */
export async function endAllSessions(orm: Orm, userId: string): Promise<void> {
  await orm.delete(sessions).where(eq(sessions.userId, userId));
}

/** Forgets sessions that have expired. */
export async function purgeSessions(orm: Orm, now: Date): Promise<void> {
  await orm.delete(sessions).where(lt(sessions.expiresAt, now));
}
