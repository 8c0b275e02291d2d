import { type ReproductionReport, reportHash } from "@gradus/papers";
import { z } from "@hono/zod-openapi";
import { parseCheckpoint } from "gradus/iterate";
import { isStorable, parseJsonBody } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";
import { instant } from "../instant.ts";
import { plainLine } from "../plain-line.ts";

/** The largest request, in bytes: thirty times the largest findings of the papers' experiments. */
export const LARGEST_REPORT = 256 * 1024;
/** The longest text beside a report, in code points. */
const LONGEST_NOTE = 280;

const words = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[\p{L}\p{N} ._()/+-]+$/u);
const slug = z
  .string()
  .max(80)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);

/** A number, or what JSON has no word for. */
const figure = z.number().or(z.object({ $gradus: z.literal("number"), value: z.string().max(10) }).strict());

/** A report as it is sent. */
const encodedReportSchema = z
  .object({
    format: z.literal(1),
    paper: slug.meta({ description: "The paper's name in `gradus run`." }),
    experiment: slug,
    profile: z.enum(["quick", "full"]),
    seed: z.int().min(0),
    parameters: z.record(z.string(), z.unknown()).meta({ description: "Those of the profile, unchanged." }),
    version: z
      .string()
      .max(40)
      .regex(/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/)
      .meta({ description: "Version of gradus that ran it." }),
    environment: z
      .object({ runtime: words(60), platform: words(60), cores: z.int().min(1).max(65_536) })
      .strict(),
    startedAt: instant,
    elapsed: z.number().min(0).max(1e10).meta({ description: "Milliseconds." }),
    findings: z.unknown().meta({ description: "What the experiment measured." }),
    checks: z
      .array(
        z
          .object({
            claim: z.string().max(20).nullable(),
            label: z.string().max(400),
            measured: figure,
            held: z.boolean(),
          })
          .strict(),
      )
      .max(400),
    undecided: z.array(z.string().max(20)).max(100),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: "SHA-256 of the report without this field, as JSON with sorted keys." }),
  })
  .strict();

/** The body of a request that sends a report. */
export const sentReportSchema = z
  .object({
    report: encodedReportSchema,
    note: z.string().optional().meta({
      description: "Up to 280 characters of plain text, shown once a moderator has published them.",
    }),
  })
  .strict();

/** A report that is of the right form and was not altered after it was made. */
export interface SentReport {
  readonly report: ReproductionReport;
  /** The findings as plain JSON. */
  readonly encodedFindings: unknown;
  readonly hash: string;
  readonly note?: string;
}

const invalid = (message: string, field?: string) => new Problem("invalid_report", message, field);

const limits = { what: "A report", largest: LARGEST_REPORT, code: "invalid_report" } as const;

/** The text beside a report as it is kept: one line of plain text; undefined when nothing is left of it. */
function readNote(note: string | undefined): string | undefined {
  const text = plainLine(note ?? "");
  if (!text) return undefined;
  const { length } = [...text];
  if (length > LONGEST_NOTE)
    throw invalid(`“note” must have at most ${LONGEST_NOTE} characters, got ${length}.`, "note");
  return text;
}

/**
 * Reads the body of a request that sends a report: its size, depth, form and hash. What it claims to have found is not
 * judged here.
 *
 * @throws Problem naming the first thing that is wrong
 */
export async function readReport(text: string, now: Date): Promise<SentReport> {
  const parsed = sentReportSchema.safeParse(parseJsonBody(text, limits));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue.path.join(".");
    throw invalid(`“${field || "body"}” is not what a report has: ${issue.message}.`, field || undefined);
  }
  const { hash, ...encoded } = parsed.data.report;
  if ((await reportHash(encoded)) !== hash)
    throw invalid(
      "The report was altered after it was made: its hash does not agree with its contents.",
      "report.hash",
    );
  if (!isStorable(encoded))
    throw invalid("The report has a NUL or half of a surrogate pair in a text.", "report");
  const note = readNote(parsed.data.note);
  let report: ReproductionReport;
  try {
    const { findings, checks } = parseCheckpoint(
      JSON.stringify({ findings: encoded.findings, checks: encoded.checks }),
    ) as Pick<ReproductionReport, "findings" | "checks">;
    report = { ...encoded, findings, checks };
  } catch {
    throw invalid("“report.findings” holds a value that cannot be read.", "report.findings");
  }
  if (Date.parse(report.startedAt) > now.getTime() + 86_400_000)
    throw invalid(`“report.startedAt” lies in the future: ${report.startedAt}.`, "report.startedAt");
  return { report, encodedFindings: encoded.findings, hash, note };
}
