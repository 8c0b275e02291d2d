import type { Machine } from "./machine.ts";
import type { CaseResult, Plan, Results, StartUp } from "./measure.ts";
import type { Identity } from "./worker.ts";

/** When, where and how times were taken. */
export interface Occasion {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  /** Average number of runnable processes over a minute; the run itself adds one to the machine's cores. */
  readonly load: { readonly before: number; readonly after: number };
  readonly plan: Pick<Plan, "rounds" | "seconds">;
}

/** One run of the bench: all libraries of its cases took turns in it. */
export interface Run extends Occasion {
  readonly identities: Readonly<Record<string, Identity>>;
}

export interface RecordedCase extends CaseResult {
  /** Its place among `runs`. */
  readonly run: number;
}

/** The latest measurement of every case, in the order of `results.json`. */
export interface Recorded {
  readonly runs: readonly Run[];
  readonly cases: readonly RecordedCase[];
  /** Of the run of the case that is timed from its start. */
  readonly startUps: readonly StartUp[];
}

/**
 * What is on record after a run: its cases replace what was known of them, the others stay, and runs of which no case
 * is left go, as do cases that are not among `order` (the ids of all cases).
 */
export function recordRun(
  kept: Recorded | undefined,
  { cases, identities, startUps }: Results,
  occasion: Occasion,
  order: readonly string[],
): Recorded {
  const run: Run = { ...occasion, identities: Object.fromEntries(identities) };
  const latest = new Map<string, readonly [Run, CaseResult]>();
  for (const { run: place, ...result } of kept?.cases ?? [])
    latest.set(result.id, [kept!.runs[place], result]);
  for (const result of cases) latest.set(result.id, [run, result]);
  const standing = order.flatMap((id) => {
    const known = latest.get(id);
    return known ? [known] : [];
  });
  const runs = [...(kept?.runs ?? []), run].filter((one) => standing.some(([of]) => of === one));
  return {
    runs,
    cases: standing.map(([of, result]) => ({ ...result, run: runs.indexOf(of) })),
    startUps: startUps.length > 0 ? startUps : (kept?.startUps ?? []),
  };
}
