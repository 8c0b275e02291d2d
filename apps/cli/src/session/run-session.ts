import type { RunReport } from "@gradus/papers";
import { GradusError } from "gradus/check";
import { quote } from "../command-line/arguments.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import { ExperimentError } from "../execute/child-process.ts";
import type { RunTimes } from "../execute/in-process.ts";
import { address, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { Progress } from "../terminal/run-progress.ts";
import { wrap } from "../terminal/text.ts";
import { CheckpointFile } from "./checkpoint-file.ts";
import { byProgress, describeProgress, interruptedSessions, samePlan } from "./interrupted.ts";
import { runExperiments, type Session } from "./session.ts";

export interface SessionRun {
  readonly session: Session;
  readonly targets: readonly Target[];
  /** ONNX Runtime's threads; its own choice when not given. */
  readonly threads?: number;
  /** The checkpoint that the session continues from and replaces; a new session has a file of its own. */
  readonly resume?: string;
  /** The command's arguments that continue the session, but for `--resume` and the file. */
  readonly resumeArguments: readonly string[];
  /** Called with the time spent by an experiment just before it finishes. */
  onTimes?(target: Target, times: RunTimes): void;
  /** Called for each finished experiment, after its progress is removed from the screen. */
  onFinish(target: Target, report: RunReport): Promise<void> | void;
  /** Called when an experiment fails; return true to continue with the next. */
  onFail(target: Target, error: unknown): boolean;
}

/** The checkpoint of a session that has finished. */
export interface EndedCheckpoint {
  /** Call when the session's results are stored elsewhere. */
  remove(): Promise<void>;
  /** Keeps the results where they are stored nowhere else. Returns lines that tell how to store them later. */
  leave(): Promise<readonly string[]>;
}

/** A session that was interrupted or failed, or one that has finished. */
export type SessionOutcome =
  | { readonly ended: false; readonly status: number }
  | {
      readonly ended: true;
      readonly checkpoint: EndedCheckpoint;
    };

/** The text of an error: the message of an expected one, the stack of any other. */
export function describeError(error: unknown): string {
  if (error instanceof ExperimentError)
    return error.expected ? error.message : (error.stack ?? error.message);
  if (error instanceof UsageError || error instanceof GradusError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const resumeCommand = ({ invocation }: Pick<Host, "invocation">, args: readonly string[], file: string) =>
  `  ${invocation} ${[...args, "--resume", file].map(quote).join(" ")}`;

/** Two lines that tell how to go on from a checkpoint. */
export function resumeLines(host: Pick<Host, "invocation">, args: readonly string[], file: string): string[] {
  return ["Resume with:", resumeCommand(host, args, file)];
}

/** Mentions a checkpoint from which this very plan could continue, made with these very sources. */
async function mentionInterrupted(host: Host, { plan }: Session): Promise<void> {
  const all = await interruptedSessions(host.home);
  const same = all.filter(({ session }) => samePlan(session.plan, plan));
  const sources = same.length > 0 ? await host.sources() : "";
  const [found] = same.filter(({ session }) => session.sources === sources).sort(byProgress);
  const kept = found && describeProgress(found.session);
  if (!found || !kept) return;
  writeLines(host.err, [
    ...wrap(
      `Starting from the beginning. An earlier run was interrupted and has kept ${kept}.`,
      host.err.columns,
    ),
    ...resumeLines(host, found.session.args, found.file),
  ]);
}

/** Runs a session until it finishes, or is interrupted: then saves a checkpoint and prints how to resume. */
export async function runSession(host: Host, run: SessionRun): Promise<SessionOutcome> {
  const { session, targets, threads, resume, resumeArguments, onTimes, onFinish, onFail } = run;
  if (resume === undefined) await mentionInterrupted(host, session);
  const checkpoint = new CheckpointFile(host, resumeArguments, resume);
  const progress = new Progress(host.err);
  const explain = async (reason: string) => {
    const kept = describeProgress(session);
    if (kept === "" && resume === undefined) {
      await checkpoint.remove();
      writeLines(host.err, wrap(`${reason} Nothing had finished yet.`, host.err.columns));
      return;
    }
    const file = await checkpoint.leave(session);
    const effect = kept === "" ? "Nothing had finished yet." : `Kept: ${kept}.`;
    writeLines(host.err, [
      ...wrap(`${reason} ${effect}`, host.err.columns),
      `Checkpoint: ${file}`,
      ...resumeLines(host, resumeArguments, file),
    ]);
  };
  let failure: { readonly target: Target; readonly error: unknown } | undefined;
  try {
    await runExperiments(session, targets, { execute: host.execute, threads }, host.signal, {
      begin: (target, experiment, { seed, before }) => {
        const place = targets.length > 1 ? `${targets.indexOf(target) + 1} of ${targets.length}  ` : "";
        const which = session.plan.seeds !== 1 && !target.entry.seedless ? `, seed ${seed}` : "";
        const { profile, set } = session.plan;
        // With changed parameters it takes another time.
        const expected = Object.keys(set).length === 0 ? experiment.seconds[profile] : undefined;
        progress.begin(`${place}${address(target)}${which}`, experiment, expected, before);
      },
      event: (event) => progress.event(event),
      times: onTimes,
      advance: () => checkpoint.save(session),
      finish: (target, report) => {
        progress.stop();
        return onFinish(target, report);
      },
      fail: (target, error) => {
        progress.stop();
        failure = { target, error };
        return onFail(target, error);
      },
    });
    return {
      ended: true,
      checkpoint: {
        remove: () => checkpoint.remove(),
        async leave() {
          const file = await checkpoint.leave(session);
          return [
            `Checkpoint: ${file}`,
            "Save its results with:",
            resumeCommand(host, resumeArguments, file),
          ];
        },
      },
    };
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) {
      await explain("Interrupted.");
      return { ended: false, status: error.status };
    }
    if (failure === undefined || error !== failure.error) {
      await explain("Stopped.");
      throw error;
    }
    writeLines(host.err, [`${address(failure.target)} could not be run:`, describeError(error)]);
    if (session.finished.length > 0 || session.current) await explain("Stopped.");
    else await checkpoint.remove();
    const isUsage = error instanceof ExperimentError && error.kind === "ParameterError";
    return { ended: false, status: isUsage ? exitStatus.usage : exitStatus.failure };
  }
}
