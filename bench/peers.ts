import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Contender } from "./cases.ts";
import type { Command } from "./process.ts";

export type PeerId = Contender["peer"];

/** Debian's libraries belong to the system's Python, which need not be the first on the path. */
const SYSTEM_PYTHON = "/usr/bin/python3";
const python = existsSync(SYSTEM_PYTHON) ? SYSTEM_PYTHON : "python3";

/**
 * Memory that a process frees stays its own. Left to itself, glibc gives large blocks back to the system, unless something
 * else lies behind them, and their pages cost more than many a call once they are taken anew: alone in a process, a step
 * of PyTorch's score network took 7.3 ms instead of 1.0.
 */
const keepingMemory: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 25),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 31),
  MALLOC_TOP_PAD_: String(2 ** 26),
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * How each peer is started, one command for each setting of its threads: all settings are timed, and the table shows
 * each peer at its best. The libraries on WebAssembly run in one thread in Node, and so does what gradus computes
 * without a graph.
 *
 * @param blas the folder of an optimized BLAS for PyTorch and numpy, where theirs is the reference implementation
 */
export function peerCommands(
  inputs: string,
  blas: string | undefined,
): ReadonlyMap<PeerId, readonly Command[]> {
  const cores = availableParallelism();
  const threadCounts = [...new Set([1, cores])];
  const node = (args: readonly string[]): Command => ({
    command: process.execPath,
    args,
    environment: keepingMemory,
  });
  const libraries = blas && [blas, process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":");
  const optimized: Record<string, string> = libraries ? { LD_LIBRARY_PATH: libraries } : {};
  const pytorch = (threads: number, environment: Readonly<Record<string, string>> = {}): Command => ({
    command: python,
    args: [here("peers/pytorch.py"), inputs, String(threads)],
    environment: {
      OMP_NUM_THREADS: String(threads),
      ...keepingMemory,
      ...optimized,
      ...environment,
    },
  });
  return new Map<PeerId, readonly Command[]>([
    ["gradus", threadCounts.map((threads) => node([here("gradus/main.ts"), inputs, String(threads)]))],
    ["gradus-host", [node([here("gradus/host.ts"), inputs])]],
    ["gradus-wasm", [node(["--conditions=browser", here("gradus/main.ts"), inputs, "1"])]],
    [
      "pytorch",
      [
        ...threadCounts.map((threads) => pytorch(threads)),
        // Threads that spin while they wait can be slower than threads that sleep.
        ...(cores > 1 ? [pytorch(cores, { OMP_WAIT_POLICY: "passive" })] : []),
      ],
    ],
    [
      "scipy",
      [
        {
          command: python,
          args: [here("peers/scipy_peer.py"), inputs],
          environment: { OMP_NUM_THREADS: "1", ...keepingMemory, ...optimized },
        },
      ],
    ],
    ["tfjs", [node([here("peers/tfjs.mjs"), inputs])]],
    ["jax-js", [node([here("peers/jax-js.mjs"), inputs])]],
  ]);
}
