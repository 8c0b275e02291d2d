import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { rejoinable } from "../transport/rejoinable.ts";
import { type InProcessNetwork, inProcessNetwork } from "./in-process.ts";
import { Inbox } from "./inbox.ts";
import { decodeModel, encodeModel, HEADER_BYTES } from "./message.ts";
import { type PeerOptions, type PeerState, peer } from "./peer.ts";

const start = Float64Array.from([4, -2]);
const center = Float64Array.from([1, 1]);
const settings = {
  start,
  momentum: 0,
  learningRate: 0.5,
  gradient: (model: Float64Array | Float32Array) => model.map((x, k) => x - center[k]),
};

/** Runs a peer up to a step and returns its last iterate. */
async function upTo(steps: number, network: InProcessNetwork, node: number, options: Partial<PeerOptions>) {
  const run = peer({ ...settings, nodes: 4, faulty: 1, transport: network.connect(node), ...options });
  for await (const iterate of run) if (iterate.step >= steps) return iterate;
  throw new Error("the peer ended");
}

/** What a peer with exact gradients has after some steps, all honest nodes being alike. */
const expected = (steps: number) => center.map((c, k) => c + 0.5 ** steps * (start[k] - c));

describe("messages", () => {
  const expectation = { run: 7, sender: 3, dimension: 2, precision: "f64" } as const;
  const message = { run: 7, sender: 3, step: 5, round: 1, model: start };

  test("come back bit for bit, also from a buffer that is not aligned", () => {
    for (const model of [start, Float32Array.from(start)]) {
      const bytes = encodeModel({ ...message, model });
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      const precision = model instanceof Float32Array ? ("f32" as const) : ("f64" as const);
      expect(bytes.byteLength).toBe(HEADER_BYTES + model.byteLength);
      expect(decodeModel(shifted.subarray(3), { ...expectation, precision })).toEqual({ ...message, model });
    }
  });

  test("that are wrong are told apart", () => {
    const bytes = encodeModel(message);
    expect(decodeModel(bytes.subarray(0, 20), expectation)).toBe("size");
    expect(decodeModel(bytes.subarray(0, bytes.length - 1), expectation)).toBe("size");
    expect(decodeModel(bytes, { ...expectation, run: 8 })).toBe("run");
    expect(decodeModel(bytes, { ...expectation, sender: 2 })).toBe("sender");
    expect(decodeModel(bytes, { ...expectation, dimension: 3 })).toBe("shape");
    expect(decodeModel(bytes, { ...expectation, precision: "f32" })).toBe("shape");
    const infinite = Float64Array.from([1, Number.POSITIVE_INFINITY]);
    expect(decodeModel(encodeModel({ ...message, model: infinite }), expectation)).toBe("not finite");
  });

  test("made of any bytes are rejected or finite models, never an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (noise, framed) => {
        const bytes = framed ? encodeModel(message) : noise;
        if (framed) bytes.set(noise.subarray(0, 10), 20);
        const decoded = decodeModel(bytes, expectation);
        if (typeof decoded !== "string") expect(decoded.model.every(Number.isFinite)).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe("an inbox", () => {
  const options = { node: 0, nodes: 4, rounds: 1, run: 0, dimension: 2, precision: "f64" } as const;
  const from = (sender: number, step: number) => ({
    from: sender,
    bytes: encodeModel({ run: 0, sender, step, round: 0, model: start }),
  });

  test("counts what it throws away, and lets no sender fill it", () => {
    const inbox = new Inbox(options);
    inbox.open(2, 0);
    inbox.receive(from(1, 1));
    inbox.receive(from(1, 2));
    inbox.receive(from(1, 2));
    inbox.receive({ from: 9, bytes: new Uint8Array(4) });
    inbox.receive({ from: 2, bytes: new Uint8Array(4) });
    inbox.receive({ ...from(1, 2), from: 3 });
    expect(inbox.rejected).toEqual({ late: 1, repeated: 1, "unknown sender": 1, size: 1, sender: 1 });
    expect(inbox.garbage()).toBe(2);
    expect(inbox.models()).toEqual([{ sender: 1, model: start }]);
    for (let step = 3; step < 1000; step++) inbox.receive(from(1, step));
    expect(inbox.stepAhead(1)).toBe(999);
    expect(inbox.stepAhead(2)).toBeUndefined();
    inbox.receive(from(3, 7));
    expect([1, 2, 3].map((count) => inbox.stepReached(count))).toEqual([999, 7, undefined]);
  });
});

describe("a peer among three others, one of which may be faulty", () => {
  test("goes on without a silent node", async () => {
    const network = inProcessNetwork({ nodes: 4 });
    const last = await Promise.all([0, 1, 2].map((node) => upTo(6, network, node, {})));
    for (const { model, received, rejected, bytesSent } of last) {
      model.forEach((x, k) => {
        expect(x).toBeCloseTo(expected(6)[k], 12);
      });
      expect([received, rejected]).toEqual([3, {}]);
      expect(bytesSent).toBe(6 * 3 * (HEADER_BYTES + 16));
    }
  });

  test("takes no harm from garbage", async () => {
    const network = inProcessNetwork({ nodes: 4 });
    const byzantine = network.connect(3);
    for (let k = 0; k < 50; k++)
      await byzantine.broadcast(Uint8Array.from({ length: k }, (_, i) => 7 * i + k));
    const infinite = start.map(() => Number.POSITIVE_INFINITY);
    await byzantine.broadcast(encodeModel({ run: 0, sender: 3, step: 0, round: 0, model: infinite }));
    await byzantine.broadcast(encodeModel({ run: 0, sender: 1, step: 0, round: 0, model: start }));
    const last = await Promise.all([0, 1, 2].map((node) => upTo(6, network, node, {})));
    for (const { model, rejected } of last) {
      model.forEach((x, k) => {
        expect(x).toBeCloseTo(expected(6)[k], 12);
      });
      expect(rejected).toMatchObject({ "not finite": 1, sender: 1 });
    }
  });

  test("goes on at the deadline when too few models come", async () => {
    const network = inProcessNetwork({ nodes: 4 });
    const { model, missedDeadlines, received } = await upTo(3, network, 0, { deadline: 1 });
    expect([missedDeadlines, received]).toEqual([3, 1]);
    // Alone, it trusts itself: one model is fewer than the rule can work with.
    model.forEach((x, k) => {
      expect(x).toBeCloseTo(expected(3)[k], 12);
    });
  });

  test("that crashed takes up its state and its place among the others", async () => {
    const network = inProcessNetwork({ nodes: 4 });
    const others = [1, 2, 3].map((node) => upTo(40, network, node, {}));
    const { iteration, state } = await upTo(2, network, 0, {});
    await Promise.all(others);
    const kept = parseCheckpoint(serializeCheckpoint(state)) as PeerState;
    const rejoined = upTo(40, network, 0, { resume: { iteration, state: kept } });
    for (const sender of [1, 2, 3])
      await network
        .connect(sender)
        .send(0, encodeModel({ run: 0, sender, step: 39, round: 0, model: expected(40) }));
    const { model, caughtUp, step } = await rejoined;
    expect([caughtUp, step]).toEqual([1, 40]);
    // Its own model, a step old by its own count, is the nearest to itself, two of the others' come with it.
    model.forEach((x, k) => {
      const stale = expected(3)[k];
      expect(x).toBeCloseTo((stale + 2 * expected(40)[k]) / 3, 12);
    });
  });

  test("meets the others again that went on without it, also where no side has enough for a round", async () => {
    // Five honest nodes of seven, two silent: a round wants all five, and two of them are two steps behind.
    const network = inProcessNetwork({ nodes: 7 });
    const numbers = { received: 0, missedDeadlines: 0, caughtUp: 0, rejected: {}, bytesSent: 0 };
    // The two have waited longer. Only their deadline passes, so that no stall of the machine looks like a silent
    // node: the first joins the three, the second finds four ahead and sends what the four still lack.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const running = Promise.all(
      [5, 5, 7, 7, 7].map((step, node) => {
        const state = { model: expected(step), momentum: new Float64Array(2), numbers: { ...numbers, step } };
        const deadline = step === 5 ? 1000 : 2000;
        const options = { nodes: 7, faulty: 2, deadline, resume: { iteration: step, state } };
        return upTo(60, network, node, options);
      }),
    );
    while (vi.getTimerCount() < 5) await setImmediate();
    await vi.advanceTimersByTimeAsync(1000);
    const last = await running;
    for (const { model } of last)
      model.forEach((x, k) => {
        expect(x).toBeCloseTo(center[k], 12);
      });
    expect(last.map(({ caughtUp }) => caughtUp)).toEqual([1, 1, 0, 0, 0]);
    expect(last.map(({ missedDeadlines }) => missedDeadlines)).toEqual([1, 0, 0, 0, 0]);
  });

  test("that waits in vain asks for what the others said last, also when they have finished", async () => {
    let answersLost = 0;
    let haveFinished = false;
    const network = inProcessNetwork({
      nodes: 4,
      wire(_, to, bytes) {
        if (to > 0) return bytes;
        return haveFinished && answersLost++ >= 3 ? bytes : undefined;
      },
    });
    const transports = [0, 1, 2, 3].map((node) => rejoinable(network.connect(node)));
    const options = (node: number): Partial<PeerOptions> => ({ transport: transports[node], deadline: 10 });
    const others = await Promise.all(
      [1, 2, 3].map(async (node) => {
        const last = await upTo(40, network, node, options(node));
        transports[node].subscribe(() => undefined);
        return last;
      }),
    );
    // They say nothing any more but answers, and those to what it asks when it begins to listen are lost.
    haveFinished = true;
    const { caughtUp, model } = await upTo(40, network, 0, options(0));
    expect(caughtUp).toBe(1);
    model.forEach((x, k) => {
      expect(Math.abs(x - center[k])).toBeLessThan(Math.abs(start[k] - center[k]) / 2);
      expect(others[0].model[k]).toBeCloseTo(center[k], 10);
    });
  });

  test("stops waiting when it is told to", async () => {
    const network = inProcessNetwork({ nodes: 4 });
    const stop = new AbortController();
    const waiting = upTo(1, network, 0, { signal: stop.signal });
    queueMicrotask(() => stop.abort(new Error("closed")));
    await expect(waiting).rejects.toThrow("closed");
  });

  test("refuses what it cannot be", async () => {
    const network = inProcessNetwork({ nodes: 9 });
    await expect(upTo(1, network, 8, {})).rejects.toThrow("from 0 to 3, got 8");
    await expect(upTo(1, network, 0, { deadline: 0 })).rejects.toThrow("deadline");
    await expect(upTo(1, network, 0, { faulty: 2 })).rejects.toThrow("half of the 4 nodes");
    await expect(upTo(1, network, 0, { run: -1 })).rejects.toThrow("run");
    expect(() => network.connect(9)).toThrow("from 0 to 8, got 9");
  });
});
