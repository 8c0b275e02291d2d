import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

// In a process of its own, because what does not end holds this one.
test.skipIf(!existsSync("/proc/self"))(
  "below /proc, where folders cannot be made, it ends (skipped where it is absent)",
  () => {
    const url = JSON.stringify(new URL("./write-folder.ts", import.meta.url).href);
    const program = `import { writeFolder } from ${url};
      await writeFolder("/proc/x/app", new Map()).catch((error) => console.log(error.name, error.message));`;
    const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    expect(signal).toBeNull();
    expect(stdout).toMatch(/^ProjectError the project cannot be written to \/proc\/x\/app \(ENOENT: /);
  },
);
