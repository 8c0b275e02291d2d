import type { Envelope, Transport } from "../peer/transport.ts";

type Listener = (envelope: Envelope) => void;

/**
 * The `subscribe` of a transport that works through every message once, however many listen. What a listener throws is
 * an uncaught error of the program, and keeps neither the others nor later messages from being heard.
 *
 * @param begin called when the first begins to listen, with what hands messages on to all; what it returns ends it when
 *   the last has gone
 */
export function fanOut(begin: (handOn: Listener) => () => void): Transport["subscribe"] {
  const listeners = new Set<Listener>();
  let end: () => void = () => undefined;
  return (listener) => {
    // A function of its own for each time that the same one is given.
    const own: Listener = (envelope) => listener(envelope);
    listeners.add(own);
    if (listeners.size === 1)
      end = begin((envelope) => {
        for (const each of listeners) {
          try {
            each(envelope);
          } catch (error) {
            // What carries messages must go on: an error in its callback ends a NATS connection's reading for good.
            queueMicrotask(() => {
              throw error;
            });
          }
        }
      });
    return () => {
      if (listeners.delete(own) && listeners.size === 0) end();
    };
  };
}
