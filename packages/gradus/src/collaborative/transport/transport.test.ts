import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { inProcessNetwork } from "../peer/in-process.ts";
import type { Envelope, Transport } from "../peer/transport.ts";
import { chunkedTransport } from "./chunked.ts";
import { generateSigningKeys, type SigningKeys, signer, verifier } from "./keys.ts";
import { type NatsConnection, natsTransport } from "./nats.ts";
import { rejoinable } from "./rejoinable.ts";
import { ReplayWindow } from "./replay-window.ts";
import { SIGNED_BYTES, signedTransport } from "./signed.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = ({ from, bytes: data }: Envelope) => `${from}: ${new TextDecoder().decode(data)}`;

/** Resolves with the texts of the first so many messages. */
function heard(transport: Transport, count: number): Promise<string[]> {
  const texts: string[] = [];
  return new Promise((resolve) => {
    transport.subscribe((envelope) => {
      if (texts.push(textOf(envelope)) === count) resolve(texts);
    });
  });
}

let keys: readonly SigningKeys[];
beforeAll(async () => {
  keys = await Promise.all([0, 1, 2].map(generateSigningKeys));
});

const signedOver = (wire: Transport, { privateKey = keys[wire.node].privateKey, run = 7 } = {}) =>
  signedTransport({ wire, privateKey, publicKeys: keys.map((k) => k.publicKey), run, mostBytes: 100 });

describe("signing keys", () => {
  test("are read as RFC 8032 writes them: its second test signs as it says", async () => {
    const hex = (text: string) =>
      Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const base64 = (data: Uint8Array) => btoa(String.fromCharCode(...data));
    // PKCS #8 of RFC 8410 in front of the 32 bytes of the RFC's secret key.
    const secret = hex(
      "302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    );
    const sign = await signer(base64(secret));
    const signature = await sign(hex("72"));
    expect(Buffer.from(signature).toString("hex")).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    const verify = await verifier(
      base64(hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")),
    );
    expect(await verify(signature, hex("72"))).toBe(true);
    expect(await verify(signature, hex("73"))).toBe(false);
  });

  test("that are none are refused by name", async () => {
    await expect(verifier("not base64!")).rejects.toThrow("publicKey must be base64");
    await expect(verifier(btoa("short"))).rejects.toThrow("publicKey must be an Ed25519 key");
    await expect(signer(keys[0].publicKey)).rejects.toThrow("privateKey must be an Ed25519 key");
  });
});

describe("a signed transport", () => {
  test("hands on what was sent to it, in order, and nothing is rejected", async () => {
    const network = inProcessNetwork({ nodes: 3 });
    const [alice, bob] = await Promise.all([0, 1].map((node) => signedOver(network.connect(node))));
    const received = heard(bob, 3);
    await alice.broadcast(bytes("one"));
    await alice.send(1, bytes("two"));
    await alice.broadcast(bytes(""));
    expect(await received).toEqual(["0: one", "0: two", "0: "]);
    expect(bob.rejected).toEqual({});
  });

  test("hears a node that was restarted a millisecond after it had sent a thousand messages", async () => {
    const network = inProcessNetwork({ nodes: 2 });
    const wire = network.connect(0);
    const bob = await signedOver(network.connect(1));
    const received: string[] = [];
    bob.subscribe((envelope) => received.push(textOf(envelope)));
    vi.spyOn(Date, "now").mockReturnValueOnce(1_700_000_000_000).mockReturnValueOnce(1_700_000_000_001);
    const before = await signedOver(wire);
    for (let k = 0; k < 1000; k++) await before.send(1, bytes("before"));
    const after = await signedOver(wire);
    await after.send(1, bytes("after"));
    vi.restoreAllMocks();
    const settled = () => received.length + (bob.rejected.replayed ?? 0);
    await vi.waitFor(() => expect(settled()).toBe(1001), { timeout: 60_000 });
    expect(received[1000]).toBe("0: after");
  });

  test("lets 1024 messages in a node's name wait, and more once they have been verified", async () => {
    const listeners: ((envelope: Envelope) => void)[] = [];
    const wire: Transport = {
      node: 1,
      send: async () => {},
      broadcast: async () => {},
      subscribe: (listener) => {
        listeners.push(listener);
        return () => {};
      },
    };
    const bob = await signedOver(wire);
    bob.subscribe(() => {});
    const flood = (count: number) => {
      for (let k = 0; k < count; k++) listeners[0]({ from: 0, bytes: new Uint8Array(SIGNED_BYTES) });
    };
    flood(1030);
    expect(bob.rejected.flood).toBe(6);
    await vi.waitFor(() => expect(bob.rejected.signature).toBe(1024), { timeout: 60_000 });
    await new Promise((resolve) => setImmediate(resolve));
    flood(1024);
    expect(bob.rejected.flood).toBe(6);
  });

  test("rejects and counts everything that is not what its sender sent to it, in this training, once", async () => {
    const network = inProcessNetwork({ nodes: 3 });
    const wires = [0, 1, 2].map((node) => network.connect(node));
    const captured: Uint8Array[] = [];
    wires[2].subscribe(({ bytes: packed }) => captured.push(packed));
    const [alice, bob, impostor, elsewhere] = await Promise.all([
      signedOver(wires[0]),
      signedOver(wires[1]),
      signedOver(wires[0], { privateKey: keys[2].privateKey }),
      signedOver(wires[0], { run: 8 }),
    ]);
    const received = heard(bob, 2);
    await alice.broadcast(bytes("true"));
    await alice.send(2, bytes("for two"));
    await Promise.resolve();
    const [broadcast, personal] = captured;
    // The same again; one meant for another; each part of it altered; another's key; another training; no size.
    await wires[0].send(1, broadcast);
    await wires[0].send(1, personal);
    for (const place of [0, 63, 64, 68, 75, SIGNED_BYTES])
      await wires[0].send(
        1,
        broadcast.map((byte, k) => (k === place ? byte ^ 1 : byte)),
      );
    await wires[2].send(1, broadcast);
    await impostor.send(1, bytes("false"));
    await elsewhere.send(1, bytes("elsewhere"));
    await wires[0].send(1, new Uint8Array(SIGNED_BYTES - 1));
    await wires[0].send(1, new Uint8Array(SIGNED_BYTES + 101));
    await alice.send(1, bytes("end"));
    expect(await received).toEqual(["0: true", "0: end"]);
    expect(bob.rejected).toEqual({ replayed: 1, signature: 10, size: 2 });
  });

  test("bears any bytes", async () => {
    const network = inProcessNetwork({ nodes: 3 });
    const bob = await signedOver(network.connect(1));
    const received: Envelope[] = [];
    bob.subscribe((envelope) => received.push(envelope));
    const wire = network.connect(0);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
        await wire.send(1, noise);
      }),
      { seed: 3 },
    );
    const alice = await signedOver(wire);
    const last = heard(bob, 1);
    await alice.send(1, bytes("still there"));
    expect(await last).toEqual(["0: still there"]);
    expect(received).toHaveLength(1);
    const { size, signature } = bob.rejected;
    expect(size + (signature ?? 0)).toBe(100);
  });

  test("wants a key of its own", async () => {
    const network = inProcessNetwork({ nodes: 9 });
    await expect(signedOver(network.connect(8), { privateKey: keys[0].privateKey })).rejects.toThrow(
      "a key for node 8, got 3",
    );
  });
});

test("a replay window admits each count once, in any order, while it is not far behind", () => {
  const order = fc.shuffledSubarray(Array.from({ length: 1024 }, (_, k) => 5e12 + k));
  fc.assert(
    fc.property(order, (counts) => {
      const window = new ReplayWindow();
      expect(counts.every((count) => window.admit(count))).toBe(true);
      expect(counts.some((count) => window.admit(count))).toBe(false);
    }),
    { seed: 4, numRuns: 20 },
  );
  const window = new ReplayWindow();
  expect([5000, 3976, 3977, Number.NaN, 4.5, 2 ** 53].map((count) => window.admit(count))).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
  ]);
});

describe("a chunked transport", () => {
  test("carries any message over a wire of short ones that keeps no order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 13, max: 30 }),
        fc.infiniteStream(fc.nat()),
        (messages, limit, draws) => {
          const sent: Uint8Array[] = [];
          const listeners: ((envelope: Envelope) => void)[] = [];
          const wire: Transport = {
            node: 0,
            send: () => undefined,
            broadcast: (chunk) => void sent.push(chunk),
            subscribe: (listener) => {
              listeners.push(listener);
              return () => undefined;
            },
          };
          const chunked = chunkedTransport({ transport: wire, limit, mostBytes: 40 });
          const received: string[] = [];
          chunked.subscribe(({ bytes: whole }) => received.push(whole.join()));
          for (const message of messages) void chunked.broadcast(message);
          expect(sent.every((chunk) => chunk.length <= limit)).toBe(true);
          while (sent.length > 0) {
            const [chunk] = sent.splice((draws.next().value ?? 0) % sent.length, 1);
            for (const listener of listeners) listener({ from: 1, bytes: chunk });
          }
          expect(received.sort()).toEqual(messages.map((message) => message.join()).sort());
        },
      ),
      { seed: 5 },
    );
  });

  test("puts together nothing that is too long, broken or repeated, whatever comes", async () => {
    const network = inProcessNetwork({ nodes: 2 });
    const received: Envelope[] = [];
    chunkedTransport({ transport: network.connect(1), limit: 20, mostBytes: 32 }).subscribe((envelope) =>
      received.push(envelope),
    );
    const wire = network.connect(0);
    const chunk = (id: number, place: number, count: number, length = 8) => {
      const header = new Uint8Array(new Uint32Array([id, place, count]).buffer);
      const whole = new Uint8Array(12 + length);
      whole.set(header);
      return wire.send(1, whole);
    };
    await chunk(1, 0, 5);
    await chunk(1, 0, 0);
    await chunk(1, 3, 2);
    await wire.send(1, new Uint8Array(11));
    // Two chunks under one number that say they are of messages of two and three.
    await chunk(2, 0, 2);
    await chunk(2, 1, 3);
    await chunk(2, 0, 2);
    // More than the longest message in as many chunks as allowed.
    await chunk(3, 0, 2, 30);
    await chunk(3, 1, 2, 30);
    // Five unfinished ones after the second: it is forgotten.
    for (const id of [4, 5, 6, 7, 8]) await chunk(id, 0, 2);
    await chunk(2, 1, 2);
    await chunk(8, 1, 2);
    expect(received.map(({ bytes: whole }) => whole.length)).toEqual([16]);
  });

  test("needs room for a byte", () => {
    const transport = inProcessNetwork({ nodes: 1 }).connect(0);
    expect(() => chunkedTransport({ transport, limit: 12, mostBytes: 9 })).toThrow("more than 12");
  });
});

test("who begins to listen is told what the others have said last, and again when it asks, within limits", async () => {
  const network = inProcessNetwork({ nodes: 3 });
  const told: string[] = [];
  const wire = (node: number): Transport => {
    const inner = network.connect(node);
    return {
      ...inner,
      send(to, message) {
        told.push(`${node} tells ${to}`);
        return inner.send(to, message);
      },
    };
  };
  const [first, second] = [0, 1].map((node) => rejoinable(wire(node)));
  first.subscribe(() => undefined);
  second.subscribe(() => undefined);
  await first.broadcast(bytes("round 1"));
  await first.broadcast(bytes("round 2"));
  const late = rejoinable(wire(2));
  const received = heard(late, 3);
  // What was sent before it listened was kept by this network, which others do not.
  expect(await received).toEqual(["0: round 1", "0: round 2", "0: round 2"]);
  const again = heard(late, 1);
  await late.askAgain?.();
  expect(await again).toEqual(["0: round 2"]);
  for (let k = 0; k < 5; k++) await wire(2).broadcast(Uint8Array.of(1));
  await Promise.resolve();
  expect(told.filter((line) => line === "0 tells 2")).toHaveLength(3);
  const next = heard(late, 1);
  await first.broadcast(bytes("round 3"));
  expect(await next).toEqual(["0: round 3"]);
});

describe("a NATS transport", () => {
  /** A server that knows `*` for one word. */
  function server(): NatsConnection {
    const subscriptions = new Set<{
      pattern: RegExp;
      callback: Parameters<NatsConnection["subscribe"]>[1]["callback"];
    }>();
    return {
      publish(subject, data) {
        for (const { pattern, callback } of subscriptions)
          if (pattern.test(subject)) callback(null, { subject, data });
      },
      subscribe(subject, { callback }) {
        const subscription = { pattern: new RegExp(`^${subject.replace("*", "[^.]+")}$`), callback };
        subscriptions.add(subscription);
        return { unsubscribe: () => subscriptions.delete(subscription) };
      },
    };
  }

  test("reaches one or all, itself excepted, and names the sender that the subject names", async () => {
    const connection = server();
    const [zero, one, watcher] = [0, 1, 2].map((node) =>
      natsTransport({ connection, subject: "gradus.7", node, nodes: 2 }),
    );
    const received: string[] = [];
    const stop = [zero, one, watcher].map((transport) =>
      transport.subscribe((envelope) => received.push(`${transport.node} < ${textOf(envelope)}`)),
    );
    await zero.broadcast(bytes("all"));
    await one.send(2, bytes("report"));
    await watcher.broadcast(bytes("go"));
    connection.publish("gradus.7.1.x", bytes("who?"));
    expect(received).toEqual(["1 < 0: all", "2 < 1: report", "0 < 2: go", "1 < 2: go", "1 < -1: who?"]);
    for (const end of stop) end();
    await zero.broadcast(bytes("gone"));
    expect(received).toHaveLength(5);
  });

  test("refuses subjects that would listen to others", () => {
    const connection = server();
    for (const subject of ["", "a..b", "a.>", "*", "a b"])
      expect(() => natsTransport({ connection, subject, node: 0, nodes: 1 })).toThrow(
        "subject must be dot-separated words",
      );
    expect(() => natsTransport({ connection, subject: "a", node: -1, nodes: 1 })).toThrow("got -1");
  });
});
