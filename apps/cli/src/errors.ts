import { constants } from "node:os";

/** What the exit status says (75 to mail servers, which then try again); an interrupted process adds its signal's number to 128, so 130 for Ctrl-C. */
export const exitStatus = {
  success: 0,
  claimDidNotHold: 1,
  checkFailed: 1,
  usage: 2,
  failure: 3,
  tryAgain: 75,
} as const;

/** The command line asks for something that does not exist or cannot be; the message says what would. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The signals on which a run leaves a checkpoint. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The reason with which a run is aborted when a signal asks the process to end. */
export class Interrupted extends Error {
  override name = "Interrupted";
  readonly status: number;
  constructor(signal: StopSignal) {
    super(`interrupted by ${signal}`);
    this.status = 128 + constants.signals[signal];
  }
}
