import type { Envelope, Transport } from "../peer/transport.ts";

type Listener = (envelope: Envelope) => void;

/**
 * The `subscribe` of a transport that processes every message once for all listeners. An error thrown by a listener
 * becomes an uncaught error of the program; the other listeners still receive this and later messages.
 *
 * @param begin called at the first subscription with the function that passes messages to all listeners; the function
 *   that it returns is called after the last listener has unsubscribed
 */
export function fanOut(begin: (handOn: Listener) => () => void): Transport["subscribe"] {
  const listeners = new Set<Listener>();
  let end: () => void = () => undefined;
  return (listener) => {
    // A wrapper per subscription, so that the same listener can subscribe twice.
    const own: Listener = (envelope) => listener(envelope);
    listeners.add(own);
    if (listeners.size === 1)
      end = begin((envelope) => {
        for (const each of listeners) {
          try {
            each(envelope);
          } catch (error) {
            // Thrown outside this callback: an error inside it would stop a NATS connection from reading for good.
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
