import type { RunCheckpoint, RunReport } from "@gradus/papers";
import { z } from "zod";

// Infinities and NaN are numbers here.
const number = z.custom<number>((value) => typeof value === "number");
const record = z.record(z.string(), z.unknown());
const texts = z.array(z.string());
const axis = z.looseObject({ label: z.string() });

const common = {
  format: z.literal(1),
  paper: z.string(),
  experiment: z.string(),
  profile: z.enum(["quick", "full"]),
  seed: number,
  parameters: record,
  elapsed: number,
};

const report = z.looseObject({
  ...common,
  title: z.string(),
  modified: z.boolean(),
  checks: z.array(
    z.looseObject({
      claim: z.string().nullable(),
      label: z.string(),
      measured: number,
      condition: record,
      ground: record,
      held: z.boolean(),
    }),
  ),
  undecided: z.array(z.looseObject({ claim: z.string(), reason: z.string() })),
  headline: z.string(),
  summary: texts,
  captions: z.record(z.string(), z.string()),
  plots: z.array(z.looseObject({ id: z.string(), title: z.string(), mark: z.string(), x: axis, y: axis })),
  series: z.record(z.string(), z.record(z.string(), z.array(record))),
  matrices: z.record(z.string(), z.record(z.string(), record)).optional(),
  tables: z.array(
    z.looseObject({
      id: z.string(),
      title: z.string(),
      columns: z.array(z.looseObject({ key: z.string(), label: z.string() })),
      rows: z.array(record),
    }),
  ),
  notes: texts,
  environment: z.looseObject({ runtime: z.string(), platform: z.string(), cores: number }),
  startedAt: z.string(),
});

const parts = z.record(z.string(), z.looseObject({ events: z.array(record) }));
const checkpoint = z.looseObject({ ...common, stages: parts, methods: parts.optional() });

/** A report as `runExperiment` gives it: what shows it need not look again. */
export const reportSchema = z.custom<RunReport>((value) => report.safeParse(value).success);

/** A checkpoint as `runExperiment` yields it. */
export const checkpointSchema = z.custom<RunCheckpoint>((value) => checkpoint.safeParse(value).success);
