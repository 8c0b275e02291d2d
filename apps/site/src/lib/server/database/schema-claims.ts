import {
  bigint,
  boolean,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { papers } from "./schema.ts";
import { createdAt } from "./types.ts";

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
    paperValue: text("paper_value").notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.paperId, table.code] })],
);

/** A claim's measurements: one row for each claim of each run. */
export const claimRuns = pgTable(
  "claim_runs",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    paperId: bigint("paper_id", { mode: "number" }).notNull(),
    claimCode: text("claim_code").notNull(),
    runId: uuid("run_id").notNull(),
    experiment: text("experiment").notNull(),
    profile: text("profile", { enum: ["quick", "full"] }).notNull(),
    held: boolean("held").notNull(),
    /** Each check: what was measured, what it needs, whether it holds. */
    checks: jsonb("checks").notNull(),
    environment: jsonb("environment").notNull(),
    version: text("version").notNull(),
    seed: bigint("seed", { mode: "number" }).notNull(),
    ms: doublePrecision("ms").notNull(),
    origin: text("origin", { enum: ["ci", "cli", "reader"] }).notNull(),
    ranAt: timestamp("ran_at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      columns: [table.paperId, table.claimCode],
      foreignColumns: [claims.paperId, claims.code],
    }).onDelete("cascade"),
    unique().on(table.runId, table.claimCode),
    index("claim_runs_latest").on(table.paperId, table.claimCode, table.ranAt.desc()),
  ],
);
