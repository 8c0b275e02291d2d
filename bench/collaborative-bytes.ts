// Bytes that a round of models takes, signed, in chunks and with their headers, against the numbers alone:
// n(n - 1) d float32. `node bench/collaborative-bytes.ts`
import {
  chunkedTransport,
  generateSigningKeys,
  inProcessNetwork,
  peer,
  rejoinable,
  SIGNED_BYTES,
  signedTransport,
} from "gradus/collaborative";

/** Bytes of the longest message of a NATS server as it comes. */
const LIMIT = 1 << 20;

/** Bytes on the wire between all nodes, from their first word to the end of so many rounds. */
async function bytesOf(rounds: number, nodes: number, dimension: number): Promise<number> {
  let bytes = 0;
  const network = inProcessNetwork({
    nodes,
    wire(_, __, message) {
      bytes += message.length;
      return message;
    },
  });
  const keys = await Promise.all(Array.from({ length: nodes }, generateSigningKeys));
  const publicKeys = keys.map(({ publicKey }) => publicKey);
  const limit = LIMIT - SIGNED_BYTES;
  const start = new Float32Array(dimension);
  async function train(node: number): Promise<void> {
    const { privateKey } = keys[node];
    const wire = network.connect(node);
    const signed = await signedTransport({ wire, privateKey, publicKeys, run: 1, mostBytes: limit });
    const transport = rejoinable(chunkedTransport({ transport: signed, limit, mostBytes: 1 << 24 }));
    const run = peer({ nodes, transport, start, gradient: (x) => x, learningRate: 1, run: 1 });
    for await (const { step } of run) if (step >= rounds) return;
  }
  await Promise.all(Array.from({ length: nodes }, (_, node) => train(node)));
  return bytes;
}

for (const dimension of [2410, 431_080]) {
  const nodes = 5;
  const minimum = nodes * (nodes - 1) * dimension * 4;
  // What nodes ask and answer when they begin to listen is the same in both.
  const [one, three] = [await bytesOf(1, nodes, dimension), await bytesOf(3, nodes, dimension)];
  const ratio = (three - one) / 2 / minimum;
  console.log(`n = ${nodes}, d = ${dimension}: ${ratio.toFixed(4)} of ${minimum.toLocaleString("en")} bytes`);
}
