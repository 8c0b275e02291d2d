// Archives of packages, and what is wrong with them.
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { checkPackage, createPackageFromTarballData, type Package } from "@arethetypeswrong/core";
import { problemKindInfo } from "@arethetypeswrong/core/problems";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { npm } from "./npm.ts";
import { readManifest } from "./packages.ts";
import { type StagedPackage, stageFolder } from "./stage.ts";

/** A package's archive, as it would be published. */
export interface Archive extends StagedPackage {
  readonly file: string;
  readonly files: readonly string[];
  /** Bytes of the archive, and of what is in it. */
  readonly packed: number;
  readonly unpacked: number;
}

interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what was put together, by `npm pack`. */
export async function packArchive(staged: StagedPackage): Promise<Archive> {
  const printed = await npm(staged.folder, "pack", "--json", "--pack-destination", stageFolder);
  const parsed: PackReport[] | Record<string, PackReport> = JSON.parse(printed);
  const [{ filename, size, unpackedSize, files }] = Object.values(parsed);
  return {
    ...staged,
    file: join(stageFolder, filename),
    files: files.map(({ path }) => path),
    packed: size,
    unpacked: unpackedSize,
  };
}

const WANTED = ["README.md", "LICENSE", "CHANGELOG.md", "package.json"];
/** Templates are projects, with tests of their own. */
const TEMPLATES = /^templates\//;
const TESTS = /\.test\.|\/fixture\/|-testing\.|(^|\/)tests?\//;

/**
 * The package of an archive for attw, which asks for folders thousands of times and would go through all files each time.
 */
export function packageOf(data: Uint8Array): Package {
  const pack = createPackageFromTarballData(data);
  const folders = new Set<string>();
  for (const file of pack.listFiles())
    for (let folder = posix.dirname(file); !folders.has(folder); folder = posix.dirname(folder))
      folders.add(folder);
  pack.directoryExists = (path) => folders.has(path.replace(/(?<=.)\/$/, ""));
  return pack;
}

/** What is wrong with an archive: publint's and attw's findings, files that are missing, and files of tests. */
export async function archiveProblems({ name, folder, file, files }: Archive): Promise<string[]> {
  const data = await readFile(file);
  const archive = new Uint8Array(data).buffer;
  const { messages, pkg } = await publint({
    pack: { tarball: archive },
    level: "suggestion",
    strict: true,
  });
  const manifest = readManifest(folder);
  // Without an import path there are no types to resolve.
  const types = manifest.exports ? await checkPackage(packageOf(new Uint8Array(data))) : undefined;
  const found = types?.types ? types.problems : [];
  return [
    ...WANTED.filter((path) => !files.includes(path)).map((path) => `${path} is missing`),
    ...files
      .filter((path) => TESTS.test(path) && !TEMPLATES.test(path))
      .map((path) => `${path} is of the tests`),
    ...messages
      // Files of tests are found above; a template's are meant to be there.
      .filter(({ code }) => code !== "USE_FILES")
      .map((message) => `publint: ${formatMessage(message, pkg)}`),
    ...(manifest.exports && !types?.types ? ["attw: no types"] : []),
    ...found
      // The packages are ES modules: what CommonJS and the resolution of Node 10 see does not count.
      .filter(
        (problem) =>
          !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)),
      )
      .map((problem) => {
        const where = "entrypoint" in problem ? ` at ${problem.entrypoint}` : "";
        return `attw: ${problemKindInfo[problem.kind].shortDescription}${where}`;
      }),
  ].map((problem) => `${name}: ${problem}`);
}
