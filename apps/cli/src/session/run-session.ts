import type { RunReport } from "@gradus/papers";
import { GradusError } from "gradus/check";
import { quote } from "../command-line/arguments.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import { ExperimentError } from "../execute/child-process.ts";
import { address, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { Progress } from "../terminal/run-progress.ts";
import { wrap } from "../terminal/text.ts";
import { CheckpointFile } from "./checkpoint-file.ts";
import { describeProgress, interruptedSessions, samePlan } from "./interrupted.ts";
import { runExperiments, type Session } from "./session.ts";

export interface SessionRun {
  readonly session: Session;
  readonly targets: readonly Target[];
  /** ONNX Runtime's threads; its own choice when not given. */
  readonly threads?: number;
  /** True when the session goes on from a checkpoint. */
  readonly resumed: boolean;
  /** Where the checkpoint goes; a new file in the host's folder when not given. */
  readonly checkpointFile?: string;
  /** The command's words with which a later sitting goes on, but for `--resume` and the file. */
  readonly resumeArguments: readonly string[];
  /** Told of each finished experiment, when its progress is off the screen. */
  onFinish(target: Target, report: RunReport): Promise<void> | void;
  /** Told of a failed experiment; returns true to go on with the next. */
  onFail(target: Target, error: unknown): boolean;
}

/** A sitting that was cut short, or one that came to its end. */
export type SessionOutcome =
  | { readonly ended: false; readonly status: number }
  | {
      readonly ended: true;
      /** To be called when what the session holds is kept elsewhere. */
      removeCheckpoint(): Promise<void>;
    };

/** An error as its reader needs it: the message of one made on purpose, the whole stack of any other. */
export function describeError(error: unknown): string {
  if (error instanceof ExperimentError)
    return error.expected ? error.message : (error.stack ?? error.message);
  if (error instanceof UsageError || error instanceof GradusError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Two lines that tell how to go on from a checkpoint. */
export function resumeLines(
  { invocation }: Pick<Host, "invocation">,
  words: readonly string[],
  file: string,
): string[] {
  return ["Resume with:", `  ${invocation} ${[...words, "--resume", file].map(quote).join(" ")}`];
}

/** Tells of a checkpoint from which this very plan could have gone on. */
async function mentionInterrupted(host: Host, { plan }: Session, file: string | undefined): Promise<void> {
  const all = await interruptedSessions(host.home, file);
  const found = all.find(({ session }) => samePlan(session.plan, plan));
  const kept = found && describeProgress(found.session);
  if (!found || !kept) return;
  writeLines(host.err, [
    ...wrap(
      `This starts from the beginning. An earlier run of it was cut short and kept ${kept}.`,
      host.err.columns,
    ),
    ...resumeLines(host, found.session.words, found.file),
  ]);
}

/** Runs a session until it ends or is cut short; then leaves a checkpoint and says how to go on. */
export async function runSession(host: Host, sitting: SessionRun): Promise<SessionOutcome> {
  const { session, targets, threads, resumeArguments, onFinish, onFail } = sitting;
  if (!sitting.resumed) await mentionInterrupted(host, session, sitting.checkpointFile);
  const checkpoint = new CheckpointFile(host.home, resumeArguments, sitting.checkpointFile);
  const progress = new Progress(host.err);
  const explain = async (reason: string) => {
    const file = await checkpoint.leave(session);
    const kept = describeProgress(session);
    const effect =
      kept === "" ? "Nothing had finished yet: it will start from the beginning." : `Kept: ${kept}.`;
    writeLines(host.err, [
      ...wrap(`${reason} ${effect}`, host.err.columns),
      `Checkpoint: ${file}`,
      ...resumeLines(host, resumeArguments, file),
    ]);
  };
  let failure: { readonly target: Target; readonly error: unknown } | undefined;
  try {
    await runExperiments(session, targets, { execute: host.execute, threads }, host.signal, {
      begin: (target, experiment) => {
        const place = targets.length > 1 ? `${targets.indexOf(target) + 1} of ${targets.length}  ` : "";
        progress.begin(`${place}${address(target)}`, experiment);
      },
      event: (event) => progress.event(event),
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
    return { ended: true, removeCheckpoint: () => checkpoint.remove() };
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
