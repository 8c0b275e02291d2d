/**
 * Whether a setting is on: `1`, and neither `0` nor empty.
 *
 * @throws Error when it is anything else
 */
export function isOn(name: string, environment: Readonly<Record<string, string | undefined>>): boolean {
  const wanted = environment[name];
  if (wanted && wanted !== "0" && wanted !== "1")
    throw new Error(`${name} must be 1 (on) or 0 (off), got "${wanted}"`);
  return wanted === "1";
}
