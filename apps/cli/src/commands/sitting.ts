import type { RunReport } from "@gradus/papers";
import { GradusError } from "gradus";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import { ComputeError } from "../execute-apart.ts";
import type { Host } from "../host.ts";
import { address, type Target } from "../resolve.ts";
import { runSession, type Session, writeSession } from "../session.ts";
import { writeLines } from "../terminal/output.ts";
import { Progress } from "../terminal/progress.ts";
import { plural, wrap } from "../terminal/text.ts";

export interface Sitting {
  readonly session: Session;
  readonly targets: readonly Target[];
  /** Where the checkpoint goes when the sitting is cut short; a new file in this folder when not given. */
  readonly checkpointFile?: string;
  /** The command's words with which a later sitting goes on, but for `--resume` and the file. */
  readonly resumeWords: readonly string[];
  /** Told of each finished experiment, when its progress is off the screen. */
  onFinish(target: Target, report: RunReport): Promise<void> | void;
  /** Told of a failed experiment; returns true to go on with the next. */
  onFail(target: Target, error: unknown): boolean;
}

/** An error as its reader needs it: the message of one made on purpose, the whole stack of any other. */
export function describeError(error: unknown): string {
  if (error instanceof ComputeError) return error.expected ? error.message : (error.stack ?? error.message);
  if (error instanceof UsageError || error instanceof GradusError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What a checkpoint keeps, in words. */
function describeKept({ finished, current }: Session): string {
  const stages = current ? Object.keys(current.stages).length : 0;
  const parts = [
    ...(finished.length > 0 ? [plural(finished.length, "finished experiment")] : []),
    ...(current && stages > 0 ? [`${plural(stages, "finished stage")} of ${current.experiment}`] : []),
  ];
  if (parts.length === 0) return "Nothing had finished yet: it will start from the beginning.";
  return `Kept: ${parts.join(" and ")}.`;
}

/**
 * Runs a session until it ends or is cut short; then leaves a checkpoint and says how to go on. Returns the exit status
 * of a sitting cut short, nothing when the session has ended.
 */
export async function sit(host: Host, sitting: Sitting): Promise<number | undefined> {
  const { session, targets, checkpointFile, resumeWords, onFinish, onFail } = sitting;
  const progress = new Progress(host.err);
  const explain = async (reason: string) => {
    const file = await writeSession(session, checkpointFile);
    const words = [...resumeWords, "--resume", file].map(quote);
    writeLines(host.err, [
      ...wrap(`${reason} ${describeKept(session)}`, host.err.columns),
      `Checkpoint: ${file}`,
      "Resume with:",
      `  ${host.invocation} ${words.join(" ")}`,
    ]);
  };
  let failure: { readonly target: Target; readonly error: unknown } | undefined;
  try {
    await runSession(session, targets, host.execute, host.signal, {
      begin: (target, experiment) => {
        const place = targets.length > 1 ? `${targets.indexOf(target) + 1} of ${targets.length}  ` : "";
        progress.begin(`${place}${address(target)}`, experiment);
      },
      event: (event) => progress.event(event),
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
    return undefined;
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) {
      await explain("Interrupted.");
      return error.status;
    }
    if (failure === undefined || error !== failure.error) throw error;
    writeLines(host.err, [`${address(failure.target)} could not be run:`, describeError(error)]);
    if (error instanceof ComputeError && error.kind === "ParameterError") return exitStatus.usage;
    if (session.finished.length > 0 || session.current) await explain("Stopped.");
    return exitStatus.failure;
  }
}
