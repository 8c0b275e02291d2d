import { Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { choiceOption, profiles, wholeNumber } from "../command-line/values.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { Host } from "../host.ts";
import type { Seeds } from "../session/session.ts";

const MOST_THREADS = 1024;
const MOST_SEEDS = 1000;
const MOST_CONCURRENCY = 256;

export const profileOption = () =>
  choiceOption(
    "--profile <quick|full>",
    "quick takes seconds (default), full has the paper's size",
    profiles,
  );

export const setOption = (description: string) => new RepeatableOption("--set <name=value>", description);

export const seedOption = (description: string) =>
  new Option("--seed <n>", description).argParser(wholeNumber(0));

/** `official`, or a number of seeds. */
function seeds(text: string): Seeds {
  return text === "official" ? text : wholeNumber(1, MOST_SEEDS)(text);
}

export const seedsOption = () =>
  new Option(
    "--seeds <n>",
    "measure with the seeds 1 to n (default 1); official: 20 seeds, or 5 with --profile full",
  ).argParser(seeds);

export const threadsOption = () =>
  new Option(
    "--threads <n>",
    "threads of each operation in ONNX Runtime (default: chosen by the number of cores)",
  ).argParser(wholeNumber(1, MOST_THREADS));

export const concurrencyOption = (description: string) =>
  new Option("--concurrency <n>", description).argParser(wholeNumber(1, MOST_CONCURRENCY));

export const resumeOption = () =>
  new Option("--resume <file>", "continue from the checkpoint of an interrupted run");

export const databaseOption = ({ home }: Host) =>
  new Option(
    "--database <url|dir>",
    `postgres://... for a server that machines share, or a folder for one process at a time (default: DATABASE_URL, else GRADUS_DATABASE_DIR, else ${homeFolder(home, "database")})`,
  );

export const htmlOption = (description: string) => new Option("--html <file>", description);

export const jsonOption = (description: string) =>
  new Option("--json", `${description} as JSON, with nothing else on standard output`);

export const reportOption = () =>
  htmlOption("write a report as one HTML file: verdicts, figures, tables, how to reproduce it");

export const figuresOption = () => new Option("--svg <dir>", "write each figure as an SVG file");

export const siteOption = () => new Option("--site <url>", "address of the site (default: GRADUS_SITE)");

export const siteFolderOption = ({ home }: Host) =>
  new Option(
    "--folder <dir>",
    `the site's data folder (default: the folder of GRADUS_DATABASE_DIR, else ${home})`,
  );
