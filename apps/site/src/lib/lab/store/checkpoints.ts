import type { RunCheckpoint } from "@gradus/papers";
import { result, transaction } from "./database.ts";

/** How far a run had come, and under which version of the site: another one may measure in other stages. */
export interface StoredCheckpoint extends RunCheckpoint {
  readonly version: string;
}

/** Keeps how far a run has come, in place of an earlier one of the same experiment. @throws StorageError */
export function saveCheckpoint(checkpoint: StoredCheckpoint): Promise<void> {
  return transaction(["checkpoints"], "readwrite", async (store) => {
    await result(store("checkpoints").put(checkpoint));
  });
}

/** How far the latest run of an experiment had come when it was cut short. @throws StorageError */
export async function readCheckpoint(
  paper: string,
  experiment: string,
  version: string,
): Promise<StoredCheckpoint | undefined> {
  const found: StoredCheckpoint | undefined = await transaction(["checkpoints"], "readonly", (store) =>
    result(store("checkpoints").get([paper, experiment])),
  );
  return found?.version === version ? found : undefined;
}

/** @throws StorageError */
export function deleteCheckpoint(paper: string, experiment: string): Promise<void> {
  return transaction(["checkpoints"], "readwrite", async (store) => {
    await result(store("checkpoints").delete([paper, experiment]));
  });
}
