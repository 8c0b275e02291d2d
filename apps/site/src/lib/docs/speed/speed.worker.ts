// Times the operations one after another, away from the page's own thread.
import { operations, prepare } from "./operations.ts";
import { timePair } from "./time.ts";

/** A message about an operation. */
export type SpeedMessage =
  | { readonly kind: "begun"; readonly id: string }
  | {
      readonly kind: "timed";
      readonly id: string;
      /** Milliseconds of a call. */
      readonly plain: number;
      readonly compiled: number;
      readonly difference: number;
    }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

const tell = (message: SpeedMessage) => self.postMessage(message);

try {
  for (const operation of operations) {
    tell({ kind: "begun", id: operation.id });
    const prepared = prepare(operation);
    const [plain, compiled] = timePair(prepared.plain, prepared.compiled);
    tell({ kind: "timed", id: operation.id, plain, compiled, difference: prepared.difference() });
  }
  tell({ kind: "done" });
} catch (error) {
  tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}
