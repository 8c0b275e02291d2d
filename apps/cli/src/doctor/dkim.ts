import { createPrivateKey, createPublicKey } from "node:crypto";
import type { MailSigning } from "@gradus/database/mail-settings";
import { type Finding, finding } from "./check.ts";
import { type Dns, textRecords, unlessUnreachable } from "./dns.ts";

/** Bits of a key that large providers ask for. */
const USUAL_BITS = 2048;

/** The value of a tag of a record (RFC 6376, section 3.2), without white space. */
function tag(record: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|;)\\s*${name}\\s*=([^;]*)`).exec(record)?.[1];
  return value?.replace(/\s+/g, "");
}

/** Whether the public key of a signing key is where receivers look for it; says the record that must be there. */
export async function checkDkim(dns: Dns, signing: MailSigning): Promise<Finding[]> {
  const key = createPrivateKey(signing.privateKey);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== "rsa")
    return [finding("DKIM key", "failed", `GRADUS_DKIM_KEY must be an RSA key, got ${type ?? "another"}`)];
  const bits = details?.modulusLength ?? 0;
  const strength =
    bits < USUAL_BITS
      ? finding("DKIM key", "note", `RSA with ${bits} bits; make one with ${USUAL_BITS}`)
      : finding("DKIM key", "ok", `RSA with ${bits} bits`);
  const own = createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");
  const name = `${signing.keySelector}._domainkey.${signing.domainName}`;
  const wanted = `TXT "v=DKIM1; k=rsa; p=${own}"`;
  const record = await unlessUnreachable("DKIM record", async () => {
    const say = (state: Finding["state"], text: string) => finding("DKIM record", state, text);
    const found = await textRecords(dns, name, /(?:^|;)\s*p\s*=/);
    if (found.length === 0) return say("failed", `${name} has none; add ${wanted}`);
    if (found.length > 1) return say("failed", `${name} has ${found.length}; it must have one: ${wanted}`);
    const [published] = found.map((text) => tag(text, "p"));
    if (published === "")
      return say("failed", `${name} has withdrawn its key; make another selector, or add ${wanted}`);
    if (published !== own)
      return say("failed", `${name} has another key than GRADUS_DKIM_KEY; it must be ${wanted}`);
    if (tag(found[0], "t")?.split(":").includes("y"))
      return say("note", `${name} has the key, marked as a test (t=y): receivers may treat mail as unsigned`);
    return say("ok", `${name} has the key`);
  });
  const told =
    record.state === "unknown" ? { ...record, text: `${record.text}. ${name} must have ${wanted}` } : record;
  return [strength, told];
}
