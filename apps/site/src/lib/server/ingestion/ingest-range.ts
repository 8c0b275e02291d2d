import { ingestRequests, removeIngestRequest } from "@gradus/database/ingest-requests";
import type { Orm } from "../database/connect.ts";
import type { Job } from "../job.ts";
import { log } from "../log.ts";
import { ingestBetween } from "./ingest-atom.ts";
import type { IngestJobSettings } from "./jobs.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Days in one query: few enough for the number of results that arXiv allows, enough to have some. */
const DAYS = 7;

/** The intervals of a query each, in order, between two days. */
export function weeksOf(from: string, to: string): { readonly from: Date; readonly to: Date }[] {
  const [begin, end] = [Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`) + DAY];
  const weeks = [];
  for (let at = begin; at < end; at += DAYS * DAY)
    weeks.push({ from: new Date(at), to: new Date(Math.min(at + DAYS * DAY, end) - MINUTE) });
  return weeks;
}

/** The job that brings the papers of days that an operator asked for, and does so again when it was interrupted. */
export function rangeJob(orm: Orm, folder: string, { client, now, index }: IngestJobSettings): Job {
  return {
    name: "ingest-range",
    async run(signal) {
      for (const request of ingestRequests(folder)) {
        let [added, updated] = [0, 0];
        for (const week of weeksOf(request.from, request.to)) {
          const arrivals = await ingestBetween(orm, { client, now, signal }, week);
          added += arrivals.added;
          updated += arrivals.updated;
        }
        removeIngestRequest(folder, request);
        log({ source: "range", ...request, added, updated });
        if (added + updated > 0) await index();
      }
    },
  };
}
