import { eq } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { users } from "../database/schema/index.ts";

/** The longest name, in characters. */
export const LONGEST_NAME = 60;

/** Characters that show nothing, or turn the text around them. */
const UNSEEN = /[\p{Cc}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** A name as it is stored: null for none, undefined where it is too long. */
export function parseName(typed: string): string | null | undefined {
  const name = typed.normalize("NFC").replace(UNSEEN, " ").replace(/\s+/gu, " ").trim();
  if ([...name].length > LONGEST_NAME) return undefined;
  return name || null;
}

/** Stores the name of an account, which the pages of papers that it submitted show. */
export async function rename(orm: Orm, userId: string, name: string | null): Promise<void> {
  await orm.update(users).set({ name }).where(eq(users.id, userId));
}
