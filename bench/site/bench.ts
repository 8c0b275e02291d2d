// Loads synthetic papers, starts the production server and measures it: `node bench/site/bench.ts --help`.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomStream } from "gradus";
import postgres from "postgres";
import { connect, openEmbedded } from "../../apps/site/src/lib/server/database/connect.ts";
import { build, startServer, type TestServer } from "../../apps/site/tests/server.ts";
import { describeMachine } from "../machine.ts";
import { ADDRESS_HEADER, type Load, load } from "./clients.ts";
import { loadSynthetic } from "./load.ts";
import { syntheticPapers } from "./papers.ts";
import { type Measured, reportText } from "./report.ts";
import { scenarios } from "./scenarios.ts";

const CLIENTS = 16;
const SEED = 1;
const WARM_UP_SECONDS = 3;
const HELP = `node bench/site/bench.ts [options]
  --papers N        how many papers (20000)
  --server URL      on a Postgres server, in a database made for it, instead of the embedded one
  --keep FOLDER     keep the embedded database there, or go on with the one that is there
  --seconds N       how long each kind of request is measured (10)
  --only NAME       only the kinds of requests whose name begins so
  --write           write bench/site/RESULTS.md`;

const { values: options } = parseArgs({
  options: {
    papers: { type: "string", default: "20000" },
    server: { type: "string" },
    keep: { type: "string" },
    seconds: { type: "string", default: "10" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** The server's own figure of this name. */
async function figure(server: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  return Number(new RegExp(`^gradus_${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

/** Waits until every paper is indexed and has its vector; resolves to the seconds it took. */
async function untilIndexed(server: TestServer): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const left = (await figure(server, "papers_unindexed")) + (await figure(server, "papers_without_vector"));
    if (left === 0) return (performance.now() - begun) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function measure(folder: string, url: string | undefined): Promise<void> {
  const count = Number(options.papers);
  const seconds = Number(options.seconds);
  const environment = {
    GRADUS_NOW: "2025-12-25T12:00:00Z",
    GRADUS_ALLOW_CLOCK: "1",
    GRADUS_METRICS: "1",
    ADDRESS_HEADER,
    ...(url ? { DATABASE_URL: url } : {}),
  };
  await build();
  // The first start makes the schema.
  await (await startServer({ environment, folder })).stop();
  const database = url ? await connect(url) : await openEmbedded(join(folder, "database"));
  const loading = performance.now();
  const written = await loadSynthetic(database.orm, count, SEED);
  await database.close();
  console.log(`${written} papers written in ${((performance.now() - loading) / 1000).toFixed(0)} s`);

  const server = await startServer({ environment, folder });
  try {
    const indexing = await untilIndexed(server);
    console.log(`indexed after ${indexing.toFixed(0)} s more`);
    const ids = [...syntheticPapers(count, SEED)].map(({ arxivId }) => arxivId);
    const results: Measured[] = [];
    const before = loadavg()[0];
    for (const scenario of scenarios(ids, url !== undefined)) {
      if (!scenario.name.startsWith(options.only)) continue;
      const random = randomStream(SEED);
      const address = () => `${server.origin}${scenario.path(random)}`;
      if (!(await fetch(address(), { headers: { [ADDRESS_HEADER]: "10.0.0.1" } })).ok) continue;
      await load(address, { clients: CLIENTS, seconds: WARM_UP_SECONDS });
      const cpu = await figure(server, "cpu_seconds_total");
      const result: Load = await load(address, { clients: CLIENTS, seconds });
      const used = (await figure(server, "cpu_seconds_total")) - cpu;
      const cpuMilliseconds = (1000 * used) / result.requests;
      results.push({ scenario, load: result, cpuMilliseconds });
      console.log(
        `${scenario.name}: ${result.perSecond.toFixed(0)}/s, ${cpuMilliseconds.toFixed(1)} ms of processor each, p50 ${result.p50.toFixed(0)} ms, p99 ${result.p99.toFixed(0)} ms, ${JSON.stringify(result.statuses)}`,
      );
    }
    const text = reportText(results, {
      machine: describeMachine(),
      date: new Date().toISOString().slice(0, 10),
      papers: count,
      engine: url ? "a Postgres server on the same machine" : "the embedded database",
      clients: CLIENTS,
      seconds,
      load: { before, after: loadavg()[0] },
      memory: await figure(server, "memory_bytes"),
    });
    console.log(`\n${text}`);
    if (options.write) writeFileSync(join(import.meta.dirname, "RESULTS.md"), text);
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), "gradus-bench-"));
  if (!options.server) {
    await measure(folder, undefined);
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
    return;
  }
  const name = `gradus_bench_${randomBytes(4).toString("hex")}`;
  const admin = postgres(options.server, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
  try {
    const own = new URL(options.server);
    own.pathname = `/${name}`;
    await measure(folder, own.href);
  } finally {
    await admin`drop database ${admin(name)}`;
    await admin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
