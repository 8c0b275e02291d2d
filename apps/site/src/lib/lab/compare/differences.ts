import type { Check, RunReport } from "@gradus/papers";

/** A parameter, the seed or the place of two runs, where they differ. */
export interface Difference {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

/** A check of two runs: what each measured, where it was made. */
export interface CheckPair {
  /** The claim, or null for our own check. */
  readonly claim: string | null;
  readonly label: string;
  readonly a?: Check;
  readonly b?: Check;
  /** B's figure less A's. */
  readonly change?: number;
}

type Settings = Pick<RunReport, "profile" | "seed" | "parameters" | "environment" | "elapsed">;

const text = (value: unknown) =>
  Array.isArray(value)
    ? value.join(", ")
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value ?? "–");

/** What two runs were made with, where it is not the same. */
export function settingDifferences(a: Settings, b: Settings): Difference[] {
  const names = [...new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)])];
  const rows: Difference[] = [
    { name: "profile", a: a.profile, b: b.profile },
    { name: "seed", a: String(a.seed), b: String(b.seed) },
    ...names.map((name) => ({ name, a: text(a.parameters[name]), b: text(b.parameters[name]) })),
    { name: "runtime", a: a.environment.runtime, b: b.environment.runtime },
    { name: "platform", a: a.environment.platform, b: b.environment.platform },
    { name: "cores", a: String(a.environment.cores), b: String(b.environment.cores) },
  ];
  return rows.filter((row) => row.a !== row.b);
}

/**
 * The checks of two runs side by side, in A's order, then those that only B made. Checks belong together by claim and
 * words; where words repeat, or hold a number that differs from run to run, by their place among the claim's checks.
 */
export function checkPairs(a: readonly Check[], b: readonly Check[]): CheckPair[] {
  const left = [...b];
  const take = (wanted: (check: Check) => boolean) => {
    const at = left.findIndex(wanted);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  // Those with the same words first, so that a place never takes the partner of another.
  const exact = a.map((check) => take(({ claim, label }) => claim === check.claim && label === check.label));
  const pairs: CheckPair[] = a.map((check, i) => {
    const other = exact[i] ?? take(({ claim }) => claim === check.claim);
    return {
      claim: check.claim,
      label: check.label,
      a: check,
      b: other,
      change: other && other.measured - check.measured,
    };
  });
  return [...pairs, ...left.map((check) => ({ claim: check.claim, label: check.label, b: check }))];
}
