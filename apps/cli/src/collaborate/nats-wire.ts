import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";
import { natsTransport } from "gradus";
import { UsageError } from "../errors.ts";
import { type CollaborativePlan, planId } from "./plan.ts";
import type { Wire } from "./wire.ts";

const DEFAULT_PORT = "4222";

/** Reads nats://[user:password@ | token@]host[:port] or tls://... @throws UsageError */
export function serverOptions(server: string): ConnectionOptions {
  const url = URL.parse(server);
  const known = url && (url.protocol === "nats:" || url.protocol === "tls:") && url.hostname !== "";
  if (!known) throw new UsageError(`--server wants nats://host:port or tls://host:port, got "${server}"`);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    servers: `${url.hostname}:${url.port || DEFAULT_PORT}`,
    ...(url.protocol === "tls:" ? { tls: {} } : {}),
    ...(pass !== "" ? { user, pass } : user !== "" ? { token: user } : {}),
  };
}

/** The server's address without what opens it. */
export function describeServer(server: string): string {
  return String(serverOptions(server).servers);
}

/** Connects a node through a NATS server. @throws UsageError when the server cannot be reached */
export async function natsWire(server: string, plan: CollaborativePlan, node: number): Promise<Wire> {
  const name = `gradus ${planId(plan)} ${node === plan.peers ? "coordinator" : `peer ${node}`}`;
  let connection: NatsConnection;
  try {
    // A server that is started again finds its peers back, however long that takes; none hears what it says itself.
    const options = { name, maxReconnectAttempts: -1, noEcho: true };
    connection = await connect({ ...serverOptions(server), ...options });
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`no NATS server at ${describeServer(server)}: ${reason}`, { cause });
  }
  const subject = `gradus.${planId(plan)}`;
  return {
    transport: natsTransport({ connection, subject, node, nodes: plan.peers }),
    limit: connection.info?.max_payload ?? 1 << 20,
    close: async () => {
      // What was said last must not be lost; a server that is gone is not waited for.
      await connection.drain().catch(() => connection.close());
    },
  };
}
