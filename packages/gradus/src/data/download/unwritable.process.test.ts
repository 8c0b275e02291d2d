// Folders into which nothing can be downloaded.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { DownloadError } from "./contract.ts";
import { fetchFile } from "./fetch-file.node.ts";

test("a file in place of the folder is said to be one, with the setting", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gradus-unwritable-"));
  const file = join(folder, "file");
  await writeFile(file, "");
  try {
    for (const inside of [file, join(file, "deeper")]) {
      const failed = fetchFile({ urls: [], target: pathToFileURL(join(inside, "data.bin")) });
      await expect(failed).rejects.toThrow(DownloadError);
      await expect(failed).rejects.toThrow(
        new RegExp(`^cannot write into ${inside} \\(E.*\\); set GRADUS_DATA_DIR to a writable folder$`),
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

// In a process of its own, because what does not end holds this one.
test.skipIf(!existsSync("/proc/self"))(
  "below /proc, where folders cannot be made, it ends (skipped where it is absent)",
  () => {
    const url = JSON.stringify(new URL("./fetch-file.node.ts", import.meta.url).href);
    const program = `import { fetchFile } from ${url};
      await fetchFile({ urls: [], target: new URL("file:///proc/x/data.bin") }).catch((error) => console.log(error.message));`;
    const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    expect(signal).toBeNull();
    expect(stdout).toMatch(/^cannot write into \/proc\/x \(ENOENT: /);
  },
);
