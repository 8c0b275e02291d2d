// A peer as a process of its own, started by the coordinator: <roster> <key> <folder>, and the server in the environment.
import process from "node:process";
import { sendNotice } from "../execute/notices.ts";
import { childWire } from "./process-wire.ts";
import { readKey, readRoster } from "./roster.ts";
import { runPeer } from "./run-peer.ts";
import type { Wire } from "./wire.ts";

const [rosterPath, keyPath, folder] = process.argv.slice(2);

// Ctrl-C reaches every process of the terminal's foreground group; the coordinator decides what it means.
process.on("SIGINT", () => {});
sendNotice();
const orphaned = new AbortController();
process.on("disconnect", () => orphaned.abort(new Error("the coordinator process has ended")));

async function start(): Promise<void> {
  const key = await readKey(keyPath);
  const roster = await readRoster(rosterPath, key);
  let wire: Wire;
  if (roster.plan.transport === "nats") {
    const { patientNatsWire } = await import("./nats-wire.ts");
    wire = await patientNatsWire(process.env.NATS_URL ?? "", roster.plan, key.node, {
      signal: orphaned.signal,
      note: (line) => console.error(`peer ${key.node}: ${line}`),
    });
  } else wire = childWire(key.node);
  await runPeer({ roster, key, wire, folder, signal: orphaned.signal });
}

try {
  await start();
} catch (error) {
  if (!orphaned.signal.aborted) {
    console.error(`gradus: peer: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 3;
  }
}
if (process.connected) process.disconnect();
