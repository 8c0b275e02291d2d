import { hkdfSync } from "node:crypto";
import { secretSetting } from "@gradus/database/mail-settings";

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Bytes of a secret. */
const SECRET_BYTES = 32;
/** Of 32 random bytes about 30 are different; fewer than half of that is a pattern, not chance. */
const LEAST_DIFFERENT_BYTES = 16;
/** What stands in the example of settings, `apps/site/.env.example`: everybody knows it. */
const SAMPLE = "replace-this-sample-by-32-random-bytes-in-base64";

/**
 * Checks that an installation has a secret of its own in `GRADUS_SECRET` (or the file of `GRADUS_SECRET_FILE`): 32
 * random bytes or more, in base64. Only production needs one.
 *
 * @throws Error when it is missing, short, the sample or a pattern; no message shows the secret
 */
export function assertSecret(environment: NodeJS.ProcessEnv): void {
  if (environment.NODE_ENV !== "production") return;
  const secret = secretSetting(environment, "GRADUS_SECRET");
  const wanted = `: production wants ${SECRET_BYTES} random bytes in base64, as "openssl rand -base64 ${SECRET_BYTES}" prints them`;
  if (secret === undefined) throw new Error(`GRADUS_SECRET and GRADUS_SECRET_FILE are not set${wanted}`);
  const read = environment.GRADUS_SECRET ? "GRADUS_SECRET" : "the file named by GRADUS_SECRET_FILE";
  if (secret === SAMPLE) throw new Error(`${read} is the public sample value${wanted}`);
  if (!/^[\w+/-]+={0,2}$/.test(secret)) throw new Error(`${read} is not base64${wanted}`);
  const bytes = Buffer.from(secret, "base64");
  if (bytes.length < SECRET_BYTES)
    throw new Error(
      `${read} is too short (${plural(secret.length, "character")}, which hold ${plural(bytes.length, "byte")})${wanted}`,
    );
  if (new Set(bytes).size < LEAST_DIFFERENT_BYTES)
    throw new Error(`${read} has a guessable pattern${wanted}`);
}

/** A key of 32 bytes for one purpose, of the installation's secret; of a known one where production does not ask for it. */
export function keyFor(environment: NodeJS.ProcessEnv, purpose: string): Buffer {
  const secret = secretSetting(environment, "GRADUS_SECRET") ?? SAMPLE;
  return Buffer.from(hkdfSync("sha256", Buffer.from(secret, "base64"), "gradus", purpose, SECRET_BYTES));
}
