import { ArgumentError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Envelope, Transport } from "../peer/transport.ts";
import { fanOut } from "./fan-out.ts";
import { SIGNATURE_BYTES, signer, type Verify, verifier } from "./keys.ts";
import { ReplayWindow } from "./replay-window.ts";

export interface SignedTransportOptions {
  /** Carries the signed bytes; the sender that it names is accepted only if the signature verifies. */
  readonly wire: Transport;
  /** The node's own private key, PKCS #8 in base64. */
  readonly privateKey: string;
  /** Public keys by node number, 32 bytes each in base64, including the node's own. */
  readonly publicKeys: readonly string[];
  /** Identifies the training run; signed with every message, so that messages of one run are rejected in another. */
  readonly run: number;
  /** The longest message accepted, in bytes; longer ones are discarded unread. */
  readonly mostBytes: number;
}

/** A transport that authenticates the sender of every message. */
export interface SignedTransport extends Transport {
  /** Messages discarded so far, by reason: "size", "unknown sender", "signature", "replayed" or "flood". */
  readonly rejected: Readonly<Record<string, number>>;
}

const EVERYONE = 0xffff_ffff;
/** Receiver and count, between signature and message. */
const PREFIX_BYTES = 12;
/** Signed but not sent: the purpose, the run and the sender. */
const PURPOSE = new TextEncoder().encode("gradus peer message 1\n");
const CONTEXT_BYTES = PURPOSE.length + 8;
/** How many messages in one node's name may wait for verification; a flood of forged ones must not fill the memory. */
const MOST_WAITING = 1024;
/** Counts per millisecond: the count starts from the clock, so a restarted node continues above its earlier counts. */
const COUNTS_PER_MILLISECOND = 1024;

/** Bytes that signing adds to a message. */
export const SIGNED_BYTES = SIGNATURE_BYTES + PREFIX_BYTES;

/** The purpose, run and sender, with room for the rest of the signed bytes. */
function context(run: number, sender: number, length: number): Uint8Array<ArrayBuffer> {
  const text = new Uint8Array(CONTEXT_BYTES + length);
  text.set(PURPOSE);
  const view = new DataView(text.buffer);
  view.setUint32(PURPOSE.length, run, true);
  view.setUint32(PURPOSE.length + 4, sender, true);
  return text;
}

/**
 * A transport whose messages are signed with Ed25519: a message that was forged, altered, addressed to another node,
 * sent in another run or received before is discarded and counted, and does not count against the node it claims to be
 * from. Works over any wire, in Node and in the browser.
 *
 * @throws ArgumentError when there is no public key for the node's own number
 * @throws DataError when a key is not valid
 */
export async function signedTransport(options: SignedTransportOptions): Promise<SignedTransport> {
  checkGivenOptions("signedTransport", options, ["wire", "privateKey", "publicKeys", "run", "mostBytes"]);
  const { wire, privateKey, publicKeys, run, mostBytes } = options;
  const { node } = wire;
  if (node < 0 || node >= publicKeys.length)
    throw new ArgumentError(`publicKeys must include a key for node ${node}, got ${publicKeys.length} keys`);
  const sign = await signer(privateKey);
  const verify: readonly Verify[] = await Promise.all(publicKeys.map(verifier));
  const rejected: Record<string, number> = {};
  const windows = publicKeys.map(() => new ReplayWindow());
  const waiting = new Array<number>(publicKeys.length).fill(0);
  /** The messages of a node are passed on in the order in which they arrived. */
  const last = publicKeys.map(() => Promise.resolve());
  let count = Date.now() * COUNTS_PER_MILLISECOND;

  const reject = (reason: string) => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };

  async function pack(to: number, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const text = context(run, node, PREFIX_BYTES + bytes.length);
    const view = new DataView(text.buffer, CONTEXT_BYTES);
    view.setUint32(0, to, true);
    view.setFloat64(4, count++, true);
    text.set(bytes, CONTEXT_BYTES + PREFIX_BYTES);
    const packed = new Uint8Array(SIGNED_BYTES + bytes.length);
    packed.set(await sign(text));
    packed.set(text.subarray(CONTEXT_BYTES), SIGNATURE_BYTES);
    return packed;
  }

  async function unpack(from: number, packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
    const text = context(run, from, packed.length - SIGNATURE_BYTES);
    text.set(packed.subarray(SIGNATURE_BYTES), CONTEXT_BYTES);
    const view = new DataView(text.buffer, CONTEXT_BYTES);
    const to = view.getUint32(0, true);
    const meant = to === node || to === EVERYONE;
    if (!meant || !(await verify[from](packed.subarray(0, SIGNATURE_BYTES), text))) {
      reject("signature");
      return undefined;
    }
    if (!windows[from].admit(view.getFloat64(4, true))) {
      reject("replayed");
      return undefined;
    }
    return text.subarray(CONTEXT_BYTES + PREFIX_BYTES);
  }

  /** Why a message is discarded before its signature is verified. */
  function refusal({ from, bytes }: Envelope): string | undefined {
    if (!Number.isInteger(from) || from < 0 || from >= publicKeys.length || from === node)
      return "unknown sender";
    if (bytes.length < SIGNED_BYTES || bytes.length > mostBytes + SIGNED_BYTES) return "size";
    return waiting[from] >= MOST_WAITING ? "flood" : undefined;
  }

  function receive(envelope: Envelope, handOn: (envelope: Envelope) => void): void {
    const reason = refusal(envelope);
    if (reason !== undefined) {
      reject(reason);
      return;
    }
    const { from, bytes } = envelope;
    waiting[from] += 1;
    // A copy: the wire may reuse its buffer.
    const opened = unpack(from, Uint8Array.from(bytes)).catch(() => {
      reject("signature");
      return undefined;
    });
    last[from] = last[from].then(async () => {
      const message = await opened;
      waiting[from] -= 1;
      if (message) handOn({ from, bytes: message });
    });
  }

  return {
    node,
    rejected,
    async send(to, bytes) {
      await wire.send(to, await pack(to, bytes));
    },
    async broadcast(bytes) {
      await wire.broadcast(await pack(EVERYONE, bytes));
    },
    subscribe: fanOut((handOn) => wire.subscribe((envelope) => receive(envelope, handOn))),
  };
}
