import { createHmac } from "node:crypto";
import { incomingAddress } from "@gradus/database/mail-settings";
import { mailKeys, sameCode } from "./keys.ts";

/** What a message that comes to the site is about. */
export type Returned =
  /** A message to the subscription `id`. */
  | { readonly kind: "subscription"; readonly id: string }
  /** The message `id` of the outbox. */
  | { readonly kind: "message"; readonly id: number }
  /** A request to end the subscription `id`. */
  | { readonly kind: "unsubscribe"; readonly id: string };

/**
 * The addresses to which servers and readers send messages back: each with a token of its own, which holds no address of
 * a person, never expires, and which nobody else can make.
 */
export interface ReturnAddresses {
  ofSubscription(id: string): string;
  ofMessage(id: number): string;
  /** The address that ends a subscription; undefined while no address for incoming mail is set. */
  toUnsubscribe(id: string): string | undefined;
  /** What an address stands for: undefined for one of another form, and "forged" for one that the site did not make. */
  read(address: string): Returned | "forged" | undefined;
}

/** Characters of a code. */
const CODE = 16;
const RETURN = /^[^+@]+\+(?:([u]?)([0-9a-f]{32})|m([1-9]\d{0,14}))\.([0-9a-f]{16})@/;

/**
 * The return addresses of an installation: of `GRADUS_MAIL_INCOMING`, or of the name "bounce" in the sender's domain.
 *
 * @throws Error when a setting is wrong
 */
export function returnAddresses(environment: NodeJS.ProcessEnv, senderDomain: string): ReturnAddresses {
  const incoming = incomingAddress(environment);
  const [name, domain] = (incoming ?? `bounce@${senderDomain}`).split("@");
  const keys = mailKeys(environment);
  const code = (key: Buffer, purpose: string, id: string) =>
    createHmac("sha256", key).update(`${purpose}|${id}`).digest("hex").slice(0, CODE);
  const make = (purpose: string, letter: string, id: string) =>
    `${name}+${letter}${id.replaceAll("-", "")}.${code(keys[keys.length - 1], purpose, id)}@${domain}`;
  return {
    ofSubscription: (id) => make("return", "", id),
    ofMessage: (id) => make("message", "m", String(id)),
    toUnsubscribe: (id) => (incoming === undefined ? undefined : make("mailto", "u", id)),
    read(address) {
      const [, letter, digits, number, given = ""] = RETURN.exec(address.toLowerCase()) ?? [];
      const isCode = (purpose: string, id: string) =>
        keys.some((key) => sameCode(given, code(key, purpose, id)));
      if (number !== undefined)
        return isCode("message", number) ? { kind: "message", id: Number(number) } : "forged";
      if (digits === undefined) return undefined;
      const id = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      const kind = letter === "u" ? "unsubscribe" : "subscription";
      return isCode(kind === "unsubscribe" ? "mailto" : "return", id) ? { kind, id } : "forged";
    },
  };
}
