import { createHmac } from "node:crypto";
import { sameCode } from "../keys.ts";

/** Whether the field of a request is `sha256=` and the HMAC-SHA-256 of its body under a secret, in hexadecimal digits. */
export function isSigned(field: string | null, body: Uint8Array, secret: string): boolean {
  const wanted = createHmac("sha256", secret).update(body).digest("hex");
  return field !== null && sameCode(field.trim().toLowerCase(), `sha256=${wanted}`);
}
