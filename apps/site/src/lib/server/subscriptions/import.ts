import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Orm } from "../database/connect.ts";
import { subscriptions, users } from "../database/schema/index.ts";
import { addressHash, parseAddress } from "../people/address.ts";
import { choicesOf, givenChoices } from "./choices.ts";
import { requestSubscription } from "./subscribe.ts";

/** The version of the account page's text, to which somebody agrees who imports a subscription. */
const CONSENT = "import-1";

/** What is read of an exported subscription. */
const exportedSchema = givenChoices.extend({
  email: z.string(),
  status: z.enum(["pending", "active"]),
});

/** Who imports, and where from. */
export interface SubscriptionImport {
  readonly userId: string;
  /** The subscriptions of an exported account, as they are in the file. */
  readonly exported: readonly unknown[];
  /** The key under which addresses are hashed. */
  readonly key: Buffer;
  readonly network: string;
  readonly origin: string;
  readonly now: Date;
}

/**
 * Asks the owner of an account to confirm the subscription of an exported account: a file proves nothing, and nobody
 * else's address gets mail by one. False where the file has none that is open, or the account has one here.
 */
export async function importSubscription(
  orm: Orm,
  { userId, exported, key, ...request }: SubscriptionImport,
): Promise<boolean> {
  const [account] = await orm
    .select({ email: users.email, hash: users.emailCanonicalHmac })
    .from(users)
    .where(eq(users.id, userId));
  if (!account) return false;
  const open = exported.flatMap((one) => exportedSchema.safeParse(one).data ?? []).at(-1);
  if (!open) return false;
  const here = and(
    eq(subscriptions.emailHmac, account.hash),
    inArray(subscriptions.status, ["pending", "active"]),
  );
  if ((await orm.$count(subscriptions, here)) > 0) return false;
  // Another spelling of the account's own address is kept.
  const spelled = parseAddress(open.email);
  const own = spelled !== undefined && Buffer.from(addressHash(spelled, key)).equals(account.hash);
  await requestSubscription(orm, {
    ...request,
    email: own ? spelled : account.email,
    choices: choicesOf(open),
    text: CONSENT,
  });
  return true;
}
