import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { homeFolder } from "../files/home-folder.ts";
import { json } from "../results/json.ts";
import { writeAtomically } from "../results/report-files.ts";
import { reportSchema } from "./control-messages.ts";
import { planSchema } from "./plan.ts";

const pointSchema = z.object({
  step: z.int(),
  /** Over the honest peers that have told: mean, least and largest accuracy. */
  mean: z.number(),
  least: z.number(),
  most: z.number(),
  peers: z.int(),
});

const nodeSchema = z.object({
  node: z.int(),
  byzantine: z.boolean(),
  state: z.enum(["waiting", "ready", "training", "finished", "missing"]),
  restarts: z.int(),
  report: reportSchema.nullable(),
});

const recordSchema = z.object({
  id: z.string(),
  plan: planSchema,
  finished: z.boolean(),
  /** In all sessions. */
  seconds: z.number(),
  curve: z.array(pointSchema),
  nodes: z.array(nodeSchema),
});

/** Mean, least and largest accuracy of the honest peers after a step. */
export type CurvePoint = z.infer<typeof pointSchema>;
/** One peer, as the coordinator knows it. */
export type NodeRecord = z.infer<typeof nodeSchema>;
/** What a training has come to. */
export type CollaborativeRecord = z.infer<typeof recordSchema>;

const RECORD = "record.json";

export async function writeRecord(folder: string, record: CollaborativeRecord): Promise<void> {
  await writeAtomically(join(folder, RECORD), json(record));
}

/** The record in a folder; undefined where there is none that can be read. */
export async function readRecord(folder: string): Promise<CollaborativeRecord | undefined> {
  try {
    return recordSchema.safeParse(JSON.parse(await readFile(join(folder, RECORD), "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** All trainings kept here, the latest first. */
export async function storedTrainings(home: string): Promise<CollaborativeRecord[]> {
  const folder = homeFolder(home, "collaborate");
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(names.map((name) => readRecord(join(folder, name))));
  return records
    .filter((record) => record !== undefined)
    .sort((a, b) => b.plan.createdAt.localeCompare(a.plan.createdAt) || a.id.localeCompare(b.id));
}
