import type { ClaimVerdict, Environment, Profile, SeedCheck, Undecided } from "@gradus/papers";
import {
  bigint,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from "drizzle-orm/pg-core";
import { createdAt, figuresJson } from "../types.ts";
import { papers } from "./papers.ts";

/** What the official measurements say of a claim, by profile. */
export type OfficialVerdicts = Readonly<Partial<Record<Profile, ClaimVerdict>>>;

/** The claims of runnable papers, as the registry has them. */
export const claims = pgTable(
  "claims",
  {
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    code: text("code").notNull(),
    position: integer("position").notNull(),
    statement: text("statement").notNull(),
    short: text("short").notNull(),
    /** Where the paper makes it. */
    source: text("source").notNull().default("not read"),
    paperValue: text("paper_value").notNull(),
    /** Of the official measurement at quick size. */
    verdict: text("verdict", {
      enum: ["held", "mixed", "did not hold", "inconclusive", "not run"],
    })
      .notNull()
      .default("not run"),
    /** The verdict of each profile with its checks over the seeds. */
    official: figuresJson("official").$type<OfficialVerdicts>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.paperId, table.code] })],
);

/** The build whose measurements were imported last, and the papers that they were imported for. */
export const measurementImports = pgTable("measurement_imports", {
  build: text("build").primaryKey(),
  papers: text("papers").notNull(),
  createdAt: createdAt(),
});

/** What an experiment measured over its seeds, as it is judged now. */
export const measurements = pgTable(
  "measurements",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    experiment: text("experiment").notNull(),
    profile: text("profile", { enum: ["quick", "full"] }).notNull(),
    environment: jsonb("environment").$type<Environment>().notNull(),
    version: text("version").notNull(),
    seeds: integer("seeds").notNull(),
    /** Each check with its figure at every seed. */
    checks: figuresJson("checks").$type<readonly SeedCheck[]>().notNull(),
    undecided: jsonb("undecided").$type<readonly Undecided[]>().notNull(),
    ms: doublePrecision("ms").notNull(),
    /** When the first seed began: the one that is drawn. */
    measuredAt: timestamp("measured_at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [unique().on(table.paperId, table.experiment, table.profile)],
);
