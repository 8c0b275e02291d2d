import { join } from "node:path";
import { type Command, Option } from "commander";
import type { BackupOptions, DatabaseOptions, ExportOptions } from "../commands/db.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { databaseOption } from "./options.ts";

export function defineDb(program: Command, { host, run }: ProgramContext): void {
  const implementation = () => import("../commands/db.ts");
  const backups = homeFolder(host.home, "backups");
  const command = program
    .command("db")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("export, back up and restore the site's database; show pending migrations")
    .description(
      `Export, back up and restore the database of the site.

Only one process at a time can open the embedded database: stop the site first. A running site makes a backup every night.`,
    );
  addExamples(command, host, [
    "db export --out papers.ndjson",
    "db backup",
    `db restore ${join(backups, "gradus-20251225T030000Z.tar.gz")} --database restored`,
    "db migrate --plan",
  ]);

  command
    .command("export")
    .description("write all papers with vote counts, claims and measurements, one JSON object per line")
    .addOption(new Option("--out <file>", "file to write (default: standard output)"))
    .addOption(databaseOption(host))
    .action((options: ExportOptions) =>
      run(async () => (await implementation()).exportPapers(host, options)),
    );
  command
    .command("backup")
    .description(
      "write the whole database to a file; keeps the last three backups and the latest of 7 days and 4 weeks (of a Postgres server, by pg_dump)",
    )
    .addOption(new Option("--folder <dir>", `where backups are kept (default ${backups})`))
    .addOption(databaseOption(host))
    .action((options: BackupOptions) => run(async () => (await implementation()).backup(host, options)));
  command
    .command("restore")
    .description("restore a backup into an empty folder or an empty Postgres database")
    .argument("<file>", "the backup")
    .addOption(databaseOption(host))
    .action((file: string, options: DatabaseOptions) =>
      run(async () => (await implementation()).restore(host, file, options)),
    );
  command
    .command("migrate")
    .description("show the schema migrations that the site would apply on start")
    .requiredOption("--plan", "show the plan; the site applies it on start")
    .addOption(databaseOption(host))
    .action((options: DatabaseOptions) =>
      run(async () => (await implementation()).planMigrations(host, options)),
    );
}
