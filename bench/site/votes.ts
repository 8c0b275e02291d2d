// Votes at a fixed rate against the production server, by as many accounts: `node bench/site/votes.ts --help`.
import { request } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect, openEmbedded } from "../../apps/site/src/lib/server/database/connect.ts";
import { users } from "../../apps/site/src/lib/server/database/schema/index.ts";
import { beginSession } from "../../apps/site/src/lib/server/people/sessions.ts";
import { build, startServer, type TestServer } from "../../apps/site/tests/server.ts";
import { describeMachine } from "../machine.ts";
import { costing } from "./costs.ts";
import { embeddedPlace, type Place, serverPlace } from "./databases.ts";

/** Accounts: at this rate none of them reaches its votes of an hour. */
const ACCOUNTS = 200;
const WARM_UP_SECONDS = 5;
const PAPERS = ["2412.08424", "1806.07572", "2506.13710", "1910.03193"];
const HELP = `node bench/site/votes.ts [options]
  --rate N       votes a second (100)
  --seconds N    how long they are measured, after ${WARM_UP_SECONDS} s of warming up (20)
  --server URL   on a Postgres server, in a database made for it, instead of the embedded one
  --keep NAME    keep the database, in this folder or under this name on the server; one that is there is used
  --prepare      only make the database that --keep names`;

const { values: options } = parseArgs({
  options: {
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "20" },
    server: { type: "string" },
    keep: { type: "string" },
    prepare: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Signs all accounts in; returns the tokens of their sessions. */
async function signIn({ folder, url }: Place): Promise<string[]> {
  const database = await (url ? connect(url) : openEmbedded(join(folder, "database")));
  try {
    const now = new Date();
    const created = new Date(now.getTime() - 7 * 86_400_000);
    const tokens: string[] = [];
    for (let i = 0; i < ACCOUNTS; i++) {
      const email = `voter${i}-${now.getTime()}@readers.example`;
      const emailCanonicalHmac = new TextEncoder().encode(email);
      const [{ id: userId }] = await database.orm
        .insert(users)
        .values({ email, emailCanonicalHmac, confirmedAt: created, createdAt: created })
        .returning({ id: users.id });
      tokens.push(await beginSession(database.orm, { userId, agent: "bench", now }));
    }
    return tokens;
  } finally {
    await database.close();
  }
}

/** Casts or withdraws a vote; resolves to the status. */
function vote({ origin }: TestServer, token: string, paper: string, cast: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${origin}/api/v1/papers/${paper}/vote`,
      { method: cast ? "PUT" : "DELETE", headers: { origin, cookie: `gradus-session=${token}` } },
      (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode ?? 0));
      },
    );
    sent.once("error", reject);
    sent.end();
  });
}

/** Sends `rate` votes a second, each at its own moment whatever came of those before; returns what they took. */
async function votesAt(server: TestServer, tokens: readonly string[], rate: number, seconds: number) {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const begun = performance.now();
  const one = async (i: number) => {
    const due = begun + (1000 * i) / rate;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    const round = Math.floor(i / tokens.length);
    const paper = PAPERS[Math.floor(round / 2) % PAPERS.length];
    const status = await vote(server, tokens[i % tokens.length], paper, round % 2 === 0);
    statuses[status] = (statuses[status] ?? 0) + 1;
    // From the moment that it was due: a server that falls behind makes them wait.
    times.push(performance.now() - due);
  };
  await Promise.all(Array.from({ length: rate * seconds }, (_, i) => one(i)));
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1].toFixed(1);
  return { requests: times.length, statuses, p50: at(0.5), p99: at(0.99), most: at(1) };
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const [rate, seconds] = [Number(options.rate), Number(options.seconds)];
  const place = options.server
    ? await serverPlace(options.server, options.keep)
    : embeddedPlace(options.keep);
  const { folder, url } = place;
  const start = (settings: Readonly<Record<string, string>> = {}) =>
    startServer({ folder, environment: url ? { ...settings, DATABASE_URL: url } : settings });
  try {
    await build();
    // A start makes what is missing of the database.
    await (await start()).stop();
    if (options.prepare) return;
    const tokens = await signIn(place);
    const server = await start({ GRADUS_API_LIMIT: "1000000", GRADUS_METRICS: "1" });
    try {
      await votesAt(server, tokens, rate, WARM_UP_SECONDS);
      const { result, costs } = await costing(server, url, () => votesAt(server, tokens, rate, seconds));
      const { statuses, p50, p99, most } = result;
      console.log(describeMachine());
      console.log(`${rate} votes/s for ${seconds} s: p50 ${p50} ms, p99 ${p99} ms, most ${most} ms`);
      const { statements, processor, database } = costs;
      console.log(
        `each ${statements.toFixed(1)} statements, ${processor.toFixed(2)} ms of processor, ${database.toFixed(2)} ms of the database`,
      );
      console.log(JSON.stringify(statuses));
    } finally {
      await server.stop();
    }
  } finally {
    await place.close();
  }
}

await main();
