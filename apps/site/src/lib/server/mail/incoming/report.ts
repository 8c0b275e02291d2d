import { createHash } from "node:crypto";
import { readDeliveryStatus } from "./delivery-status.ts";
import { readFeedback } from "./feedback.ts";
import { firstOf, readFields } from "./fields.ts";
import type { IncomingMessage } from "./message.ts";
import { readPlainBounce } from "./plain-bounce.ts";
import type { Verdict } from "./verdict.ts";

/** Fields in which servers note to whom a message was sent, the surest first. */
const RECIPIENT_FIELDS = ["x-original-to", "delivered-to", "envelope-to", "to"];

/** The addresses in a field, without names and comments. */
function addressesIn(value: string): string[] {
  return value.split(/[\s<>,;:"()]+/).filter((word) => word.includes("@"));
}

const partsOf = ({ parts }: IncomingMessage, types: readonly string[]) =>
  parts.filter(({ type }) => types.includes(type)).map(({ text }) => text);

const FEEDBACK = ["message/feedback-report"];
const STATUS = ["message/delivery-status", "message/global-delivery-status"];
const RETURNED = ["message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"];

/**
 * The addresses that may be the envelope sender of the message that one is about: to whom this one was sent, and what
 * a report notes of the sender. What a message says of its recipient is not among them.
 */
export function senderAddresses(message: IncomingMessage): string[] {
  const own = RECIPIENT_FIELDS.flatMap((name) => message.fields.get(name) ?? []);
  const noted = partsOf(message, FEEDBACK).flatMap(
    (text) => readFields(text).get("original-mail-from") ?? [],
  );
  const returned = partsOf(message, RETURNED).flatMap((text) => readFields(text).get("return-path") ?? []);
  return [...own, ...noted, ...returned].flatMap(addressesIn);
}

/** What a message says of the one that it returns; undefined when it is neither a bounce nor a complaint. */
export function verdictOf(message: IncomingMessage): Verdict | undefined {
  for (const text of partsOf(message, FEEDBACK)) {
    const verdict = readFeedback(readFields(text));
    if (verdict) return verdict;
  }
  for (const text of partsOf(message, STATUS)) {
    const verdict = readDeliveryStatus(text);
    if (verdict) return verdict;
  }
  return readPlainBounce(message);
}

/** What tells a report that comes twice: its identifier, and the address to which it came. */
export function reportId({ fields, text }: IncomingMessage, address: string): string {
  const own = firstOf(fields, "message-id") ?? `${firstOf(fields, "date") ?? ""}\n${text}`;
  return createHash("sha256").update(`${address.toLowerCase()}\n${own}`).digest("base64url");
}
