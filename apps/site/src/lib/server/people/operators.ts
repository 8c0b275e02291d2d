import { error } from "@sveltejs/kit";
import { and, eq, isNull } from "drizzle-orm";
import { sectionOf } from "#lib/operator/sections.ts";
import type { Orm } from "../database/connect.ts";
import { users } from "../database/schema/index.ts";
import type { Person } from "./sessions.ts";

/** Who decides something, and what they may. */
export type Operator = Pick<Person, "id" | "role">;

/** Whether somebody may see a page of the operator's: administrators all of them, moderators those of moderation. */
export function mayOperate(person: Pick<Person, "role"> | undefined, path: string): boolean {
  if (person?.role === "administrator") return true;
  return person?.role === "moderator" && (sectionOf(path)?.moderators ?? false);
}

/**
 * The operator who asks for a page of the operator's.
 *
 * @throws HttpError 404 for everybody else: to them the page does not exist
 */
export function operatorOf({
  locals: { person },
  url,
}: {
  readonly locals: { readonly person?: Person };
  readonly url: URL;
}): Person {
  if (!person || !mayOperate(person, url.pathname)) error(404, "Not Found");
  return person;
}

/** An account as it is now, where it is not suspended. */
export async function readOperator(orm: Orm, userId: string): Promise<Operator | undefined> {
  const [account] = await orm
    .select({ id: users.id, role: users.role })
    .from(users)
    .where(and(eq(users.id, userId), isNull(users.suspendedAt)));
  return account;
}
