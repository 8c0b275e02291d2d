// The NATS server is killed and restarted on its port, at various moments of a training.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasNatsServer, type NatsServer, startNatsServer } from "../fixture/nats-server.ts";
import { type PeerEvent, trainOverNats } from "../fixture/nats-training.ts";
import { gradus } from "../fixture/program.ts";
import { processesOf } from "../fixture/training.ts";
import type { CollaborativePlan } from "./plan.ts";
import type { CollaborativeRecord } from "./record.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-outage-"));
});
afterEach(() => rm(folder, { recursive: true }));

const plan: CollaborativePlan = {
  run: 77,
  createdAt: "2026-01-01T00:00:00.000Z",
  peers: 4,
  byzantine: 1,
  attack: "ALIE",
  method: "MoNNA",
  transport: "nats",
  steps: 40,
  batch: 10,
  concentration: 1,
  seed: 7,
  deadline: 250,
};

const states = ({ nodes }: CollaborativeRecord) =>
  nodes.map(({ byzantine, state, report }) => (byzantine ? "Byzantine" : `${state} ${report?.step}`));
const everyone = [...new Array(3).fill("finished 40"), "Byzantine"];

const reaches = (step: number) => (event: PeerEvent) => typeof event === "object" && event.step >= step;
const is = (name: PeerEvent) => (event: PeerEvent) => event === name;

async function restart(server: NatsServer): Promise<void> {
  await server.kill();
  await server.startAgain();
}

describe.skipIf(!hasNatsServer)("a NATS server (skipped without nats-server)", () => {
  it.each([
    ["before anyone is ready", is("ready"), 1],
    ["when all are ready, and it is said that they are to begin", is("ready"), 4],
    ["when one has begun", is("begun"), 1],
    ["when all have begun", is("begun"), 4],
    ["early", reaches(10), 2],
    ["late", reaches(35), 1],
    ["when the first has finished", reaches(40), 1],
    ["when all have finished", reaches(40), 3],
  ])("may be killed and start again %s", async (__, happens, times) => {
    await using server = await startNatsServer();
    let count = 0;
    let struck: Promise<void> | undefined;
    const record = await trainOverNats({
      url: `nats://127.0.0.1:${server.port}`,
      plan,
      folder,
      observe(_, event) {
        if (happens(event)) count += 1;
        if (count >= times) struck ??= restart(server);
      },
    });
    await struck;
    expect(struck).toBeDefined();
    expect(states(record)).toEqual(everyone);
  });

  it("can be killed repeatedly, also when the end is announced", async () => {
    await using server = await startNatsServer();
    const strikes: Promise<void>[] = [];
    const record = await trainOverNats({
      url: `nats://127.0.0.1:${server.port}`,
      plan: { ...plan, steps: 60 },
      folder,
      observe(_, event) {
        // Each of the first three peers to reach a further step.
        if (reaches(15 * (strikes.length + 1))(event) && strikes.length < 3)
          strikes.push(Promise.all(strikes).then(() => restart(server)));
      },
      async over() {
        await Promise.all(strikes);
        await server.kill();
        strikes.push(server.startAgain());
      },
    });
    await Promise.all(strikes);
    expect(strikes).toHaveLength(4);
    expect(states(record)).toEqual([...new Array(3).fill("finished 60"), "Byzantine"]);
  });

  it("is waited for by a process that is restarted while it is down", async () => {
    await using server = await startNatsServer();
    const run = gradus(
      `collaborate --peers 4 --byzantine 1 --steps 200 --deadline 500 --transport nats --server nats://127.0.0.1:${server.port} --json`,
    );
    const processes = processesOf(run);
    await run.until("10%");
    await server.kill();
    await run.until("is unreachable; waiting");
    const before = processes.get(1) ?? 0;
    process.kill(before, "SIGKILL");
    await run.until("peer 1 ended (SIGKILL); starting it again");
    await run.until("peer 1: no NATS server at");
    await server.startAgain();
    const { status, out, err } = await run.ended;
    expect(status, err).toBe(0);
    expect(err).toContain("is reachable again");
    const record: CollaborativeRecord = JSON.parse(out);
    expect(states(record)).toEqual([...new Array(3).fill("finished 200"), "Byzantine"]);
    expect(record.nodes[1].restarts).toBe(1);
  });
});
