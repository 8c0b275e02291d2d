import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GradusError } from "gradus/check";
import { either } from "../command-line/suggest.ts";
import type { OptionSpecifications, ParsedOptions } from "../command-line/values.ts";
import { migrationSteps } from "../database/migrations.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { databaseLocation, databaseOptions } from "../sweep/database.ts";
import { writeLines } from "../terminal/output.ts";

export const dbOptions: OptionSpecifications = {
  ...databaseOptions,
  out: { value: "FILE", help: "export: the file to write (default: standard output)" },
  folder: { value: "DIR", help: "backup: where backups are kept (default .gradus/backups)" },
  plan: { help: "migrate: show which steps of the schema a start of the site would apply" },
  help: { short: "h", help: "show this help" },
};

export const dbActions = ["export", "backup", "restore", "migrate"] as const;
type Action = (typeof dbActions)[number];

/** What an action is carried out with. */
interface Request {
  readonly host: Host;
  readonly location: string;
  readonly options: ParsedOptions;
  /** What stands after the action. */
  readonly names: readonly string[];
}

const actions: Readonly<Record<Action, (request: Request) => Promise<void>>> = {
  async export({ host: { out, err }, location, options: { values } }) {
    const { exportLines, openStatements } = await import("@gradus/database");
    const database = await openStatements(location);
    const file = values.get("out")?.[0];
    try {
      const lines = exportLines(database, new Date());
      if (file === undefined) {
        for await (const line of lines) out.write(`${line}\n`);
        return;
      }
      let count = -1;
      const counted = async function* () {
        for await (const line of lines) {
          count += 1;
          yield `${line}\n`;
        }
      };
      await pipeline(Readable.from(counted()), createWriteStream(file));
      writeLines(err, [`${count} papers written to ${file}`]);
    } finally {
      await database.close();
    }
  },

  async backup({ host, location, options: { values } }) {
    const { backUp, FOLDER_BACKUP, isServerUrl, backUpWithRetention, SERVER_BACKUP } = await import(
      "@gradus/database"
    );
    const folder = values.get("folder")?.[0] ?? join(host.home, "backups");
    const file = await backUpWithRetention(folder, {
      time: new Date(),
      ending: isServerUrl(location) ? SERVER_BACKUP : FOLDER_BACKUP,
      dump: (to) => backUp(location, to),
    });
    writeLines(host.out, [file]);
  },

  async restore({ host: { out, invocation }, location, names }) {
    if (names.length !== 1)
      throw new UsageError(`db restore takes one file, such as: ${invocation} db restore backup.tar.gz`);
    const { describeLocation, restoreBackup } = await import("@gradus/database");
    await restoreBackup(names[0], location);
    writeLines(out, [`restored into ${describeLocation(location)}`]);
  },

  async migrate({ host: { out, invocation }, location, options: { flags } }) {
    if (!flags.has("plan"))
      throw new UsageError(
        `the site brings its database up to date when it starts; "${invocation} db migrate --plan" shows what it would do`,
      );
    const { openStatements, planMigrations } = await import("@gradus/database");
    const database = await openStatements(location);
    try {
      const steps = await planMigrations(database, migrationSteps());
      writeLines(
        out,
        steps.map(({ version, state, appliedAt }) =>
          [version, state, ...(appliedAt ? [`${appliedAt} UTC`] : [])].join("  "),
        ),
      );
      const blocked = steps.filter(({ state }) => state === "changed" || state === "unknown");
      if (blocked.length > 0)
        throw new GradusError(
          `the site would refuse to start: ${blocked.map(({ version, state }) => `${version} is ${state}`).join(", ")}`,
        );
    } finally {
      await database.close();
    }
  },
};

function isAction(name: string | undefined): name is Action {
  return dbActions.some((action) => action === name);
}

/** Failures whose message says all there is to say. */
const TOLD = new Set([
  "DatabaseMissingError",
  "DatabaseUnreachableError",
  "FolderLockedError",
  "PostgresToolError",
  "RestoreError",
]);

/** `gradus db`: exports, backs up and restores the site's database, and plans its migrations. */
export async function db(host: Host, options: ParsedOptions): Promise<number> {
  const [action, ...names] = options.positionals;
  if (!isAction(action))
    throw new UsageError(`db wants ${either([...dbActions])}, got ${action ?? "nothing"}`);
  if (names.length > 0 && action !== "restore")
    throw new UsageError(`db ${action} takes no names, got ${names.join(" ")}`);
  try {
    await actions[action]({ host, location: databaseLocation(host, options), options, names });
  } catch (cause) {
    if (cause instanceof Error && TOLD.has(cause.name)) throw new GradusError(cause.message, { cause });
    throw cause;
  }
  return 0;
}
