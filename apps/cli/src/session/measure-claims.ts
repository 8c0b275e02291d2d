import type { Profile } from "@gradus/papers";
import { address, selectClaims, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { type RecordedFailure, type RecordedPaper, recordedPaper } from "../runs/record.ts";
import { writeLines } from "../terminal/output.ts";
import { formatDuration, plural, wrap } from "../terminal/text.ts";
import { assertSamePlan, newSession } from "./requested-plan.ts";
import { resumedSession } from "./resumed-session.ts";
import { describeError, runSession, type SessionOutcome } from "./run-session.ts";
import type { Seeds, Session } from "./session.ts";

/** The claims of papers, to be measured. */
export interface ClaimsSession {
  readonly session: Session;
  readonly targets: readonly Target[];
  /** With the claims that the targets measure. */
  readonly papers: readonly RecordedPaper[];
}

/** What a command says of claims that are to be measured. */
export interface ClaimsOptions {
  readonly profile?: Profile;
  /** How many seeds, from 1 on. */
  readonly seeds?: Seeds;
  /** The checkpoint to go on from. */
  readonly resume?: string;
}

/**
 * Begins a session that measures claims, or goes on with an interrupted one.
 *
 * @param names papers and experiments; all papers when there are none
 * @throws UsageError naming what does not exist, or is not what the checkpoint holds
 */
export async function openClaims(
  host: Host,
  names: readonly string[],
  { profile, seeds, resume }: ClaimsOptions,
): Promise<ClaimsSession> {
  const all = await host.loadPapers();
  const named = selectClaims(all, names);
  // As short as they can be: experiments only where not all that measure a claim are meant.
  const canonical = named.flatMap(({ paper, whole, targets }) => [
    ...(whole ? [paper.slug] : []),
    ...targets.filter(({ entry }) => !whole || entry.claims.length === 0).map(address),
  ]);
  const session =
    resume === undefined
      ? newSession({ command: "verify", profile, seeds }, names.length === 0 ? [] : canonical)
      : await resumedSession(host, resume, "verify");
  const planned = resume === undefined ? named : selectClaims(all, session.plan.names);
  const targets = planned.flatMap((selection) => selection.targets);
  if (resume !== undefined)
    assertSamePlan({ command: "verify", profile, seeds, resume }, session.plan, {
      named: names.length === 0 ? undefined : named.flatMap((selection) => selection.targets),
      planned: targets,
    });
  const papers = planned.map(({ paper, whole, targets: own }) =>
    recordedPaper(paper, whole ? undefined : own.flatMap(({ entry }) => entry.claims)),
  );
  return { session, targets, papers };
}

/** A session that was interrupted, or one that has come to its end, with the experiments that could not be run. */
export type ClaimsOutcome = SessionOutcome & { readonly failures: readonly RecordedFailure[] };

/** Measures the claims of a session: an experiment that cannot be run does not keep the others from being run. */
export async function measureClaims(
  host: Host,
  { session, targets }: ClaimsSession,
  options: {
    readonly threads?: number;
    readonly resume?: string;
    /** The command's arguments that continue the session, but for `--resume` and the file. */
    readonly resumeArguments: readonly string[];
    /** Whether a failure is explained as soon as it happens; without it, only named. */
    readonly explains: boolean;
  },
): Promise<ClaimsOutcome> {
  const { explains, ...run } = options;
  const failures: RecordedFailure[] = [];
  const outcome = await runSession(host, {
    session,
    targets,
    ...run,
    onFinish: (target, report) => {
      const missed = report.checks.filter((check) => !check.held).length;
      const which = session.plan.seeds !== 1 && !target.entry.seedless ? `, seed ${report.seed}` : "";
      const outcome = missed === 0 ? "" : `, ${missed} did not hold`;
      const time = formatDuration(report.elapsed / 1000);
      const line = `${address(target)}${which}: ${plural(report.checks.length, "check")}${outcome}, ${time}`;
      writeLines(host.err, host.err.bounded ? wrap(line, host.err.columns) : [line]);
    },
    onFail: (target, error) => {
      const reason = describeError(error);
      failures.push({ experiment: address(target), reason });
      writeLines(host.err, [`${address(target)} could not be run${explains ? `: ${reason}` : ""}`]);
      return true;
    },
  });
  return { ...outcome, failures };
}
