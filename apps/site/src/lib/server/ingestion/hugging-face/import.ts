import { inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { type Day, dayOf, parseDay } from "#lib/days.ts";
import type { Orm } from "../../database/connect.ts";
import { lockPapers } from "../../database/row-locks.ts";
import { papers } from "../../database/schema/index.ts";
import type { Job } from "../../job.ts";
import { atomPapers } from "../arxiv/atom-pages.ts";
import { inScope } from "../arxiv/categories.ts";
import { type IngestSettings, storePage } from "../ingest-atom.ts";
import type { IngestJobSettings } from "../jobs.ts";
import { type Arrivals, runSource } from "../run.ts";
import { readCursor, writeState } from "../state.ts";
import { type DailyListSettings, dailyList } from "./client.ts";
import type { DailyEntry } from "./list.ts";

const DAY = 86_400_000;
/** How far back a run looks for days whose lists are not here. */
const MOST_DAYS = 7;
/** Papers that wait for arXiv at most; beyond, the oldest are given up. */
const MOST_PENDING = 1000;

const entrySchema = z.object({
  arxivId: z.string(),
  upvotes: z.number(),
  codeUrl: z.string().nullable(),
  projectUrl: z.string().nullable(),
});

/** The last day whose list is here, and what is on lists and waits to be fetched from arXiv. */
const cursorSchema = z.object({ through: z.string().nullable(), pending: z.array(entrySchema) });
type Cursor = z.output<typeof cursorSchema>;

/** What an import goes by. */
export interface DailyImportSettings extends IngestSettings {
  readonly list: DailyListSettings;
}

/** Notes votes and links of papers that are here. Nothing of what arXiv or a submitter said is replaced. */
async function mark(tx: Orm, entries: readonly DailyEntry[]): Promise<void> {
  await lockPapers(
    tx,
    inArray(
      papers.arxivId,
      entries.map(({ arxivId }) => arxivId),
    ),
  );
  await tx.execute(sql`
    update papers p set external_upvotes = e."upvotes", code_url = coalesce(p.code_url, e."codeUrl"),
      project_url = coalesce(p.project_url, e."projectUrl")
    from json_to_recordset(${JSON.stringify(entries)}::text::json)
      as e ("arxivId" text, "upvotes" integer, "codeUrl" text, "projectUrl" text)
    where p.arxiv_id = e."arxivId" and (p.external_upvotes is distinct from e."upvotes"
      or (p.code_url is null and e."codeUrl" is not null) or (p.project_url is null and e."projectUrl" is not null))`);
}

async function readState(orm: Orm): Promise<Cursor> {
  return (await readCursor(orm, "hugging-face", cursorSchema)) ?? { through: null, pending: [] };
}

/** Changes where the lists stand; of two changes at once the second waits, and sees the first. */
async function changeState(tx: Orm, change: (state: Cursor) => Cursor): Promise<void> {
  await tx.execute(sql`select 1 from ingest_state where source = 'hugging-face' for update`);
  await writeState(tx, "hugging-face", { cursor: change(await readState(tx)) });
}

/** Brings the list of a day: marks the papers that are here and notes the others, in one transaction. */
async function importDay(
  orm: Orm,
  { list, signal }: DailyImportSettings,
  day: Day,
  { isNext }: { readonly isNext: boolean },
): Promise<void> {
  const entries = await dailyList(list, day, signal);
  await orm.transaction(async (tx) => {
    const ids = entries.map(({ arxivId }) => arxivId);
    const rows =
      ids.length === 0
        ? []
        : await tx.select({ arxivId: papers.arxivId }).from(papers).where(inArray(papers.arxivId, ids));
    const here = new Set(rows.map(({ arxivId }) => arxivId));
    await mark(
      tx,
      entries.filter(({ arxivId }) => here.has(arxivId)),
    );
    await changeState(tx, ({ through, pending }) => {
      const waiting = new Map([...pending, ...entries].map((entry) => [entry.arxivId, entry]));
      for (const arxivId of here) waiting.delete(arxivId);
      return { through: isNext ? day : through, pending: [...waiting.values()].slice(-MOST_PENDING) };
    });
  });
}

/** Fetches from arXiv what waits for it; what is out of the site's scope, or what arXiv does not have, is dropped. */
async function fetchPending(
  orm: Orm,
  { client, now, signal }: DailyImportSettings,
  arrivals: Arrivals,
): Promise<void> {
  const { pending } = await readState(orm);
  const byId = new Map(pending.map((entry) => [entry.arxivId, entry]));
  if (byId.size === 0) return;
  const without = (ids: ReadonlySet<string>) => (state: Cursor) => ({
    ...state,
    pending: state.pending.filter(({ arxivId }) => !ids.has(arxivId)),
  });
  for await (const page of atomPapers(client, [...byId.keys()], signal)) {
    const records = page.records.filter(({ categories }) => inScope(categories));
    const came = records.flatMap(({ arxivId }) => byId.get(arxivId) ?? []);
    const answered = new Set(page.records.map(({ arxivId }) => arxivId));
    await storePage(
      orm,
      { ...page, records },
      {
        ...{ arrivals, now: now() },
        async within(tx) {
          await mark(tx, came);
          await changeState(tx, without(answered));
        },
      },
    );
  }
  await orm.transaction((tx) => changeState(tx, without(new Set(byId.keys()))));
}

/** The days after the last one whose list is here, yesterday the last: today's list is not whole yet. */
function daysAfter(through: string | null, now: Date): Day[] {
  const last = Date.parse(`${dayOf(now)}T00:00:00Z`) - DAY;
  const known = through !== null && parseDay(through) ? Date.parse(`${through}T00:00:00Z`) : last - DAY;
  const first = Math.max(known + DAY, last - (MOST_DAYS - 1) * DAY);
  const days: Day[] = [];
  for (let at = first; at <= last; at += DAY) days.push(dayOf(new Date(at)));
  return days;
}

/**
 * Imports the daily lists of some days, whenever they were.
 *
 * @throws HuggingFaceError when a list cannot be fetched
 */
export async function importDays(
  orm: Orm,
  settings: DailyImportSettings,
  days: readonly Day[],
): Promise<Arrivals> {
  const arrivals: Arrivals = { added: 0, updated: 0 };
  for (const day of days) await importDay(orm, settings, day, { isNext: false });
  await fetchPending(orm, settings, arrivals);
  return arrivals;
}

/** Imports the daily lists that are due. */
export function importDaily(orm: Orm, settings: DailyImportSettings): Promise<Arrivals> {
  return runSource(orm, "hugging-face", {
    now: settings.now,
    async bring(arrivals) {
      const { through } = await readState(orm);
      for (const day of daysAfter(through, settings.now()))
        await importDay(orm, settings, day, { isNext: true });
      await fetchPending(orm, settings, arrivals);
    },
  });
}

/** The job that imports Hugging Face's daily lists, three times a day: what failed once is tried again. */
export function dailyListJob(
  orm: Orm,
  { client, now, index, list }: IngestJobSettings & { readonly list: DailyListSettings },
): Job {
  return {
    name: "ingest-hugging-face",
    schedule: "40 6,12,18 * * *",
    async run(signal) {
      const { added, updated } = await importDaily(orm, { client, now, list, signal });
      if (added + updated > 0) await index();
    },
  };
}
