import { randomInt } from "node:crypto";
import { dirname, join } from "node:path";
import process from "node:process";
import {
  assertTolerable,
  attackNames,
  type CollaborativePlan,
  methodNames,
  planId,
  transportNames,
} from "../collaborate/plan.ts";
import { type CollaborativeRecord, storedTrainings, trainingsFolder } from "../collaborate/record.ts";
import {
  coordinatorKeyFile,
  makeRoster,
  readKey,
  readRoster,
  rosterFile,
  writeRoster,
} from "../collaborate/roster.ts";
import { presentTraining, runTraining, type TrainingSettings } from "../collaborate/run-training.ts";
import { didYouMean, either } from "../command-line/suggest.ts";
import { type OptionSpecifications, type ParsedOptions, parseSeed } from "../command-line/values.ts";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { prepareExports } from "../results/exports.ts";
import { LATEST } from "../runs/find.ts";
import { writeLines } from "../terminal/output.ts";

export const collaborateOptions: OptionSpecifications = {
  peers: { value: "N", help: "peers in all (default 10)" },
  byzantine: {
    value: "F",
    help: "how many of them lie, the last ones (default 2; of 5 to 8 peers 1, of fewer 0)",
  },
  attack: { value: attackNames.join("|"), help: "what these do (default ALIE)" },
  method: { value: "NAME", help: `how models are mixed: ${methodNames.join(", ")} (default MoNNA)` },
  transport: {
    value: transportNames.join("|"),
    help: "processes of this machine, processes that meet on a NATS server, or all in one (default process)",
  },
  server: { value: "URL", help: "the NATS server, nats://host:port or tls://... (default NATS_URL)" },
  remote: { value: "I,J,..", help: "peers that are started elsewhere, by collaborate peer" },
  steps: { value: "N", help: "training steps (default 300)" },
  batch: { value: "N", help: "rows in a gradient (default 25)" },
  concentration: { value: "A", help: "the smaller, the more a peer's rows are of few classes (default 1)" },
  deadline: { value: "MS", help: "milliseconds that a round waits for models (default 5000)" },
  seed: { value: "N", help: "seed of data shares, weights, batches and lies (default 1)" },
  key: { value: "FILE", help: "the key of the peer that collaborate peer is to be" },
  html: { value: "FILE", help: "write a report in one HTML file" },
  json: { help: "print the record as JSON, and nothing else, on standard output" },
  help: { short: "h", help: "show this help" },
};

/** What `collaborate` does with trainings besides carrying out a new one. */
export const collaborateActions = ["peer", "resume", "show"] as const;

function one({ values }: ParsedOptions, name: string): string | undefined {
  return values.get(name)?.[0];
}

function whole(options: ParsedOptions, name: string, initial: number, least: number, most: number): number {
  const text = one(options, name);
  if (text === undefined) return initial;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} wants a whole number from ${least} to ${most}, got "${text}"`);
}

function choice<T extends string>(options: ParsedOptions, name: string, known: readonly T[], initial: T): T {
  const text = one(options, name);
  if (text === undefined) return initial;
  const found = known.find((each) => each.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--${name} is ${either(known)}, got "${text}".${didYouMean(text, known)}`);
}

function concentrationOf(options: ParsedOptions): number {
  const text = one(options, "concentration");
  const number = text === undefined ? 1 : Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UsageError(`--concentration wants a number > 0, got "${text}"`);
}

function planOf(options: ParsedOptions): CollaborativePlan {
  const peers = whole(options, "peers", 10, 2, 200);
  const plan = {
    run: randomInt(2 ** 32),
    createdAt: new Date().toISOString(),
    peers,
    byzantine: whole(options, "byzantine", Math.min(2, Math.floor((peers - 1) / 4)), 0, peers),
    attack: choice(options, "attack", attackNames, "ALIE"),
    method: choice(options, "method", methodNames, "MoNNA"),
    transport: choice(options, "transport", transportNames, "process"),
    steps: whole(options, "steps", 300, 1, 100_000),
    batch: whole(options, "batch", 25, 1, 10_000),
    concentration: concentrationOf(options),
    seed: parseSeed(one(options, "seed") ?? "1"),
    deadline: whole(options, "deadline", 5000, 1, 3_600_000),
  };
  assertTolerable(plan);
  return plan;
}

/** The server where the plan wants one. @throws UsageError where it is missing */
function serverOf(
  options: ParsedOptions,
  { transport }: Pick<CollaborativePlan, "transport">,
): string | undefined {
  const server = one(options, "server") ?? process.env.NATS_URL;
  if (transport !== "nats") {
    if (one(options, "server") !== undefined)
      throw new UsageError(`--server is for --transport nats, and this is ${transport}`);
    return undefined;
  }
  if (server) return server;
  throw new UsageError("--transport nats wants a server: --server nats://host:port, or NATS_URL");
}

function remoteOf(options: ParsedOptions, { peers, transport }: CollaborativePlan): number[] {
  const text = one(options, "remote");
  if (text === undefined) return [];
  if (transport !== "nats")
    throw new UsageError("--remote wants --transport nats, which other machines reach");
  return text.split(",").map((word) => {
    const node = /^\d+$/.test(word.trim()) ? Number(word) : Number.NaN;
    if (node < peers) return node;
    throw new UsageError(`--remote wants numbers of peers from 0 to ${peers - 1}, got "${word}"`);
  });
}

function settingOf(options: ParsedOptions, plan: CollaborativePlan): TrainingSettings {
  return {
    server: serverOf(options, plan),
    remote: remoteOf(options, plan),
    html: one(options, "html"),
    json: options.flags.has("json"),
  };
}

async function begin(host: Host, options: ParsedOptions): Promise<number> {
  const plan = planOf(options);
  const setting = settingOf(options, plan);
  await prepareExports(setting);
  const { roster, keys } = await makeRoster(plan);
  const id = planId(plan);
  await writeRoster(join(trainingsFolder(host.home), id), roster, keys);
  return runTraining(host, roster, id, setting);
}

async function named({ home, invocation }: Host, words: readonly string[]): Promise<CollaborativeRecord> {
  const [word = LATEST, ...more] = words;
  if (more.length > 0) throw new UsageError(`collaborate takes one training, got ${words.join(" ")}`);
  const trainings = await storedTrainings(home);
  const found = word === LATEST ? trainings.slice(0, 1) : trainings.filter(({ id }) => id.startsWith(word));
  if (found.length === 1) return found[0];
  throw new UsageError(
    found.length > 1
      ? `several trainings begin with "${word}": ${found.map(({ id }) => id).join(", ")}`
      : `no training is called "${word}"; "${invocation} collaborate" begins one`,
  );
}

async function resume(host: Host, words: readonly string[], options: ParsedOptions): Promise<number> {
  const record = await named(host, words);
  const folder = join(trainingsFolder(host.home), record.id);
  const roster = await readRoster(rosterFile(folder), await readKey(coordinatorKeyFile(folder)));
  const setting = settingOf(options, roster.plan);
  await prepareExports(setting);
  if (record.finished) {
    await presentTraining(host, record, setting);
    return exitStatus.fine;
  }
  return runTraining(host, roster, record.id, setting);
}

async function peer(host: Host, words: readonly string[], options: ParsedOptions): Promise<number> {
  const [file, ...more] = words;
  const keyPath = one(options, "key");
  if (file === undefined || more.length > 0 || keyPath === undefined)
    throw new UsageError(
      `collaborate peer wants the roster and a key: ${host.invocation} collaborate peer roster.json --key peer-3.key.json --server nats://host:4222`,
    );
  const key = await readKey(keyPath);
  const roster = await readRoster(file, key);
  const server = serverOf(options, roster.plan);
  if (server === undefined)
    throw new UsageError(
      `${file} is of a training by ${roster.plan.transport}, which no other machine can join`,
    );
  const { natsWire } = await import("../collaborate/nats-wire.ts");
  const { runPeer } = await import("../collaborate/run-peer.ts");
  const wire = await natsWire(server, roster.plan, key.node, (line) => writeLines(host.err, [line]));
  const name = `peer ${key.node} of training ${planId(roster.plan)}`;
  await runPeer({
    roster,
    key,
    wire,
    folder: dirname(keyPath),
    signal: host.signal,
    observe(event) {
      if (event === "ready") writeLines(host.out, [`${name} is ready; waiting for the coordinator`]);
      else if (event === "begun") writeLines(host.out, [`${name} has begun`]);
      else
        writeLines(host.out, [
          `step ${event.step}: accuracy ${event.accuracy.toFixed(3)}${event.finished ? ", finished" : ""}`,
        ]);
    },
  });
  return exitStatus.fine;
}

/** `gradus collaborate`: trains by peers of which some lie, as processes of their own. Returns the exit status. */
export async function collaborate(host: Host, options: ParsedOptions): Promise<number> {
  const [action, ...words] = options.positionals;
  if (action === undefined) return begin(host, options);
  if (action === "peer") return peer(host, words, options);
  if (action === "resume") return resume(host, words, options);
  if (action !== "show")
    throw new UsageError(
      `collaborate has no action "${action}"; it has ${either(collaborateActions)}.${didYouMean(action, collaborateActions)}`,
    );
  const setting = { html: one(options, "html"), json: options.flags.has("json") };
  await prepareExports(setting);
  await presentTraining(host, await named(host, words), setting);
  return exitStatus.fine;
}
