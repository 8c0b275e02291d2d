import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The build whose threads are PyTorch's own OpenMP threads, so that the two do not compete. */
const PACKAGE = "libopenblas0-openmp";
const FOLDER = "openblas-openmp";

/** `<root>/<architecture>/openblas-openmp`, if it is there. */
function find(root: string): string | undefined {
  if (!existsSync(root)) return undefined;
  const folders = readdirSync(root).map((architecture) => join(root, architecture, FOLDER));
  return folders.find((folder) => existsSync(join(folder, "libblas.so.3")));
}

/**
 * The folder of OpenBLAS for Debian's PyTorch. That PyTorch uses whatever BLAS the system has, which may be the
 * reference implementation, tens of times slower: no fair peer. The package is unpacked into `cache` without being
 * installed; undefined where that is not possible.
 */
export function openBlas(cache: string): string | undefined {
  const found = find("/usr/lib") ?? find(join(cache, "usr", "lib"));
  if (found || process.platform !== "linux") return found;
  mkdirSync(cache, { recursive: true });
  const steps: [string, string[]][] = [
    ["apt-get", ["download", PACKAGE]],
    ["sh", ["-c", `dpkg -x ${PACKAGE}_*.deb .`]],
  ];
  for (const [command, args] of steps)
    if (spawnSync(command, args, { cwd: cache, stdio: "ignore" }).status !== 0) return undefined;
  return find(join(cache, "usr", "lib"));
}
