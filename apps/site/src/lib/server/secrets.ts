import { hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * A secret setting, such as a database URL with its password: from the environment variable `name`, or from the file
 * that `<name>_FILE` names, as container systems hand secrets out.
 *
 * @throws Error when both are set, or the file cannot be read or is empty; no message shows the secret
 */
export function secretSetting(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (!file) return value;
  if (value) throw new Error(`${name} and ${name}_FILE are both set; set only one`);
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch {
    throw new Error(`the file named by ${name}_FILE cannot be read`);
  }
  if (!text) throw new Error(`the file named by ${name}_FILE is empty`);
  return text;
}

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
  if (secret === SAMPLE) throw new Error(`GRADUS_SECRET is the public sample value${wanted}`);
  if (!/^[\w+/-]+={0,2}$/.test(secret)) throw new Error(`GRADUS_SECRET is not base64${wanted}`);
  const bytes = Buffer.from(secret, "base64");
  if (bytes.length < SECRET_BYTES)
    throw new Error(`GRADUS_SECRET is too short (${bytes.length} bytes)${wanted}`);
  if (new Set(bytes).size < LEAST_DIFFERENT_BYTES)
    throw new Error(`GRADUS_SECRET has a guessable pattern${wanted}`);
}

/** A key of 32 bytes for one purpose, of the installation's secret; of a known one where production does not ask for it. */
export function keyFor(environment: NodeJS.ProcessEnv, purpose: string): Buffer {
  const secret = secretSetting(environment, "GRADUS_SECRET") ?? SAMPLE;
  return Buffer.from(hkdfSync("sha256", Buffer.from(secret, "base64"), "gradus", purpose, SECRET_BYTES));
}
