import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder, makeFolders } from "./make-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-make-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("folders are made with those above them, and may be there", () => {
  const deep = join(folder, "a", "b");
  for (let i = 0; i < 2; i++) makeFolder(deep, "GRADUS_DATABASE_DIR", 0o700);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

test("the first folder that was made is told", () => {
  expect(makeFolders(join(folder, "a", "b"))).toBe(join(folder, "a"));
  expect(makeFolders(join(folder, "a", "b"))).toBeUndefined();
});

test("a folder that cannot be made is named, with its setting", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "x")])
    expect(() => makeFolder(path, "GRADUS_MAIL_DIR")).toThrow(
      new RegExp(`^cannot write into ${path} \\(E.*\\); set GRADUS_MAIL_DIR to a writable folder$`),
    );
});

// In processes of their own, because what does not end holds this one.
/** What is said where the folder comes from a setting, and where it does not. */
const NAMED = /^cannot write into \/proc\/x \(.*\); set GRADUS_DATABASE_DIR to a writable folder$/m;
const UNNAMED = /^ENOENT:.* mkdir '\/proc\/x/m;

test.skipIf(!existsSync("/proc/self")).each([
  ["make-folder.ts", `makeFolder("/proc/x", "GRADUS_DATABASE_DIR")`, NAMED],
  ["lock.ts", `lockFolder("/proc/x/database.lock")`, NAMED],
  ["incoming-mail.ts", `leaveIncomingMail("/proc/x", new Uint8Array(), new Date())`, UNNAMED],
  ["ingest-requests.ts", `ingestRequests("/proc/x")`, UNNAMED],
  ["administrator-link.ts", `makeAdministratorLink("/proc/x", new Date())`, UNNAMED],
  ["backup/atomic-write.ts", `writeAtomically("/proc/x/backup", async () => {})`, UNNAMED],
])(
  "below /proc, where folders cannot be made, %s ends (skipped where it is absent)",
  (module, call, message) => {
    const name = call.slice(0, call.indexOf("("));
    const url = JSON.stringify(new URL(module, import.meta.url).href);
    const program = `import { ${name} } from ${url}; try { await ${call} } catch (error) { console.log(error.message); }`;
    const { stdout, signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    expect(signal).toBeNull();
    expect(stdout).toMatch(message);
  },
);
