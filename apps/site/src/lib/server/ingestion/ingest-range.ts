import { type IngestRequest, ingestRequests, removeIngestRequest } from "@gradus/database/ingest-requests";
import { type Day, dayOf } from "#lib/days.ts";
import type { Orm } from "../database/connect.ts";
import type { Job } from "../job.ts";
import { log } from "../log.ts";
import type { DailyListSettings } from "./hugging-face/client.ts";
import { importDays } from "./hugging-face/import.ts";
import { ingestBetween } from "./ingest-atom.ts";
import type { IngestJobSettings } from "./jobs.ts";
import type { Arrivals } from "./run.ts";

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

/** The days between two, both included. */
function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); at += DAY)
    days.push(dayOf(new Date(at)));
  return days;
}

/** The job that brings the papers of days that an operator asked for, and does so again when it was interrupted. */
export function rangeJob(
  orm: Orm,
  folder: string,
  { client, now, index, list }: IngestJobSettings & { readonly list: DailyListSettings },
): Job {
  const importLists = ({ from, to }: IngestRequest, signal: AbortSignal) =>
    importDays(orm, { client, now, signal, list }, daysBetween(from, to));

  async function fetchSubmitted({ from, to }: IngestRequest, signal: AbortSignal): Promise<Arrivals> {
    const all: Arrivals = { added: 0, updated: 0 };
    for (const week of weeksOf(from, to)) {
      const { added, updated } = await ingestBetween(orm, { client, now, signal }, week);
      all.added += added;
      all.updated += updated;
    }
    return all;
  }

  return {
    name: "ingest-range",
    async run(signal) {
      for (const request of ingestRequests(folder)) {
        const { added, updated } = await (request.list ? importLists : fetchSubmitted)(request, signal);
        removeIngestRequest(folder, request);
        log({ source: "range", ...request, added, updated });
        if (added + updated > 0) await index();
      }
    },
  };
}
