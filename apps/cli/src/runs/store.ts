import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { homeFolder, makeHomeFolder } from "../files/home-folder.ts";
import { unreadable } from "../files/unreadable.ts";
import { writeAtomically } from "../results/report-files.ts";
import { reportSchema } from "../results/report-schema.ts";
import { planSchema } from "../session/session.ts";
import type { RunRecord } from "./record.ts";

/** A record's file, whose name says when it was made and what it is called. */
export interface StoredRun {
  readonly id: string;
  readonly file: string;
}

const FILE = /^\d{8}T\d{9}Z-([0-9a-f]+)\.json$/;

const schema = z.object({
  gradus: z.literal("run"),
  format: z.literal(1),
  id: z.string(),
  plan: planSchema,
  threads: z.number().nullable(),
  finishedAt: z.iso.datetime(),
  versions: z.record(z.string(), z.string()),
  papers: z.array(
    z.looseObject({
      slug: z.string(),
      number: z.number(),
      arxivId: z.string(),
      title: z.string(),
      claims: z.array(z.looseObject({ id: z.string(), statement: z.string(), short: z.string() })),
    }),
  ),
  reports: z.array(reportSchema),
  failures: z.array(z.object({ experiment: z.string(), reason: z.string() })),
});

function isRecord(value: unknown): value is RunRecord {
  return schema.safeParse(value).success;
}

/** Writes a record into a file. */
export function writeRecord(file: string, record: RunRecord): Promise<void> {
  return writeAtomically(file, `${serializeCheckpoint(record)}\n`);
}

/** Keeps a record, whole or not at all, and returns its file. */
export async function saveRecord(home: string, record: RunRecord): Promise<string> {
  const folder = await makeHomeFolder(home, "runs");
  const instant = record.finishedAt.replaceAll(/[-:.]/g, "");
  const file = join(folder, `${instant}-${record.id}.json`);
  await writeRecord(file, record);
  return file;
}

/** The runs kept here, latest first; their files are not read. */
export async function storedRuns(home: string): Promise<StoredRun[]> {
  const folder = homeFolder(home, "runs");
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const id = FILE.exec(name)?.[1];
      return id === undefined ? [] : [{ id, file: join(folder, name) }];
    })
    .sort((a, b) => (a.file < b.file ? 1 : -1));
}

/** @throws UsageError when the file does not exist or has no record of a run */
export async function readRecord(file: string): Promise<RunRecord> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(unreadable(file, cause), { cause });
  }
  let content: unknown;
  try {
    content = parseCheckpoint(text);
  } catch (cause) {
    throw new UsageError(`${file} is not a record of a run: it is not valid JSON`, { cause });
  }
  if (isRecord(content)) return content;
  throw new UsageError(`${file} is not a record of a run that this version of gradus wrote`);
}
