import { eq, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { mailReturns, subscriptions } from "../../database/schema/index.ts";
import type { ReturnAddresses, Returned } from "../return-addresses.ts";
import { noteReport } from "../suppressions.ts";
import { readMessage } from "./message.ts";
import { IncomingMailError } from "./refusal.ts";
import { reportId, senderAddresses, verdictOf } from "./report.ts";

/** The outcome of a message to the site. */
export type IncomingOutcome =
  /** Its address gets no more mail. */
  | "suppressed"
  /** A failure is counted. */
  | "noted"
  /** The subscription has ended. */
  | "unsubscribed"
  /** The message that it is about was delivered, or is still on its way. */
  | "ignored";

/** What messages are read with. */
export interface IncomingSettings {
  readonly addresses: ReturnAddresses;
  /** Ends a subscription; doing it again changes nothing. */
  unsubscribe(orm: Orm, id: string, now: Date): Promise<void>;
  now(): Date;
}

/** The keyed hash of the address to which a message went. */
async function recipientOf(orm: Orm, returned: Returned): Promise<Uint8Array | undefined> {
  const [found] =
    returned.kind === "message"
      ? await orm
          .select({ hash: mailReturns.emailHmac })
          .from(mailReturns)
          .where(eq(mailReturns.mailId, returned.id))
      : await orm
          .select({ hash: subscriptions.emailHmac })
          .from(subscriptions)
          .where(eq(subscriptions.id, sql`${returned.id}::uuid`));
  return found?.hash;
}

/**
 * Reads a message to the site, a bounce, a complaint or a request to unsubscribe, and does what follows from it. Whom it
 * is about is told by the code in the envelope sender of the site's own message, and by nothing else that it says.
 *
 * @throws IncomingMailError when it is refused; nothing has changed then
 */
export async function takeIncomingMail(
  orm: Orm,
  raw: Uint8Array,
  { addresses, unsubscribe, now }: IncomingSettings,
): Promise<IncomingOutcome> {
  const message = await readMessage(raw);
  const read = senderAddresses(message).map((address) => ({ address, returned: addresses.read(address) }));
  const match = read.find(({ returned }) => typeof returned === "object");
  if (typeof match?.returned !== "object")
    throw new IncomingMailError(read.some(({ returned }) => returned === "forged") ? "forged" : "no_token");
  const { address, returned } = match;
  const hash = await recipientOf(orm, returned);
  if (!hash) throw new IncomingMailError("unknown");
  if (returned.kind === "unsubscribe") {
    await unsubscribe(orm, returned.id, now());
    return "unsubscribed";
  }
  const verdict = verdictOf(message);
  if (!verdict) throw new IncomingMailError("not_a_report");
  if (verdict.kind === "none") return "ignored";
  const report = { hash, reportId: reportId(message, address), ...verdict };
  return (await noteReport(orm, report, now())) ? "suppressed" : "noted";
}
