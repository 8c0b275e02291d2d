// The bytes that a real server receives and sends per round of models, compared with the least possible.
import { connect } from "@nats-io/transport-node";
import {
  chunkedTransport,
  generateSigningKeys,
  natsTransport,
  peer,
  rejoinable,
  SIGNED_BYTES,
  signedTransport,
} from "gradus/collaborative";
import { describe, expect, it } from "vitest";
import { hasNatsServer, startNatsServer } from "../fixture/nats-server.ts";

const nodes = 6;
const run = 9;

describe.skipIf(!hasNatsServer)("a round over a NATS server (skipped without nats-server)", () => {
  it.each([
    ["the network of the digits", 2410, 40, 1.02],
    ["the paper's convolutional network, longer than a message of the server", 431_080, 3, 1.001],
  ])("costs hardly more bytes than n(n - 1) models: %s", async (_, dimension, steps, most) => {
    await using server = await startNatsServer();
    const keys = await Promise.all(Array.from({ length: nodes }, generateSigningKeys));
    const publicKeys = keys.map(({ publicKey }) => publicKey);
    const start = Float32Array.from({ length: dimension }, (__, k) => Math.sin(k));

    async function train(node: number): Promise<readonly [number, () => Promise<void>]> {
      const connection = await connect({ servers: `127.0.0.1:${server.port}`, noEcho: true });
      const limit = (connection.info?.max_payload ?? 0) - SIGNED_BYTES;
      const wire = natsTransport({ connection, subject: "gradus.bytes", node, nodes });
      const { privateKey } = keys[node];
      const signed = await signedTransport({ wire, privateKey, publicKeys, run, mostBytes: limit });
      const whole = chunkedTransport({ transport: signed, limit, mostBytes: 1 << 22 });
      const transport = rejoinable(whole);
      const iterates = peer({
        nodes,
        transport,
        start,
        gradient: (model) => model.map(() => 0),
        learningRate: 1,
        run,
      });
      let sent = 0;
      await iterates.next();
      await connection.flush();
      listening.push(undefined);
      if (listening.length === nodes) everyone.resolve();
      await everyone.promise;
      for await (const { step, bytesSent } of iterates) {
        sent = bytesSent;
        if (step >= steps) break;
      }
      await connection.flush();
      return [sent, () => connection.close()];
    }
    const listening: undefined[] = [];
    const everyone = Promise.withResolvers<void>();
    const finished = await Promise.all(Array.from({ length: nodes }, (__, node) => train(node)));
    const { taken, given } = await server.bytes();
    for (const [, close] of finished) await close();

    const model = 4 * dimension;
    const rounds = given / (nodes * (nodes - 1) * model);
    console.info(`${dimension} numbers: ${steps} rounds gave bytes of ${rounds.toFixed(4)} rounds of models`);
    // A peer that starts to listen asks every other once, and may receive one model more.
    expect(rounds).toBeGreaterThan(steps);
    expect(rounds).toBeLessThan((steps + 1) * most);
    // Each peer sends its model to the server once per round, and the server forwards it.
    const answers = nodes * (nodes - 1);
    expect(taken / model).toBeLessThan((steps * nodes + answers) * most);
    for (const [sent] of finished) expect(sent).toBe(steps * (nodes - 1) * (model + 32));
  });
});
