import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Condition } from "@gradus/papers";
import { z } from "zod";

const conditionSchema: z.ZodType<Condition> = z.union([
  z.strictObject({ atMost: z.number() }),
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ below: z.number() }),
  z.strictObject({ above: z.number() }),
  z.strictObject({ equals: z.number() }),
  z.strictObject({ between: z.tuple([z.number(), z.number()]) }),
]);

const checkSchema = z.object({
  claim: z.string(),
  label: z.string(),
  /** JSON has no word for what is not finite: null meets no condition. */
  measured: z.number().nullable(),
  condition: conditionSchema,
});

const runSchema = z.object({
  experiment: z.string(),
  profile: z.enum(["quick", "full"]),
  seed: z.int().min(0),
  parameters: z.record(z.string(), z.unknown()),
  environment: z.object({ runtime: z.string(), platform: z.string(), cores: z.int() }),
  startedAt: z.iso.datetime(),
  elapsed: z.number().min(0),
  checks: z.array(checkSchema).min(1),
});

const claimSchema = z.object({
  paper: z.string(),
  claim: z.string(),
  version: z.string(),
  runs: z.array(runSchema),
});

/** A run of a measurements file. */
export type MeasuredRun = z.infer<typeof runSchema>;
/** A claim of a measurements file: a part of what `gradus verify --json` prints of it. */
export type MeasuredClaim = z.infer<typeof claimSchema>;

/** A file that is not what `gradus verify --json` prints. */
export class MeasurementsError extends Error {
  override name = "MeasurementsError";
}

/**
 * Reads what `gradus verify --json` printed.
 *
 * @throws MeasurementsError naming the file and the first thing that is wrong in it
 */
export function parseMeasurements(name: string, content: unknown): MeasuredClaim[] {
  const parsed = z.array(claimSchema).safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MeasurementsError(
    `${name} is not from gradus verify --json: ${issue.path.join(".")}: ${issue.message}`,
  );
}

const shipped = import.meta.glob<unknown>("../../../../measurements/*.json", {
  import: "default",
  eager: true,
});

/** The measurements of this version, which come with the site. */
export function shippedMeasurements(): MeasuredClaim[] {
  return Object.entries(shipped).flatMap(([name, content]) => parseMeasurements(name, content));
}

/**
 * The measurements in the JSON files of a folder.
 *
 * @throws MeasurementsError when one of them is not from `gradus verify --json`
 */
export async function readMeasurements(folder: string): Promise<MeasuredClaim[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const contents = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      try {
        const content: unknown = JSON.parse(text);
        return content;
      } catch (cause) {
        throw new MeasurementsError(`${join(folder, name)} is not valid JSON`, { cause });
      }
    }),
  );
  return contents.flatMap((content, i) => parseMeasurements(names[i], content));
}
