import { pacer } from "../../iterate/iterate.ts";

/** A long computation that stops between its pieces, so that others have their turn. */
export type Pieces<Result> = Generator<void, Result, void>;

/** The result, without a stop. */
export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/**
 * The result, with turns of the event loop between pieces.
 *
 * @throws the signal's reason when it is aborted
 */
export async function inTurns<Result>(pieces: Pieces<Result>, signal?: AbortSignal): Promise<Result> {
  const pace = pacer();
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = pieces.next();
    if (done) return value;
    const turn = pace();
    if (turn) await turn;
  }
}
