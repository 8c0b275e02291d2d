import { createHmac } from "node:crypto";
import { z } from "zod";

const LONGEST_ADDRESS = 254;
const addressSchema = z.email().max(LONGEST_ADDRESS);

/** A mail address that somebody typed; undefined when it is none. */
export function parseAddress(typed: string): string | undefined {
  return addressSchema.safeParse(typed.trim()).data;
}

/** Domains that deliver to the same mailbox whatever dots and tags its name has. */
const IGNORING = new Set(["gmail.com", "googlemail.com"]);
/** Domains that ignore tags only. */
const TAGGED = new Set([
  "outlook.com",
  "hotmail.com",
  "live.com",
  "icloud.com",
  "me.com",
  "fastmail.com",
  "proton.me",
]);

/** The one spelling of all addresses that reach the same mailbox. */
export function canonicalAddress(address: string): string {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf("@");
  const [name, domain] = [lower.slice(0, at), lower.slice(at + 1)];
  const untagged = name.replace(/(?<=.)\+.*$/, "");
  if (IGNORING.has(domain)) return `${untagged.replaceAll(".", "")}@gmail.com`;
  return TAGGED.has(domain) ? `${untagged}@${domain}` : lower;
}

/** What accounts are found by: a keyed hash of the one spelling. */
export function addressHash(address: string, key: Buffer): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(canonicalAddress(address)).digest());
}
