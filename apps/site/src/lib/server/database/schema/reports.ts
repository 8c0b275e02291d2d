import type { Check, Environment, Undecided } from "@gradus/papers";
import { bigint, doublePrecision, index, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { bytes, createdAt, figuresJson } from "../types.ts";
import { papers } from "./papers.ts";
import { users } from "./users.ts";

/** Runs that readers sent, judged by the site. */
export const reports = pgTable(
  "reports",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    experiment: text("experiment").notNull(),
    profile: text("profile", { enum: ["quick", "full"] }).notNull(),
    seed: bigint("seed", { mode: "number" }).notNull(),
    /** The version of gradus that ran it. */
    version: text("version").notNull(),
    environment: jsonb("environment").$type<Environment>().notNull(),
    parameters: jsonb("parameters").$type<Readonly<Record<string, unknown>>>().notNull(),
    /** As it was sent, numbers that are not finite written as `{"$gradus":"number",...}`. */
    findings: jsonb("findings").$type<unknown>().notNull(),
    /** By the experiment's judge. */
    checks: figuresJson("checks").$type<readonly Check[]>().notNull(),
    undecided: jsonb("undecided").$type<readonly Undecided[]>().notNull(),
    /** The version of gradus whose judge it was; unknown of those judged before this was kept. */
    judgedBy: text("judged_by"),
    ms: doublePrecision("ms").notNull(),
    measuredAt: timestamp("measured_at", { withTimezone: true }).notNull(),
    hash: bytes("hash").notNull().unique(),
    state: text("state", { enum: ["published", "hidden"] })
      .notNull()
      .default("published"),
    /** Plain text of its sender. */
    note: text("note"),
    noteState: text("note_state", { enum: ["pending", "published", "hidden"] }),
    createdAt: createdAt(),
  },
  (table) => [
    index("reports_paper").on(table.paperId, table.createdAt.desc(), table.id.desc()),
    index("reports_user").on(table.userId, table.createdAt),
  ],
);

/** Times at which reports were sent that their senders withdrew since: they still count in the limit of a day. */
export const withdrawnReports = pgTable(
  "withdrawn_reports",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    sentAt: timestamp("sent_at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("withdrawn_reports_user").on(table.userId, table.sentAt)],
);

/** What moderators and administrators decided. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    actor: uuid("actor").references(() => users.id, { onDelete: "set null" }),
    /** Such as `report.hide`. */
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    actedAt: timestamp("acted_at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index("audit_log_actor").on(table.actor),
    index("audit_log_subject").on(table.subject, table.id.desc()),
  ],
);
