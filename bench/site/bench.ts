// Loads synthetic papers, starts the production server and measures it: `node bench/site/bench.ts --help`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "gradus/random";
import { connect, type Database, openEmbedded } from "../../apps/site/src/lib/server/database/connect.ts";
import { build, startServer, type TestServer } from "../../apps/site/tests/server.ts";
import { describeMachine } from "../machine.ts";
import { ADDRESS_HEADER, load, loadAtRate } from "./clients.ts";
import { costing, figuresOf } from "./costs.ts";
import { describeServer, embeddedPlace, type Place, serverPlace } from "./databases.ts";
import { embedPapers } from "./embed.ts";
import { loadSynthetic } from "./load.ts";
import { syntheticPapers } from "./papers.ts";
import { measureRecall } from "./recall.ts";
import { type Measured, recallText, reportText, withSection } from "./report.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

const SEED = 1;
const NOW = "2025-12-25T12:00:00Z";
/** Until then the processors compile, Postgres' WebAssembly most of all. */
const WARM_UP_SECONDS = 10;
const HELP = `node bench/site/bench.ts [options]
  --papers N        how many papers (20000)
  --server URL      on a Postgres server, in a database made for it, instead of the embedded one
  --keep NAME       keep the database, in this folder or under this name on the server; one that is there is used
  --prepare         only make the database that --keep names
  --seconds N       how long each kind of request is measured (10)
  --strange N       how many searches for random bytes (10000)
  --only NAME       only the kinds of requests whose name begins so; recall: how many of the nearest papers the index finds
  --write           write the section of bench/site/RESULTS.md`;

const { values: options } = parseArgs({
  options: {
    papers: { type: "string", default: "20000" },
    server: { type: "string" },
    keep: { type: "string" },
    prepare: { type: "boolean", default: false },
    seconds: { type: "string", default: "10" },
    strange: { type: "string", default: "10000" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const count = Number(options.papers);
const seconds = Number(options.seconds);
const begun = performance.now();

function tell(stage: string): void {
  console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s: ${stage}`);
}

function start({ folder, url }: Place): Promise<TestServer> {
  return startServer({
    folder,
    environment: {
      GRADUS_NOW: NOW,
      GRADUS_ALLOW_CLOCK: "1",
      GRADUS_METRICS: "1",
      ADDRESS_HEADER,
      ...(url ? { DATABASE_URL: url } : {}),
    },
  });
}

/** The database of a place while no server has it. */
function openDatabase({ folder, url }: Place): Promise<Database> {
  return url ? connect(url) : openEmbedded(join(folder, "database"));
}

/** Fills a database, or finishes one that was kept. */
async function prepare(place: Place): Promise<void> {
  // A start makes the schema, or brings it up to date.
  await (await start(place)).stop();
  const database = await openDatabase(place);
  try {
    if (await loadSynthetic(database.orm, count, SEED)) tell(`${count} papers written`);
    await embedPapers(database.orm, new Date(NOW), tell);
  } finally {
    await database.close();
  }
}

/** Waits until every paper is indexed and has its vector, as in a prepared database it has. */
async function untilIndexed(server: TestServer): Promise<void> {
  for (;;) {
    const figure = await figuresOf(server);
    if (figure("papers_unindexed") + figure("papers_without_vector") === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function measureOne(
  server: TestServer,
  { url }: Place,
  scenario: Scenario,
  seed: number,
): Promise<Measured> {
  const random = randomStream(seed);
  const address = () => `${server.origin}${scenario.path(random)}`;
  const { clients, requests, rate } = scenario;
  const run = (seconds: number) =>
    rate === undefined
      ? load(address, { clients, seconds, requests })
      : loadAtRate(address, { clients, seconds, rate, random: randomStream(seed + 1) });
  if (requests === undefined) await run(WARM_UP_SECONDS);
  const { result, costs } = await costing(server, url, () => run(seconds));
  const { statements, processor, database } = costs;
  tell(
    `${scenario.name}: ${result.perSecond.toFixed(0)}/s, each ${statements.toFixed(1)} statements, ${processor.toFixed(1)} ms of processor, ${database.toFixed(1)} ms of the database, p50 ${result.p50.toFixed(0)} ms, p99 ${result.p99.toFixed(0)} ms, most ${result.most.toFixed(0)} ms, ${JSON.stringify(result.statuses)}`,
  );
  return { scenario, load: result, costs };
}

/** What every section of the results says of where it was measured. */
async function occasionOf({ url }: Place) {
  return {
    date: new Date().toISOString().slice(0, 10),
    papers: count,
    engine: url ? "a Postgres server on the same machine" : "the embedded database",
    server: url ? await describeServer(url) : undefined,
    command: `node bench/site/bench.ts --papers ${count}${url ? " --server URL" : ""}`,
  };
}

function publish(section: string): void {
  console.log(`\n${section}`);
  const file = join(import.meta.dirname, "RESULTS.md");
  if (options.write)
    writeFileSync(file, withSection(existsSync(file) ? readFileSync(file, "utf8") : "", section));
}

/** Measures how many of the nearest papers the index finds. */
async function compareNearest(place: Place): Promise<void> {
  const database = await openDatabase(place);
  try {
    const recall = await measureRecall(database.orm, SEED);
    if (recall) publish(recallText(recall, await occasionOf(place)));
  } finally {
    await database.close();
  }
}

async function measure(place: Place): Promise<void> {
  if ("recall".startsWith(options.only)) await compareNearest(place);
  const ids = [...syntheticPapers(count, SEED)].map(({ arxivId }) => arxivId);
  const all = scenarios(ids, { server: place.url !== undefined, strange: Number(options.strange) });
  if (!all.some(({ name }) => name.startsWith(options.only))) return;
  const server = await start(place);
  try {
    await untilIndexed(server);
    tell("measuring");
    const results: Measured[] = [];
    const before = loadavg()[0];
    // Each asks for something else: what one has found would be in memory for the next.
    for (const [i, scenario] of all.entries())
      if (scenario.name.startsWith(options.only))
        results.push(await measureOne(server, place, scenario, SEED + 100 * i));
    publish(
      reportText(results, {
        ...(await occasionOf(place)),
        machine: describeMachine(),
        seconds,
        warmUp: WARM_UP_SECONDS,
        load: { before, after: loadavg()[0] },
        memory: (await figuresOf(server))("memory_bytes"),
      }),
    );
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  await build();
  const place = options.server
    ? await serverPlace(options.server, options.keep)
    : embeddedPlace(options.keep);
  try {
    await prepare(place);
    if (!options.prepare) await measure(place);
  } finally {
    await place.close();
  }
}

await main().catch((error: unknown) => {
  // A failed statement prints hundreds of papers.
  console.error(String(error instanceof Error && error.cause ? error.cause : error).slice(0, 2000));
  process.exitCode = 1;
});
