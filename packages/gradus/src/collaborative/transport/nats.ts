import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Transport } from "../peer/transport.ts";
import { fanOut } from "./fan-out.ts";

/**
 * The part of a NATS connection that the transport uses: `@nats-io/transport-node`, or `wsconnect` in the browser. With
 * the option `noEcho` the server does not send a node's broadcasts back to it.
 */
export interface NatsConnection {
  publish(subject: string, payload: Uint8Array): void;
  subscribe(
    subject: string,
    options: {
      callback: (
        error: Error | null,
        message: { readonly subject: string; readonly data: Uint8Array },
      ) => void;
    },
  ): { unsubscribe(): void };
}

export interface NatsTransportOptions {
  readonly connection: NatsConnection;
  /** Name of the training on the server: words of letters, digits, `-` and `_`, separated by dots. */
  readonly subject: string;
  readonly node: number;
  /** Broadcasts reach nodes 0 .. nodes - 1; a node with a larger number can only send and be sent direct messages. */
  readonly nodes: number;
}

const WORDS = /^[\w-]+(\.[\w-]+)*$/;

/**
 * A transport over a NATS server, on the subjects `<subject>.all.<sender>` and `<subject>.<receiver>.<sender>`: a
 * broadcast goes to the server once, and the server distributes it. Anyone on the server can claim to be any sender,
 * and messages to a node that is not listening are lost: wrap it in `signedTransport` and `rejoinable`.
 *
 * @throws ArgumentError when the subject has other characters, or the node's number is not an integer >= 0
 */
export function natsTransport(options: NatsTransportOptions): Transport {
  checkGivenOptions("natsTransport", options, ["connection", "subject", "node", "nodes"]);
  const { connection, subject, node, nodes } = options;
  if (!WORDS.test(subject))
    throw new ArgumentError(
      `subject must be dot-separated words of letters, digits, - and _, got "${subject}"`,
    );
  checkNonNegativeInteger({ node });
  return {
    node,
    send: (to, bytes) => connection.publish(`${subject}.${to}.${node}`, bytes),
    broadcast: (bytes) => connection.publish(`${subject}.all.${node}`, bytes),
    subscribe: fanOut((handOn) => {
      const callback = (
        error: Error | null,
        message: { readonly subject: string; readonly data: Uint8Array },
      ) => {
        if (error) return;
        const sender = message.subject.slice(message.subject.lastIndexOf(".") + 1);
        const from = /^\d{1,9}$/.test(sender) ? Number(sender) : -1;
        // Without `noEcho`, a node receives its own broadcasts.
        if (from !== node) handOn({ from, bytes: message.data });
      };
      const receivers = node < nodes ? [String(node), "all"] : [String(node)];
      const subscriptions = receivers.map((to) => connection.subscribe(`${subject}.${to}.*`, { callback }));
      return () => {
        for (const subscription of subscriptions) subscription.unsubscribe();
      };
    }),
  };
}
