import { readFile } from "node:fs/promises";
import type { Experiment, Profile, RunCheckpoint, RunEvent, RunReport } from "@gradus/papers";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { z } from "zod";
import { Interrupted, UsageError } from "../errors.ts";
import type { Execute, RunTimes } from "../execute/in-process.ts";
import type { Target } from "../experiments/select.ts";
import { unreadable } from "../files/unreadable.ts";
import { checkpointSchema, reportSchema } from "../results/report-schema.ts";

/** A number of seeds, or as many as an official measurement has. */
export type Seeds = number | "official";

/** What a command set out to do; a resumed command does the same. */
export interface Plan {
  readonly command: "run" | "verify";
  /** What was asked for, such as `anyloss` or `anyloss/small-data`; none means every paper. */
  readonly names: readonly string[];
  readonly profile: Profile;
  readonly seed: number;
  /** How many seeds, from `seed` on; `official`: 20 in the quick profile, 5 in the full one. */
  readonly seeds: Seeds;
  /** Parameters changed by hand. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** The progress of a command. */
export interface Session {
  readonly plan: Plan;
  readonly finished: RunReport[];
  /** Of the experiment under way, once it has finished a stage. */
  current: RunCheckpoint | null;
}

/** Events of a session's experiments while they run. */
export interface SessionObserver {
  /** @param before seconds that earlier sessions took for what is resumed */
  begin(
    target: Target,
    experiment: Experiment,
    run: { readonly seed: number; readonly before: number },
  ): void;
  event(event: RunEvent): void;
  /** Told, as the last of a run, what it spent. */
  times?(target: Target, times: RunTimes): void;
  /** Told when the session holds more than before. */
  advance(): void;
  finish(target: Target, report: RunReport): void | Promise<void>;
  /** Returns true when the session goes on with the next experiment. */
  fail(target: Target, error: unknown): boolean;
}

/** One experiment at one seed. */
interface PlannedRun {
  readonly target: Target;
  readonly seed: number;
}

/** How many seeds an official measurement of a profile has. */
export const OFFICIAL_SEEDS: Readonly<Record<Profile, number>> = { quick: 20, full: 5 };

/** The runs of a plan: every experiment at every seed, or at one where nothing is random. */
function runsOf({ profile, seed, seeds }: Plan, targets: readonly Target[]): PlannedRun[] {
  const planned = seeds === "official" ? OFFICIAL_SEEDS[profile] : seeds;
  return targets.flatMap((target) =>
    Array.from({ length: target.entry.seedless ? 1 : planned }, (_, k) => ({ target, seed: seed + k })),
  );
}

/** A report without what only pictures need: of seeds after the first, findings and checks are kept. */
function withoutDrawing({ matrices: _, ...report }: RunReport): RunReport {
  return { ...report, captions: {}, plots: [], series: {}, tables: [] };
}

/**
 * Runs the targets that the session has not finished, one after another, keeping the session up to date.
 *
 * @throws the signal's reason when interrupted, and an experiment's error when the observer does not go on
 */
export async function runExperiments(
  session: Session,
  targets: readonly Target[],
  { execute, threads }: { readonly execute: Execute; readonly threads?: number },
  signal: AbortSignal,
  observer: SessionObserver,
): Promise<void> {
  const { profile, set } = session.plan;
  const isFinished = ({ paper, entry }: Target, seed: number) =>
    session.finished.some((r) => r.paper === paper.slug && r.experiment === entry.id && r.seed === seed);
  for (const { target, seed } of runsOf(session.plan, targets)) {
    if (isFinished(target, seed)) continue;
    const { paper, entry } = target;
    const { current } = session;
    const continues =
      current?.paper === paper.slug && current.experiment === entry.id && current.seed === seed;
    const resume = continues ? current : undefined;
    try {
      observer.begin(target, await entry.load(), { seed, before: (resume?.elapsed ?? 0) / 1000 });
      const request = { paper: paper.slug, experiment: entry.id, profile, seed, set, threads, resume };
      const run = execute(request, signal);
      let next = await run.next();
      for (; !next.done; next = await run.next()) {
        if (next.value.kind === "checkpoint") {
          session.current = next.value.checkpoint;
          observer.advance();
        } else if (next.value.kind === "times") observer.times?.(target, next.value.times);
        else observer.event(next.value);
      }
      session.finished.push(seed === session.plan.seed ? next.value : withoutDrawing(next.value));
      session.current = null;
      observer.advance();
      await observer.finish(target, next.value);
    } catch (error) {
      if (error instanceof Interrupted || !observer.fail(target, error)) throw error;
      session.current = null;
    }
  }
}

const record = z.record(z.string(), z.unknown());
/** A plan in a file. */
export const planSchema = z.object({
  command: z.enum(["run", "verify"]),
  names: z.array(z.string()),
  profile: z.enum(["quick", "full"]),
  seed: z.int(),
  seeds: z.union([z.int().min(1), z.literal("official")]).default(1),
  set: record,
});

const sessionSchema = z.object({
  gradus: z.literal("session"),
  format: z.literal(2),
  plan: planSchema,
  // checkpoints of earlier versions do not say
  sources: z.string().default(""),
  finished: z.array(reportSchema),
  current: checkpointSchema.nullable(),
  args: z.array(z.string()),
  process: z.int(),
  savedAt: z.string(),
});

/** A session as stored in its file. */
export interface StoredSession extends Session {
  /** Identifies the sources of the experiments that it ran. */
  readonly sources: string;
  /** The command's arguments with which the session continues, but for `--resume` and the file. */
  readonly args: readonly string[];
  /** The process that wrote it last. */
  readonly process: number;
  /** ISO instant. */
  readonly savedAt: string;
}

/** The text of a session's file. */
export function sessionText(
  session: Session,
  { args, sources }: Pick<StoredSession, "args" | "sources">,
): string {
  const { plan, finished, current } = session;
  const savedAt = new Date().toISOString();
  const about = { args, process: process.pid, savedAt };
  return serializeCheckpoint({ gradus: "session", format: 2, plan, sources, finished, current, ...about });
}

/**
 * Reads a session's file.
 *
 * @throws UsageError when there is no such file, or it holds no session
 */
export async function readStoredSession(file: string): Promise<StoredSession> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(`--resume: ${unreadable(file, cause)}; a run that finishes removes its checkpoint`, {
      cause,
    });
  }
  let content: unknown;
  try {
    content = parseCheckpoint(text);
  } catch (cause) {
    throw new UsageError(`--resume: ${file} is not a checkpoint: it is not valid JSON`, { cause });
  }
  const parsed = sessionSchema.safeParse(content);
  if (!parsed.success)
    throw new UsageError(
      `--resume: ${file} is not a checkpoint that this version of gradus wrote (${parsed.error.issues[0].path.join(".")})`,
    );
  return parsed.data;
}

/**
 * Reads a session's file for a command to resume.
 *
 * @throws UsageError when there is no such file, it holds no session, or one of the other command
 */
export async function readSession(
  file: string,
  command: Plan["command"],
): Promise<Session & Pick<StoredSession, "sources">> {
  const { plan, sources, finished, current } = await readStoredSession(file);
  if (plan.command !== command)
    throw new UsageError(`--resume: ${file} is of "${plan.command}", not of "${command}"`);
  return { plan, sources, finished, current };
}
