import type { Paper } from "@gradus/papers";
import type { Execute } from "./execute/in-process.ts";
import type { Outputs } from "./terminal/output.ts";

/** What is piped into the program. */
export interface Input {
  /** Whether it comes from a keyboard. */
  readonly interactive: boolean;
  read(): AsyncIterable<Uint8Array>;
}

/** What a command needs of the world around it. */
export interface Host extends Outputs {
  /** Imports the runnable papers: help and completion of commands do without them. */
  readonly loadPapers: () => Promise<readonly Paper[]>;
  readonly execute: Execute;
  /** Identifies the sources of the experiments: checkpoints of others are not resumed. */
  readonly sources: () => Promise<string>;
  readonly input: Input;
  /** Aborted with `Interrupted` when the process is asked to end. */
  readonly signal: AbortSignal;
  /** The folder in which runs, checkpoints, trainings and the embedded database are kept. */
  readonly home: string;
  /** How this program is called from a shell, such as `gradus`, `npx gradus` or `npx @gradus/cli`. */
  readonly invocation: string;
}
