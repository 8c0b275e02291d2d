import {
  chunkedTransport,
  rejoinable,
  SIGNED_BYTES,
  type SignedTransport,
  signedTransport,
  type Transport,
} from "gradus/collaborative";
import { amongPeers } from "./control-messages.ts";
import type { NodeKey, Roster } from "./roster.ts";
import type { Wire } from "./wire.ts";

/** What a node says and hears, on the levels that it needs. */
export interface TransportLayers {
  /** Counts messages rejected because they are unsigned or signed by another node. */
  readonly signed: SignedTransport;
  /** For what the coordinator and a peer tell each other. */
  readonly control: Transport;
  /** Among peers: models of any length, the latest again to who asks. */
  readonly models: Transport;
}

/** No message is longer. */
const MOST_MODEL_BYTES = 1 << 26;

/** The layers over a wire: signatures, chunks, and the latest again for who rejoins. */
export async function transportLayers(
  { transport: wire, limit }: Wire,
  { plan, publicKeys }: Roster,
  { privateKey }: NodeKey,
): Promise<TransportLayers> {
  const { run, peers } = plan;
  const mostBytes = limit - SIGNED_BYTES;
  const signed = await signedTransport({ wire, privateKey, publicKeys, run, mostBytes });
  const whole = chunkedTransport({ transport: signed, limit: mostBytes, mostBytes: MOST_MODEL_BYTES });
  return { signed, control: whole, models: rejoinable(amongPeers(whole, peers)) };
}
