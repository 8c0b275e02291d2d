import { createHash } from "node:crypto";
import type { StatementDatabase } from "./statements.ts";

/** One forward step of a schema. */
export interface SchemaStep {
  /** A number and what it adds: `0001_papers`. */
  readonly version: string;
  /** SQL statements with `--> statement-breakpoint` lines between them. */
  readonly text: string;
}

/** The state of a step in a database. */
export interface PlannedStep {
  readonly version: string;
  /** `changed`: its text was edited after it had been applied; `unknown`: applied by a newer version. */
  readonly state: "applied" | "pending" | "changed" | "unknown";
  readonly appliedAt?: string;
}

interface AppliedRow {
  readonly version: string;
  readonly checksum: string;
  readonly at: string;
}

/** Compares the steps of this version with those applied to a database. Changes nothing. */
export async function planMigrations(
  database: StatementDatabase,
  steps: readonly SchemaStep[],
): Promise<PlannedStep[]> {
  const [{ known }] = await database.query<{ known: boolean }>(
    "select to_regclass('schema_migrations') is not null as known",
  );
  const rows = known
    ? await database.query<AppliedRow>(
        "select version, checksum, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at from schema_migrations",
      )
    : [];
  const applied = new Map(rows.map((row) => [row.version, row]));
  const planned = steps.map(({ version, text }): PlannedStep => {
    const row = applied.get(version);
    if (!row) return { version, state: "pending" };
    const same = row.checksum === createHash("sha256").update(text).digest("hex");
    return { version, state: same ? "applied" : "changed", appliedAt: row.at };
  });
  const unknown = rows
    .filter(({ version }) => !steps.some((step) => step.version === version))
    .map(({ version, at }): PlannedStep => ({ version, state: "unknown", appliedAt: at }));
  return [...planned, ...unknown].sort((a, b) => a.version.localeCompare(b.version));
}
