import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolder } from "../embedded.ts";
import { backUp, FOLDER_BACKUP } from "./dump.ts";

test("where there is no room, a restore says so in words and leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-restore-"));
  try {
    const [from, to] = [join(folder, "database"), join(folder, "restored")];
    const file = join(folder, `backup${FOLDER_BACKUP}`);
    await (await openFolder(from)).close();
    await backUp(from, file);
    const module = JSON.stringify(new URL("restore.ts", import.meta.url).href);
    const program = `import { restoreBackup } from ${module};
      import { syncBuiltinESMExports } from "node:module";
      import fs from "node:fs";
      const write = fs.writeSync;
      fs.writeSync = (...given) => {
        if (fs.existsSync(${JSON.stringify(join(to, "PG_VERSION"))}))
          throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
        return write(...given);
      };
      syncBuiltinESMExports();
      await restoreBackup(${JSON.stringify(file)}, ${JSON.stringify(to)})
        .catch((error) => process.stdout.write(error.name + " " + error.message));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    expect(stdout).toContain(`FolderNotWritableError cannot write into ${to} (no space left on device)`);
    expect(readdirSync(folder).sort()).toEqual([`backup${FOLDER_BACKUP}`, "database"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
