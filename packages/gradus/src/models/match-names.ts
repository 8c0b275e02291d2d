import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";

/** Names shown in an error. */
const MOST_NAMES = 20;

const listed = (names: readonly string[]) =>
  names.length > MOST_NAMES
    ? `${names.slice(0, MOST_NAMES).join(", ")} and ${names.length - MOST_NAMES} more`
    : names.join(", ");

/**
 * The names that a pattern matches: `*` stands for any characters, dots included, so `encoder.*` is all that begins
 * with `encoder.`.
 *
 * @param argument the name of the patterns' argument
 * @param others other texts by which a pattern may match a name
 * @throws ArgumentError for a pattern that matches nothing, listing the names
 */
export function matchNames(
  argument: string,
  patterns: readonly string[],
  names: readonly string[],
  others: (name: string) => readonly string[] = () => [],
): ReadonlySet<string> {
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === "string"))
    throw new ArgumentError(`${argument} must be a list of patterns, got ${shown(patterns)}`);
  const matched = new Set<string>();
  for (const pattern of patterns) {
    const parts = pattern.split("*");
    const found = names.filter((name) => [name, ...others(name)].some((text) => matches(text, parts)));
    if (found.length === 0)
      throw new ArgumentError(
        `${argument}: ${shown(pattern)} matches no parameter; the model has ${listed(names) || "none"}`,
      );
    for (const name of found) matched.add(name);
  }
  return matched;
}

/** Whether a name is the parts in order, with anything between them: in time linear in the name for each part. */
function matches(name: string, parts: readonly string[]): boolean {
  const [first, ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const next = name.indexOf(part, at);
    if (next < 0) return false;
    at = next + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
