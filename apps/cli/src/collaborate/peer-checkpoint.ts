import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PeerState } from "gradus/collaborative";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import { UsageError } from "../errors.ts";
import { LatestWriter } from "../files/latest-writer.ts";
import { writeAtomically } from "../results/report-files.ts";
import type { PeerCheckpoint } from "./honest-peer.ts";

const fileOf = (folder: string, node: number): string => join(folder, `peer-${node}.checkpoint.json`);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isState(value: unknown): value is PeerState {
  return (
    isRecord(value) &&
    value.model instanceof Float32Array &&
    value.momentum instanceof Float32Array &&
    value.model.length === value.momentum.length &&
    isRecord(value.numbers) &&
    typeof value.numbers.step === "number"
  );
}

/** The checkpoint from which a peer resumes; undefined if it has none yet. @throws UsageError */
export async function readPeerCheckpoint(folder: string, node: number): Promise<PeerCheckpoint | undefined> {
  const file = fileOf(folder, node);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const value = parseCheckpoint(text);
  if (isRecord(value) && typeof value.iteration === "number" && isState(value.state))
    return { iteration: value.iteration, state: value.state };
  throw new UsageError(`${file} is not a peer checkpoint`);
}

/** Keeps the latest state of a peer in its folder. */
export function peerCheckpointWriter(folder: string, node: number): LatestWriter<PeerCheckpoint> {
  return new LatestWriter((checkpoint) =>
    writeAtomically(fileOf(folder, node), serializeCheckpoint(checkpoint)),
  );
}
