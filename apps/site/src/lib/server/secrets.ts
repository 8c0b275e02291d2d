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
  if (value) throw new Error(`${name} and ${name}_FILE are both set: set one of them`);
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch {
    throw new Error(`the file that ${name}_FILE names cannot be read`);
  }
  if (!text) throw new Error(`the file that ${name}_FILE names is empty`);
  return text;
}
