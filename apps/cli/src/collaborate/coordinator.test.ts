import { type InProcessNetworkOptions, inProcessNetwork } from "gradus/collaborative";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Downward, encode, hearCoordinator, type PeerReport, type Upward } from "./control-messages.ts";
import { Coordinator } from "./coordinator.ts";
import { PeerHandshake } from "./peer-handshake.ts";
import type { CollaborativePlan } from "./plan.ts";
import { makeRoster } from "./roster.ts";
import { TrainingStatus } from "./training-status.ts";
import { transportLayers } from "./transport-layers.ts";
import { MOST_BYTES } from "./wire.ts";

/** Messages are signed in threads, which on a busy machine take their turn. */
const PATIENCE = { timeout: 90_000 };

const plan: CollaborativePlan = {
  run: 5,
  createdAt: "2026-01-01T00:00:00.000Z",
  peers: 2,
  byzantine: 0,
  attack: "silent",
  method: "MoNNA",
  transport: "process",
  steps: 10,
  batch: 1,
  concentration: 1,
  seed: 1,
  deadline: 100,
};

function report(step: number): PeerReport {
  const counts = { missedDeadlines: 0, caughtUp: 0, rejected: {}, ignored: {}, bytesSent: 0 };
  return { kind: "report", step, accuracy: 0.5, finished: step === plan.steps, ...counts };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Loses the first message of each kind between each pair of nodes. Signed messages can be read. */
function losingFirst() {
  const lost = new Set<string>();
  const wire = (from: number, to: number, bytes: Uint8Array) => {
    const kind = /"kind":"(\w+)"/.exec(new TextDecoder().decode(bytes))?.[1];
    const what = `${from} to ${to}: ${kind}`;
    if (lost.has(what)) return bytes;
    lost.add(what);
    return undefined;
  };
  return { lost, wire };
}

/** A coordinator, and two peers that send what the test says unless they have an appointment. */
async function meeting(wire?: InProcessNetworkOptions["wire"]) {
  const { roster, keys } = await makeRoster(plan);
  const network = inProcessNetwork({ nodes: 3, wire });
  const wires = keys.map(({ node }) => ({
    transport: network.connect(node),
    limit: MOST_BYTES,
    close: async () => undefined,
  }));
  const ledger = new TrainingStatus(plan);
  let heard: () => void = () => undefined;
  const coordinator = new Coordinator({
    roster,
    key: keys[2],
    wire: wires[2],
    ledger,
    signal: new AbortController().signal,
    changed: () => heard(),
    failed: () => undefined,
  });
  await coordinator.open();
  const peers = await Promise.all([0, 1].map((node) => transportLayers(wires[node], roster, keys[node])));
  const told: (readonly [number, Downward["kind"]])[] = [];
  peers.forEach(({ control }, node) => {
    hearCoordinator(control, 2, ({ kind }) => told.push([node, kind]));
  });
  /** Resolves when the coordinator has handled it. */
  async function say(node: number, message: Upward): Promise<void> {
    const taken = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await peers[node].control.send(2, encode(message));
    await taken;
  }
  const appointments = () => peers.map(({ control }) => new PeerHandshake(control, 2));
  return { coordinator, ledger, say, told, appointments, finish: coordinator.finish() };
}

const states = (ledger: TrainingStatus) => [0, 1].map((node) => ledger.node(node).state);

describe("a coordinator", () => {
  it("starts when all peers are ready, and ends when all have finished", async () => {
    const { coordinator, ledger, say, told, finish } = await meeting();
    await say(0, { kind: "ready", nonce: "a" });
    expect(states(ledger)).toEqual(["ready", "waiting"]);
    await say(1, { kind: "ready", nonce: "b" });
    expect(states(ledger)).toEqual(["training", "training"]);
    for (const node of [0, 1]) await say(node, report(10));
    await finish;
    void say(0, report(5));
    const stopped = coordinator.stop();
    await vi.waitFor(() => expect(told.filter(([, kind]) => kind === "stop")).toHaveLength(2), PATIENCE);
    // Each is signed in a thread of its own, so either may come first.
    const gone = told.filter(([, kind]) => kind === "go").map(([node]) => node);
    expect(gone.sort()).toEqual([0, 1]);
    // One reports it, the process of the other ends.
    coordinator.left(0);
    void say(1, { kind: "bye", nonce: "b" });
    expect(await stopped).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("finishes even if every message is lost the first time", async () => {
    const { lost, wire } = losingFirst();
    const { coordinator, ledger, appointments, finish } = await meeting(wire);
    const peers = appointments();
    const begun = peers.map((each) => each.begin(new AbortController().signal));
    const becomes = (...wanted: string[]) =>
      vi.waitFor(() => {
        vi.advanceTimersByTime(1000);
        expect(states(ledger)).toEqual(wanted);
      }, PATIENCE);
    await becomes("training", "training");
    await Promise.all(begun);
    await Promise.all(peers.map((each) => each.tell(report(10))));
    await becomes("finished", "finished");
    await finish;
    expect(await coordinator.stop()).toEqual([]);
    expect(peers.map(({ stopped: { aborted } }) => aborted)).toEqual([true, true]);
    expect([...lost].map((what) => what.replace(/^\d to \d: /, "")).sort()).toEqual(
      ["who", "ready", "go", "report", "stop", "bye"].flatMap((kind) => [kind, kind]).sort(),
    );
  });

  it("is not kept waiting by repeated messages", async () => {
    const { ledger, say, finish } = await meeting();
    for (const node of [0, 1]) await say(node, { kind: "ready", nonce: String(node) });
    await say(0, report(10));
    vi.advanceTimersByTime(9_999);
    void say(0, report(10));
    void say(0, { kind: "ready", nonce: "0" });
    await say(0, { kind: "failed", message: "said last" });
    expect(states(ledger)).toEqual(["finished", "training"]);
    vi.advanceTimersByTime(1);
    await finish;
    expect(states(ledger)).toEqual(["finished", "missing"]);
  });

  it("ends when the peers can no longer be reached", async () => {
    let isClosed = false;
    const { finish } = await meeting((_, __, bytes) => {
      if (isClosed) throw new Error("connection closed");
      return bytes;
    });
    isClosed = true;
    const ended = expect(finish).rejects.toThrow("the connection to the peers was closed");
    vi.advanceTimersByTime(1000);
    await ended;
  });

  it("waits a while for the last peers to finish", async () => {
    const { ledger, say, finish } = await meeting();
    for (const node of [0, 1]) await say(node, { kind: "ready", nonce: String(node) });
    await say(0, report(10));
    vi.advanceTimersByTime(10_000);
    await finish;
    expect(states(ledger)).toEqual(["finished", "missing"]);
  });

  it("gives up when no peer is heard any more, and can be resumed", async () => {
    const { say, finish } = await meeting();
    for (const node of [0, 1]) await say(node, { kind: "ready", nonce: String(node) });
    await say(0, report(5));
    vi.advanceTimersByTime(59_999);
    await say(1, report(5));
    vi.advanceTimersByTime(59_999);
    const ended = expect(finish).rejects.toThrow(
      'no message from any peer for 60 s; check the connection, then resume with "collaborate resume 00000005"',
    );
    vi.advanceTimersByTime(1);
    await ended;
  });
});
