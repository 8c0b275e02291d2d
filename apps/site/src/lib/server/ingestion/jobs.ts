import type { Orm } from "../database/connect.ts";
import type { Job } from "../job.ts";
import type { ArxivClient } from "./arxiv/client.ts";
import { type IngestSettings, ingestAtom } from "./ingest-atom.ts";
import { ingestOai } from "./ingest-oai.ts";
import type { Arrivals } from "./run.ts";
import { lastSuccess } from "./state.ts";

export interface IngestJobSettings {
  readonly client: ArxivClient;
  now(): Date;
  /** Has what came indexed. */
  index(): Promise<void>;
}

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);

/**
 * The jobs that bring papers. New ones after arXiv's announcement at 20:00 in New York, Sunday to Thursday, and once
 * more where that failed; what changed of known ones every night.
 */
export function ingestJobs(orm: Orm, { client, now, index }: IngestJobSettings): readonly Job[] {
  async function bring(
    ingest: (orm: Orm, settings: IngestSettings) => Promise<Arrivals>,
    signal: AbortSignal,
  ): Promise<void> {
    const { added, updated } = await ingest(orm, { client, now, signal });
    if (added + updated > 0) await index();
  }
  return [
    {
      name: "ingest-atom",
      schedule: "15 4,10 * * 1-5",
      async run(signal) {
        const last = await lastSuccess(orm, "atom");
        // arXiv's answers change once a day.
        if (last && dayOf(last) === dayOf(now())) return;
        await bring(ingestAtom, signal);
      },
    },
    { name: "ingest-oai", schedule: "0 5 * * *", run: (signal) => bring(ingestOai, signal) },
  ];
}
