import type { Command } from "commander";
import type { IngestOptions } from "../commands/ingest.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import { siteFolderOption } from "./options.ts";

export function defineIngest(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("ingest")
    .summary("fetch the papers of some days from arXiv into the site")
    .description(
      `Request the papers that were submitted to arXiv on some days, in the categories of the site. The site fetches them, one request every 3 seconds; papers that it has are brought up to date.

The site may be running or stopped. Run this on its machine, where its data folder is. GRADUS_INGEST=1 in the site's environment has new papers fetched every day.`,
    )
    .requiredOption("--from <day>", "first day of submission (UTC, YYYY-MM-DD)")
    .requiredOption("--to <day>", "last day of submission (UTC, YYYY-MM-DD)")
    .option(
      "--from-hugging-face",
      "import Hugging Face's daily lists of these days instead: their papers are fetched from arXiv and marked",
    )
    .addOption(siteFolderOption(host))
    .action((options: IngestOptions) =>
      run(async () => (await import("../commands/ingest.ts")).requestPapers(host, options)),
    );
  addExamples(command, host, [
    "ingest --from 2026-11-01 --to 2026-11-07",
    "ingest --from 2026-11-01 --to 2026-11-01 --folder /srv/gradus",
  ]);
}
