import { randomInt } from "node:crypto";
import { dirname, join } from "node:path";
import process from "node:process";
import { assertTolerable, type CollaborativePlan, planId } from "../collaborate/plan.ts";
import { type CollaborativeRecord, storedTrainings } from "../collaborate/record.ts";
import {
  coordinatorKeyFile,
  makeRoster,
  readKey,
  readRoster,
  rosterFile,
  writeRoster,
} from "../collaborate/roster.ts";
import { presentTraining, runTraining, type TrainingSettings } from "../collaborate/run-training.ts";
import { LATEST } from "../command-line/latest.ts";
import { exitStatus, UsageError } from "../errors.ts";
import { homeFolder, makeHomeFolder } from "../files/home-folder.ts";
import type { Host } from "../host.ts";
import { prepareExports } from "../results/exports.ts";
import { outputsBeside } from "../results/outputs-beside.ts";
import { writeLines } from "../terminal/output.ts";

export interface ShowTrainingOptions {
  readonly html?: string;
  readonly json?: boolean;
}

export interface ResumeOptions extends ShowTrainingOptions {
  readonly server?: string;
  /** Such as `6,7`. */
  readonly remote?: string;
}

export interface CollaborateOptions
  extends ResumeOptions,
    Partial<Omit<CollaborativePlan, "run" | "createdAt">> {}

export interface PeerOptions {
  readonly key: string;
  readonly server?: string;
}

function planOf(options: CollaborateOptions): CollaborativePlan {
  const { peers = 10 } = options;
  const plan = {
    run: randomInt(2 ** 32),
    createdAt: new Date().toISOString(),
    peers,
    byzantine: options.byzantine ?? Math.min(2, Math.floor((peers - 1) / 4)),
    attack: options.attack ?? "ALIE",
    method: options.method ?? "MoNNA",
    transport: options.transport ?? "process",
    steps: options.steps ?? 300,
    batch: options.batch ?? 25,
    concentration: options.concentration ?? 1,
    seed: options.seed ?? 1,
    deadline: options.deadline ?? 5000,
  };
  assertTolerable(plan);
  return plan;
}

/** The server where the plan needs one. @throws UsageError where it is missing */
function serverOf(
  given: string | undefined,
  { transport }: Pick<CollaborativePlan, "transport">,
): string | undefined {
  if (transport !== "nats") {
    if (given === undefined) return undefined;
    throw new UsageError(`--server needs --transport nats, got --transport ${transport}`);
  }
  const server = given ?? process.env.NATS_URL;
  if (server) return server;
  throw new UsageError("--transport nats needs a server: --server nats://host:port, or NATS_URL");
}

function remoteOf(text: string | undefined, { peers, transport }: CollaborativePlan): number[] {
  if (text === undefined) return [];
  if (transport !== "nats")
    throw new UsageError("--remote needs --transport nats, which connects to other machines");
  return text.split(",").map((word) => {
    const node = /^\d+$/.test(word.trim()) ? Number(word) : Number.NaN;
    if (node < peers) return node;
    throw new UsageError(`--remote needs peer numbers from 0 to ${peers - 1}, got "${word}"`);
  });
}

function settingsOf(options: ResumeOptions, plan: CollaborativePlan): TrainingSettings {
  return {
    server: serverOf(options.server, plan),
    remote: remoteOf(options.remote, plan),
    html: options.html,
    json: options.json ?? false,
  };
}

/** `gradus collaborate`: trains with peers of which some are Byzantine. Returns the exit status. */
export async function collaborate(given: Host, options: CollaborateOptions): Promise<number> {
  const plan = planOf(options);
  const settings = settingsOf(options, plan);
  const host = outputsBeside(given, { "--html": settings.html }, settings.json);
  await prepareExports(settings);
  const { roster, keys } = await makeRoster(plan);
  const id = planId(plan);
  await writeRoster(join(await makeHomeFolder(host.home, "collaborate"), id), roster, keys);
  return runTraining(host, roster, id, settings);
}

async function findTraining({ home, invocation }: Host, name: string = LATEST): Promise<CollaborativeRecord> {
  const trainings = await storedTrainings(home);
  const found = name === LATEST ? trainings.slice(0, 1) : trainings.filter(({ id }) => id.startsWith(name));
  if (found.length === 1) return found[0];
  throw new UsageError(
    found.length > 1
      ? `"${name}" matches several trainings: ${found.map(({ id }) => id).join(", ")}`
      : `there is no training "${name}"; start one: ${invocation} collaborate`,
  );
}

/** `gradus collaborate resume`. Returns the exit status. */
export async function resume(given: Host, name: string | undefined, options: ResumeOptions): Promise<number> {
  const host = outputsBeside(given, { "--html": options.html }, options.json);
  const record = await findTraining(host, name);
  const folder = join(homeFolder(host.home, "collaborate"), record.id);
  const roster = await readRoster(rosterFile(folder), await readKey(coordinatorKeyFile(folder)));
  const settings = settingsOf(options, roster.plan);
  await prepareExports(settings);
  if (record.finished) {
    await presentTraining(host, record, settings);
    return exitStatus.success;
  }
  return runTraining(host, roster, record.id, settings);
}

/** `gradus collaborate peer`. Returns the exit status. */
export async function peer(host: Host, rosterPath: string, options: PeerOptions): Promise<number> {
  const { key: keyPath } = options;
  const key = await readKey(keyPath);
  const roster = await readRoster(rosterPath, key);
  const server = serverOf(options.server, roster.plan);
  if (server === undefined)
    throw new UsageError(
      `${rosterPath} belongs to a training with --transport ${roster.plan.transport}, which other machines cannot join`,
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
      else if (event === "begun") writeLines(host.out, [`${name} has started`]);
      else
        writeLines(host.out, [
          `step ${event.step}: accuracy ${event.accuracy.toFixed(3)}${event.finished ? ", finished" : ""}`,
        ]);
    },
  });
  return exitStatus.success;
}

/** `gradus collaborate show`. Returns the exit status. */
export async function show(
  given: Host,
  name: string | undefined,
  { html, json = false }: ShowTrainingOptions,
): Promise<number> {
  const host = outputsBeside(given, { "--html": html }, json);
  await prepareExports({ html });
  await presentTraining(host, await findTraining(host, name), { html, json });
  return exitStatus.success;
}
