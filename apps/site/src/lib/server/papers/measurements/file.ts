import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Measurement } from "@gradus/papers";
import { parseCheckpoint } from "gradus/iterate";
import { z } from "zod";

const measurementSchema: z.ZodType<Measurement> = z.object({
  paper: z.string(),
  experiment: z.string(),
  profile: z.enum(["quick", "full"]),
  parameters: z.record(z.string(), z.unknown()),
  version: z.string(),
  environment: z.object({ runtime: z.string(), platform: z.string(), cores: z.int() }),
  seeds: z
    .array(
      z.object({
        seed: z.int().min(0),
        findings: z.unknown(),
        startedAt: z.iso.datetime(),
        elapsed: z.number().min(0),
      }),
    )
    .min(1),
});

/** A part of what `gradus verify --json` prints: the findings. What they were judged to say then is not read. */
const fileSchema = z.object({
  gradus: z.literal("measurements"),
  format: z.literal(1),
  measurements: z.array(measurementSchema),
});

/** A file that is not what `gradus verify --json` prints. */
export class MeasurementsError extends Error {
  override name = "MeasurementsError";
}

/**
 * Reads the text that `gradus verify --json` printed.
 *
 * @throws MeasurementsError naming the file and the first thing that is wrong in it
 */
export function parseMeasurements(name: string, text: string): readonly Measurement[] {
  let content: unknown;
  try {
    content = parseCheckpoint(text);
  } catch (cause) {
    throw new MeasurementsError(`${name} is not valid JSON`, { cause });
  }
  const parsed = fileSchema.safeParse(content);
  if (parsed.success) return parsed.data.measurements;
  const [issue] = parsed.error.issues;
  throw new MeasurementsError(
    `${name} is not output of gradus verify --json: ${issue.path.join(".")}: ${issue.message}`,
  );
}

const shipped = import.meta.glob<string>("../../../../../measurements/*.json", {
  import: "default",
  query: "?raw",
  eager: true,
});

/** The measurements of this version, which come with the site. */
export function shippedMeasurements(): Measurement[] {
  return Object.entries(shipped).flatMap(([name, text]) => parseMeasurements(name, text));
}

/**
 * The measurements in the JSON files of a folder.
 *
 * @throws MeasurementsError when one of them is not from `gradus verify --json`
 */
export async function readMeasurements(folder: string): Promise<Measurement[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text, i) => parseMeasurements(names[i], text));
}
