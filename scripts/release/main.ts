// Publishes the packages; `--help` says how.
import { parseArgs } from "node:util";
import { prepareRelease } from "./prepare.ts";
import { publish } from "./publish.ts";
import { ReleaseError } from "./release-error.ts";
import { acceptNames } from "./review.ts";
import { setVersion } from "./set-version.ts";

const HELP = `npm run release -- [option]

Builds all packages, checks them, packs them and publishes them to the registry that npm is configured for.

  --dry-run              do everything but publish; archives are left in build/release
  --set-version <x.y.z>  write a version into all manifests, and nothing else
  --accept-names         write the public names of the sources into the reviewed lists, and nothing else
  --help                 show this`;

async function run(words: string[]): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      "dry-run": { type: "boolean" },
      "set-version": { type: "string" },
      "accept-names": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const chosen = Object.keys(values);
  if (chosen.length > 1) throw new ReleaseError(`one option at a time, got --${chosen.join(" --")}`);
  if (values.help) console.log(HELP);
  else if (values["set-version"] !== undefined) await setVersion(values["set-version"]);
  else if (values["accept-names"]) acceptNames();
  else {
    const archives = await prepareRelease();
    if (values["dry-run"]) console.log("Dry run: nothing was published. The archives are in build/release.");
    else await publish(archives);
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const expected =
    error instanceof ReleaseError || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  console.error(`release: ${expected ? (error as Error).message : (error as Error).stack}`);
  process.exitCode = expected ? 1 : 2;
}
