// A site that is killed again and again while it sends digests, over a real connection to a real mail server. Its database
// is on a server where one is given: opening the embedded one 50 times takes most of the time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { randomStream } from "gradus/random";
import { SMTPServer } from "smtp-server";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openEmbedded } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { digestRuns, mailOutbox, subscriptions } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { loadSeed } from "../papers/seed/seed.ts";
import { syncRegistry } from "../papers/sync-registry.ts";
import { storeTopics } from "../search/topics/store.ts";
import { usualChoices } from "./choices.ts";

const KILLS = 50;
const SUBSCRIBERS = 120;
const NOW = "2025-12-25T07:00:00Z";

/** Moments at which the worker stands still and is killed. */
const OWN = ["planned", "composing", "noted", "committing"] as const;
/** Those at which the mail server kills it: asked for a recipient, in the middle of a message. */
const SERVER = ["recipient", "middle"] as const;
/** The one moment at which no sender can know: the server has the message, and its answer is lost. */
const LOST = "answer lost";
type Moment = (typeof OWN)[number] | (typeof SERVER)[number] | typeof LOST;

let folder: string;
/** The worker as one file, which starts in a fraction of the time. */
let program: string;
/** A database on a server, for as long as the test runs; undefined where the embedded one is used. */
let shared: Database | undefined;
/** The folder or the URL of the database. */
let location: string;
let server: SMTPServer;
let url: string;
/** What the server took: recipients with the identifiers of their messages. */
const taken: { readonly to: string; readonly id: string }[] = [];
/** Is told of each step of the server; when it kills, nothing is answered any more. */
let onServer: (moment: Moment) => Promise<boolean> = async () => false;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradus-kills-"));
  server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ["STARTTLS"] },
    async onRcptTo(_address, _session, done) {
      if (!(await onServer("recipient"))) done();
    },
    async onData(stream, { envelope }, done) {
      const [first] = await once(stream, "data");
      if (await onServer("middle")) return;
      const source = `${first}${await text(stream)}`;
      const id = /^Message-ID:\s+(<[^>]+>)/im.exec(source)?.[1] ?? "";
      taken.push({ to: envelope.rcptTo[0].address, id });
      if (!(await onServer(LOST))) done();
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const address = server.server.address();
  url = `smtp://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  await bundle();
  const openShared = engines.find(([name]) => name !== "PGlite")?.[1];
  shared = await openShared?.();
  location = typeof shared?.queue === "string" ? shared.queue : join(folder, "database");
  await onDatabase(async (orm) => {
    for (const step of [migrate, loadSeed, syncRegistry, storeTopics]) await step(orm);
    await orm.insert(subscriptions).values(
      Array.from({ length: SUBSCRIBERS }, (_, i) => ({
        ...{ email: `reader${i}@example.org`, emailHmac: new Uint8Array(32).fill(i) },
        ...{ status: "active" as const, origin: "https://papers.example.org", nextDueAt: new Date(NOW) },
        ...{ ...usualChoices, topics: [], keywords: [], maxItems: 2 },
      })),
    );
  });
});
afterAll(async () => {
  await shared?.close();
  await new Promise<void>((resolve) => server.close(resolve));
  for (const made of [folder, program]) rmSync(made, { recursive: true, force: true });
});

async function bundle(): Promise<void> {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  // Within the package, whose imports the threads of the database are resolved by.
  const outDir = join(root, "build", "testing");
  const name = `mail-worker-${process.pid}`;
  const input = { [name]: join(root, "src/lib/server/subscriptions/testing/mail-worker.ts") };
  await build({
    ...{ root, configFile: false, logLevel: "error", publicDir: false },
    resolve: { alias: { "#lib": join(root, "src/lib") } },
    ssr: { noExternal: true, external: ["@electric-sql/pglite", "@electric-sql/pglite-pgvector", "pg-boss"] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      rolldownOptions: { input, output: { codeSplitting: false } },
    },
  });
  program = join(outDir, `${name}.js`);
}

function startWorker(moment: string, times: number) {
  const words = [location, folder, "https://papers.example.org", url, NOW, moment, String(times)];
  return spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
}

/** How often a worker is started anew that found the mail server too slow, as on a machine with much else to do. */
const STARTS = 5;

/** Kills a worker when a moment has come so many times. */
async function killAt(moment: Moment, times: number, starts = STARTS): Promise<void> {
  const worker = startWorker(moment, times);
  const over = once(worker, "exit");
  const kill = async () => {
    worker.kill("SIGKILL");
    await over;
  };
  let left = times;
  onServer = async (here) => {
    if (here !== moment || --left > 0) return false;
    await kill();
    return true;
  };
  worker.stdout.once("data", kill);
  const [[code, signal], complaint] = await Promise.all([over, text(worker.stderr)]);
  if (code === 1 && starts > 1 && complaint.includes("unreachable")) return killAt(moment, times, starts - 1);
  if (signal !== "SIGKILL") throw new Error(`ended with ${code} before the moment "${moment}": ${complaint}`);
}

async function onDatabase<Result>(work: (orm: Database["orm"]) => Promise<Result>): Promise<Result> {
  if (shared) return work(shared.orm);
  const database = await openEmbedded(location);
  try {
    return await work(database.orm);
  } finally {
    await database.close();
  }
}

test("of 50 kills none loses a digest, and one message comes twice at most", {
  retry: 0,
  timeout: 600_000,
}, async () => {
  const random = randomStream(34);
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random.uniform() * values.length)];
  const moments = Array.from({ length: KILLS }, (_, i) => ({
    moment: i === KILLS / 2 ? LOST : pick<Moment>([...OWN.slice(1), ...SERVER]),
    times: pick([1, 2]),
  }));
  moments[0] = { moment: "planned", times: 1 };
  for (const { moment, times } of moments) await killAt(moment, times);
  onServer = async () => false;
  expect(await once(startWorker("none", 0), "exit")).toEqual([0, null]);

  const recipients = new Set(taken.map(({ to }) => to));
  expect(recipients.size).toBe(SUBSCRIBERS);
  expect(taken.length - recipients.size).toBeLessThanOrEqual(1);
  // Whoever gets one twice can tell by its identifier.
  expect(new Set(taken.map(({ id }) => id)).size).toBe(SUBSCRIBERS);
  const states = await onDatabase(async (orm) => [
    ...(await orm.selectDistinct({ state: mailOutbox.state }).from(mailOutbox)),
    ...(await orm.selectDistinct({ state: digestRuns.state }).from(digestRuns)),
  ]);
  expect(states).toEqual([{ state: "sent" }, { state: "sent" }]);
});
