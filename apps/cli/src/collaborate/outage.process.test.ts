// The coordinator is killed and started again.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { hasNatsServer, startNatsServer } from "../fixture/nats-server.ts";
import { folder, gradus } from "../fixture/program.ts";
import { isAlive, processesOf } from "../fixture/training.ts";
import type { CollaborativeRecord } from "./record.ts";

const finished = ({ nodes }: CollaborativeRecord) =>
  nodes.filter(({ byzantine, state }) => !byzantine && state === "finished").length;

describe.skipIf(!hasNatsServer)("a training (skipped without nats-server)", { timeout: 300_000 }, () => {
  it("ends its processes when the coordinator is killed, and resumes with a remote peer that kept running", async () => {
    await using server = await startNatsServer();
    const url = `nats://127.0.0.1:${server.port}`;
    const run = gradus(
      `collaborate --peers 4 --byzantine 1 --steps 100 --deadline 500 --transport nats --server ${url} --remote 2`,
    );
    const processes = processesOf(run);
    await run.until("peer-2.key.json");
    const [id] = await readdir(join(folder, ".gradus", "collaborate"));
    const kept = `.gradus/collaborate/${id}`;
    const elsewhere = gradus(
      `collaborate peer ${kept}/roster.json --key ${kept}/peer-2.key.json --server ${url}`,
    );
    await run.until("30%");
    run.child.kill("SIGKILL");
    await vi.waitFor(() => expect([...processes.values()].filter(isAlive)).toEqual([]), {
      timeout: 90_000,
      interval: 50,
    });
    const resumed = await gradus(`collaborate resume --server ${url} --remote 2 --json`).ended;
    expect(resumed.status, resumed.err).toBe(0);
    expect(finished(JSON.parse(resumed.out))).toBe(3);
    const peer = await elsewhere.ended;
    expect(peer.status, peer.err).toBe(0);
    expect(peer.out).toContain(", finished");
  });
});
