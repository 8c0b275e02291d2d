import {
  administratorLink,
  isAdministratorKey,
  makeAdministratorLink,
  useAdministratorKey,
} from "@gradus/database/administrator-link";
import type { Cookies } from "@sveltejs/kit";
import { and, eq, isNull, ne } from "drizzle-orm";
import { countLabel } from "#lib/days.ts";
import type { Orm } from "../database/connect.ts";
import { users } from "../database/schema/index.ts";

const COOKIE = "gradus-administrator";
const isAdministrator = and(eq(users.role, "administrator"), isNull(users.suspendedAt));

/** Whether a site would have no administrator without this person. */
export async function isLastAdministrator(
  orm: Orm,
  { id, role }: { readonly id: string; readonly role: string },
): Promise<boolean> {
  return role === "administrator" && (await orm.$count(users, and(isAdministrator, ne(users.id, id)))) === 0;
}

/**
 * A sentence for whoever starts a site that has no administrator: where the link is that makes one. A terminal is shown
 * the link itself, a log, which would keep it, only its file. Undefined when there is an administrator.
 */
export async function administratorNotice(
  orm: Orm,
  { folder, now, terminal }: { readonly folder: string; readonly now: Date; readonly terminal: boolean },
): Promise<string | undefined> {
  if ((await orm.$count(users, isAdministrator)) > 0) return undefined;
  const { path, file, expiresAt } = administratorLink(folder, now) ?? makeAdministratorLink(folder, now);
  const hours = Math.ceil((expiresAt.getTime() - now.getTime()) / 3_600_000);
  const where = terminal ? `open ${path}` : `open the link in the file ${file}`;
  return `no administrator yet; to become one, ${where} (expires in ${countLabel(hours, "hour")})`;
}

/** Leaves the key of a link with a browser that opened it; false where it opens nothing. */
export function keepAdministratorKey(
  key: string,
  {
    folder,
    now,
    url,
    cookies,
  }: { readonly folder: string; readonly now: Date; readonly url: URL; readonly cookies: Cookies },
): boolean {
  if (!isAdministratorKey(folder, key, now)) return false;
  const secure = url.protocol === "https:";
  cookies.set(COOKIE, key, { path: "/administrator", httpOnly: true, sameSite: "lax", secure });
  return true;
}

/** Whether a browser has the key of a link that can still be used. */
export function hasAdministratorKey(folder: string, now: Date, cookies: Cookies): boolean {
  const key = cookies.get(COOKIE);
  return key !== undefined && isAdministratorKey(folder, key, now);
}

/** Makes somebody an administrator, and uses up the link whose key the browser has; false where it has none. */
export async function becomeAdministrator(
  orm: Orm,
  userId: string,
  { folder, now, cookies }: { readonly folder: string; readonly now: Date; readonly cookies: Cookies },
): Promise<boolean> {
  const key = cookies.get(COOKIE);
  if (key === undefined || !useAdministratorKey(folder, key, now)) return false;
  await orm.update(users).set({ role: "administrator" }).where(eq(users.id, userId));
  cookies.delete(COOKIE, { path: "/administrator" });
  return true;
}
