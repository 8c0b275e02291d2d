import { ArgumentError, GradusError } from "gradus/check";
import { serializeCheckpoint } from "gradus/iterate";
import type { Check, Undecided } from "./check.ts";
import type { RunReport } from "./run.ts";

/** A check as the sender of a report saw it. */
export type ReportedCheck = Pick<Check, "claim" | "label" | "measured" | "held">;

/** A run of an unchanged profile, as a reader sends it to a site: what was found, how and where, without pictures. */
export interface ReproductionReport
  extends Pick<
    RunReport,
    | "paper"
    | "experiment"
    | "profile"
    | "seed"
    | "parameters"
    | "environment"
    | "startedAt"
    | "elapsed"
    | "findings"
  > {
  readonly format: 1;
  /** The version of gradus that ran it. */
  readonly version: string;
  readonly checks: readonly ReportedCheck[];
  /** The claims that it leaves undecided. */
  readonly undecided: readonly string[];
}

/** Figures of one judge in two JavaScript engines may differ in the last digits of their elementary functions. */
const FIGURE_TOLERANCE = 1e-9;

/**
 * The reproduction report of a run.
 *
 * @throws ArgumentError when parameters were changed: the run then does not measure the paper's claims
 */
export function reproductionReport(run: RunReport, version: string): ReproductionReport {
  if (run.modified)
    throw new ArgumentError(
      `report of ${run.paper}/${run.experiment}: parameters must be those of the ${run.profile} profile, got changed ones`,
    );
  const { paper, experiment, profile, seed, parameters, environment, startedAt, elapsed, findings } = run;
  return {
    format: 1,
    paper,
    experiment,
    profile,
    seed,
    parameters,
    version,
    environment,
    startedAt,
    elapsed,
    findings,
    checks: run.checks.map(({ claim, label, measured, held }) => ({ claim, label, measured, held })),
    undecided: run.undecided.map(({ claim }) => claim),
  };
}

/** JSON of plain data in which the order of keys does not matter. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(",")}}`;
}

/**
 * The SHA-256 of a report as 64 hexadecimal digits, whatever the order of its keys.
 *
 * @param encoded the report as parsed JSON, without its hash
 * @throws GradusError where the platform has no Web Crypto, as on pages without HTTPS
 */
export async function reportHash(encoded: unknown): Promise<string> {
  const { subtle } = globalThis.crypto;
  // Browsers leave it out of pages that came without HTTPS.
  if (subtle === undefined)
    throw new GradusError("reports need Web Crypto, which pages have over HTTPS only");
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(canonical(encoded)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * A report as it is sent: plain JSON in which numbers that are not finite are `{"$gradus":"number",...}`, with its
 * `hash` as the last field.
 *
 * @throws GradusError where the platform has no Web Crypto
 */
export async function encodeReport(report: ReproductionReport): Promise<Readonly<Record<string, unknown>>> {
  const encoded: Record<string, unknown> = JSON.parse(serializeCheckpoint(report));
  return { ...encoded, hash: await reportHash(encoded) };
}

const close = (a: number, b: number) =>
  Object.is(a, b) || Math.abs(a - b) <= FIGURE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));

/**
 * The first difference between the checks that a report states and those that its findings give; undefined when they
 * agree. Figures may differ by a relative 1e-9.
 */
export function judgmentDifference(
  stated: Pick<ReproductionReport, "checks" | "undecided">,
  given: { readonly checks: readonly Check[]; readonly undecided: readonly Undecided[] },
): string | undefined {
  if (stated.checks.length !== given.checks.length)
    return `the number of checks is stated as ${stated.checks.length}, the findings give ${given.checks.length}`;
  for (const [i, { claim, label, measured, held }] of given.checks.entries()) {
    const one = stated.checks[i];
    if (one.claim !== claim || one.label !== label)
      return `check ${i + 1} is stated as “${one.label}”, the findings give “${label}”`;
    if (!close(one.measured, measured))
      return `${label} is stated as ${one.measured}, the findings give ${measured}`;
    if (one.held !== held)
      return `${label} is stated as ${one.held ? "held" : "not held"}, the findings give the opposite`;
  }
  const [own, theirs] = [stated.undecided, given.undecided.map(({ claim }) => claim)];
  if (own.length !== theirs.length || own.some((claim, i) => claim !== theirs[i]))
    return `undecided claims are stated as ${own.join(", ") || "none"}, the findings give ${theirs.join(", ") || "none"}`;
  return undefined;
}
