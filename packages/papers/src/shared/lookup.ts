import { GradusError } from "gradus/check";

/**
 * The first of some records that has the given values: `find(runs, { problem: "digits", method: "exact" })`.
 *
 * @throws GradusError naming the values when no record has them
 */
export function find<T extends Readonly<Record<keyof W, unknown>>, W extends object>(
  records: readonly T[],
  wanted: W,
): T {
  const keys = Object.keys(wanted) as (keyof W)[];
  const found = records.find((record) => keys.every((key) => Object.is(record[key], wanted[key])));
  if (!found) throw new GradusError(`none of ${records.length} records has ${JSON.stringify(wanted)}`);
  return found;
}
