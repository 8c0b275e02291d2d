import type { Orm } from "../database/connect.ts";
import { log, redacted } from "../log.ts";
import { ArxivQueryError } from "./arxiv/atom.ts";
import { ArxivUnavailableError } from "./arxiv/client.ts";
import { OaiError } from "./arxiv/oai.ts";
import { ArxivFormatError } from "./arxiv/xml.ts";
import { HuggingFaceError } from "./hugging-face/list.ts";
import { type Source, writeState } from "./state.ts";

/** How many papers came. */
export interface Arrivals {
  added: number;
  updated: number;
}

/** Whether a failure is the source's: it will be asked again when the source is due, and not before. */
export function isSourceFailure(error: unknown): error is Error {
  return [ArxivUnavailableError, ArxivFormatError, ArxivQueryError, OaiError, HuggingFaceError].some(
    (kind) => error instanceof kind,
  );
}

/**
 * Lets a source bring its papers, and keeps how that went for the status page. A failure of the source is no failure of
 * the job, which would be tried again within minutes.
 */
export async function runSource(
  orm: Orm,
  source: Source,
  { now, bring }: { now(): Date; bring(arrivals: Arrivals): Promise<void> },
): Promise<Arrivals> {
  const arrivals: Arrivals = { added: 0, updated: 0 };
  try {
    await bring(arrivals);
    await writeState(orm, source, { okAt: now(), error: null, errorAt: null });
    log({ source, outcome: "done", ...arrivals });
  } catch (error) {
    if (!isSourceFailure(error)) throw error;
    const message = redacted(error.message);
    await writeState(orm, source, { error: message, errorAt: now() });
    log({ level: "error", source, outcome: "failed", error: error.name, message, ...arrivals });
  }
  return arrivals;
}
