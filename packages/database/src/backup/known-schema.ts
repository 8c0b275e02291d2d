import { migrations } from "../migrations/index.ts";
import { runPostgresTool } from "./postgres-tools.ts";
import { RestoreError } from "./restore-error.ts";

/**
 * The site does not start on a schema of a newer version.
 *
 * @throws RestoreError when one of the migrations that a backup has is not of this version
 */
export function assertKnownSchema(file: string, applied: readonly string[]): void {
  const unknown = applied.find((version) => !migrations.some((step) => step.version === version));
  if (unknown !== undefined)
    throw new RestoreError(
      `${file} has migration ${unknown}, which this version of gradus does not have; ` +
        "restore it by gradus db restore of the newer version",
    );
}

/** The versions in the rows of `schema_migrations` as `pg_restore` writes them: a `COPY` statement with a row a line. */
function versionsIn(text: string): string[] {
  const copied = /^COPY .*schema_migrations \(([^)]*)\) FROM stdin;\n(.*?)^\\\.$/ms.exec(text);
  if (!copied) return [];
  const [, columns, rows] = copied;
  const column = columns.split(", ").indexOf("version");
  return rows
    .split("\n")
    .filter(Boolean)
    .map((row) => row.split("\t")[column]);
}

/** The migrations that a server's backup has, none where it is no backup of a site. */
export async function migrationsInDump(file: string, url: string): Promise<string[]> {
  const rows = ["--data-only", "--table=schema_migrations", "--file=-"];
  return versionsIn(await runPostgresTool("pg_restore", url, [...rows, file]));
}
