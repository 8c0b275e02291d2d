import type { Transport } from "../peer/transport.ts";
import { fanOut } from "./fan-out.ts";

const MESSAGE = 0;
const REQUEST = 1;
/** More than one, since an answer may be lost; few, so that repeated requests cannot keep a node busy. */
const MOST_ANSWERS = 3;

function framed(kind: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + bytes.length);
  frame[0] = kind;
  frame.set(bytes, 1);
  return frame;
}

/**
 * A transport on which a node that starts listening, or has waited in vain, asks all others to repeat their last
 * broadcast, and answers such requests itself: a peer that crashed and restarted, or was late, gets the models of the
 * others' current round at once. Each node is answered at most three times per broadcast.
 */
export function rejoinable(transport: Transport): Transport {
  let latest: Uint8Array | undefined;
  const answers = new Map<number, number>();

  async function tell(what: () => void | Promise<void>): Promise<void> {
    try {
      await what();
    } catch {
      // Asking and answering are a courtesy: where the network fails, the next round's messages do.
    }
  }

  const askAgain = () => tell(() => transport.broadcast(Uint8Array.of(REQUEST)));

  function answer(to: number): void {
    const message = latest;
    const given = answers.get(to) ?? 0;
    if (!message || given >= MOST_ANSWERS) return;
    answers.set(to, given + 1);
    void tell(() => transport.send(to, message));
  }

  return {
    node: transport.node,
    send: (to, bytes) => transport.send(to, framed(MESSAGE, bytes)),
    broadcast(bytes) {
      latest = framed(MESSAGE, bytes);
      answers.clear();
      return transport.broadcast(latest);
    },
    subscribe: fanOut((handOn) => {
      const unsubscribe = transport.subscribe(({ from, bytes }) => {
        if (bytes[0] === MESSAGE) handOn({ from, bytes: bytes.subarray(1) });
        else if (bytes[0] === REQUEST && bytes.length === 1) answer(from);
      });
      void askAgain();
      return unsubscribe;
    }),
    askAgain,
  };
}
