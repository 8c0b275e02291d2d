import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionOptions, connect, errors, type NatsConnection } from "@nats-io/transport-node";
import { natsTransport } from "gradus/collaborative";
import { UsageError } from "../errors.ts";
import { type CollaborativePlan, planId } from "./plan.ts";
import type { Wire } from "./wire.ts";

const DEFAULT_PORT = "4222";

/** Milliseconds between two attempts to connect; up to as many are added at random. */
const RECONNECT_MILLISECONDS = 250;
/** A server that greets and then says no more is given up: the client itself waits 20 s, also for one that has ended. */
const GREETING_MILLISECONDS = 5000;
/** Interval of pings; a server that misses three has gone silently, such as by a power failure. */
const PING_MILLISECONDS = 5000;
/** How long the server may take to deliver the last messages. */
const DRAIN_MILLISECONDS = 2000;

/** Reads nats://[user:password@ | token@]host[:port] or tls://... @throws UsageError */
function serverOptions(server: string): ConnectionOptions {
  const url = URL.parse(server);
  const known = url && (url.protocol === "nats:" || url.protocol === "tls:") && url.hostname !== "";
  if (!known) throw new UsageError(`--server must be nats://host:port or tls://host:port, got "${server}"`);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    servers: `${url.hostname}:${url.port || DEFAULT_PORT}`,
    ...(url.protocol === "tls:" ? { tls: {} } : {}),
    ...(pass !== "" ? { user, pass } : user !== "" ? { token: user } : {}),
  };
}

/** The server's address without credentials. */
function describeServer(server: string): string {
  return String(serverOptions(server).servers);
}

/** Reports when the connection to the server is lost and restored. */
async function watch(
  connection: NatsConnection,
  server: string,
  note: (line: string) => void,
): Promise<void> {
  let isGone = false;
  for await (const { type } of connection.status()) {
    if (type === "disconnect" && !isGone && !connection.isDraining()) {
      isGone = true;
      note(`The NATS server at ${describeServer(server)} is unreachable; waiting`);
    } else if (type === "reconnect") {
      isGone = false;
      note("The NATS server is reachable again");
    }
  }
}

/**
 * Connects a node through a NATS server. One that goes and comes back finds its nodes again; what they say in the
 * meantime is lost.
 *
 * @throws UsageError when the server cannot be reached
 */
export async function natsWire(
  server: string,
  plan: CollaborativePlan,
  node: number,
  note?: (line: string) => void,
): Promise<Wire> {
  const name = `gradus ${planId(plan)} ${node === plan.peers ? "coordinator" : `peer ${node}`}`;
  let connection: NatsConnection;
  try {
    connection = await connect({
      ...serverOptions(server),
      name,
      // None hears what it says itself.
      noEcho: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MILLISECONDS,
      reconnectJitter: RECONNECT_MILLISECONDS,
      timeout: GREETING_MILLISECONDS,
      pingInterval: PING_MILLISECONDS,
    });
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`no NATS server at ${describeServer(server)}: ${reason}`, { cause });
  }
  if (note) void watch(connection, server, note);
  const subject = `gradus.${planId(plan)}`;
  return {
    transport: natsTransport({ connection, subject, node, nodes: plan.peers }),
    limit: connection.info?.max_payload ?? 1 << 20,
    close: async () => {
      // What was said last must not be lost; a server that is gone is not waited for.
      const enough = new AbortController();
      const drained = connection.drain().catch(() => undefined);
      await Promise.race([drained, delay(DRAIN_MILLISECONDS, undefined, enough).catch(() => undefined)]);
      enough.abort();
      await connection.close();
    },
  };
}

/**
 * As `natsWire`, and waits for a server that is not there, such as one that is being started again.
 *
 * @throws UsageError when the server is none or refuses the node; an AbortError when the signal is aborted before
 */
export async function patientNatsWire(
  server: string,
  plan: CollaborativePlan,
  node: number,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (line: string) => void },
): Promise<Wire> {
  serverOptions(server);
  for (let attempt = 0; ; attempt++) {
    try {
      return await natsWire(server, plan, node);
    } catch (error) {
      if (!(error instanceof UsageError) || error.cause instanceof errors.AuthorizationError) throw error;
      if (attempt === 0) note(`${error.message}; waiting for it`);
    }
    await delay(RECONNECT_MILLISECONDS, undefined, { signal });
  }
}
