import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "@gradus/database/make-folder";
import { generateSigningKeys, signer, verifier } from "gradus/collaborative";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { unreadable } from "../files/unreadable.ts";
import { json } from "../results/json.ts";
import { writeAtomically } from "../results/report-files.ts";
import { type CollaborativePlan, planSchema } from "./plan.ts";

const rosterSchema = z.object({
  plan: planSchema,
  /** By node; the coordinator's comes last. */
  publicKeys: z.array(z.string()),
});

/** Who takes part in what: the plan and everybody's public keys, signed by the coordinator. */
export type Roster = z.infer<typeof rosterSchema>;

const keySchema = z.object({
  node: z.int().min(0),
  privateKey: z.string(),
  /** The coordinator's public key, by which the node knows the roster. */
  coordinator: z.string(),
});

/** What a node keeps to itself. */
export type NodeKey = z.infer<typeof keySchema>;

const ROSTER = "roster.json";

export const rosterFile = (folder: string): string => join(folder, ROSTER);
export const keyFile = (folder: string, node: number): string => join(folder, `peer-${node}.key.json`);
export const coordinatorKeyFile = (folder: string): string => join(folder, "coordinator.key.json");

const toBytes = (roster: unknown) => new TextEncoder().encode(JSON.stringify(roster));

/** Draws keys for all nodes and the coordinator. */
export async function makeRoster(
  plan: CollaborativePlan,
): Promise<{ readonly roster: Roster; readonly keys: readonly NodeKey[] }> {
  const pairs = await Promise.all(Array.from({ length: plan.peers + 1 }, generateSigningKeys));
  const coordinator = pairs[plan.peers].publicKey;
  return {
    roster: { plan, publicKeys: pairs.map(({ publicKey }) => publicKey) },
    keys: pairs.map(({ privateKey }, node) => ({ node, privateKey, coordinator })),
  };
}

/** Writes the signed roster, and each node's key into a file of its own that only its owner may read. */
export async function writeRoster(folder: string, roster: Roster, keys: readonly NodeKey[]): Promise<void> {
  makeFolders(folder);
  const sign = await signer(keys[roster.plan.peers].privateKey);
  const signature = btoa(String.fromCharCode(...(await sign(toBytes(roster)))));
  for (const key of keys) {
    const file = key.node === roster.plan.peers ? coordinatorKeyFile(folder) : keyFile(folder, key.node);
    await writeAtomically(file, json(key));
    await chmod(file, 0o600);
  }
  await writeAtomically(rosterFile(folder), json({ roster, signature }));
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new UsageError(`${file} is not valid JSON`, { cause });
    throw new UsageError(unreadable(file, cause), { cause });
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, file: string, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(`${file} is not a ${what}: ${z.prettifyError(result.error)}`);
}

/** @throws UsageError when the file is not a node's key */
export async function readKey(file: string): Promise<NodeKey> {
  return parsed(keySchema, await readJson(file), file, "peer key");
}

/** @throws UsageError when the file is not a roster, or not signed by the coordinator of the given key */
export async function readRoster(file: string, { coordinator, node }: NodeKey): Promise<Roster> {
  const envelope = z.object({ roster: z.unknown(), signature: z.base64() });
  const { roster, signature } = parsed(envelope, await readJson(file), file, "roster");
  const verify = await verifier(coordinator);
  const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  if (!(await verify(bytes, toBytes(roster))))
    throw new UsageError(`${file} is not signed by the coordinator that issued the key`);
  const known = parsed(rosterSchema, roster, file, "roster");
  if (node > known.plan.peers || known.publicKeys.length !== known.plan.peers + 1)
    throw new UsageError(`${file} has ${known.publicKeys.length} nodes, node ${node} is not among them`);
  return known;
}
