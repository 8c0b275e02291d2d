// The archives of the packages as they are now, made once until a source changes.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alone } from "../lock.mjs";
import { hashOf } from "../source-hash.mjs";
import { root } from "../workspace.mjs";
import type { Archive } from "./pack.ts";
import { publishedPackages, workspacePackages } from "./packages.ts";
import { prepareRelease } from "./prepare.ts";
import { stageFolder } from "./stage.ts";

interface Packed {
  readonly hash: string;
  readonly archives: readonly Archive[];
}

const RECORD = join(stageFolder, "archives.json");

function sourceHash(): string {
  const folders = publishedPackages(workspacePackages()).map(({ folder }) => folder.slice(root.length + 1));
  return hashOf([
    ...folders,
    "scripts/release",
    "CHANGELOG.md",
    "LICENSE",
    "package-lock.json",
    "tsconfig.json",
  ]);
}

/**
 * The archives of the packages, each after those that it needs: packed again where the sources have changed since.
 *
 * @throws ReleaseError as `prepareRelease` does
 */
export function packedArchives(): Promise<readonly Archive[]> {
  return alone("packing", async () => {
    const hash = sourceHash();
    if (existsSync(RECORD)) {
      const packed: Packed = JSON.parse(readFileSync(RECORD, "utf8"));
      if (packed.hash === hash) return packed.archives;
    }
    const archives = await prepareRelease();
    writeFileSync(RECORD, JSON.stringify({ hash, archives } satisfies Packed));
    return archives;
  });
}
