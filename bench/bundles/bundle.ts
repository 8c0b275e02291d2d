import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, createLogger, type Plugin, type Rolldown } from "vite";

/** A module of a script, by its package and path, and its length before minification without what nothing uses. */
export interface BundledModule {
  readonly name: string;
  readonly length: number;
}

/** JavaScript in bytes, as it is and compressed as servers send it. */
export interface Size {
  readonly minified: number;
  /** Level 9. */
  readonly gzip: number;
  /** Quality 11. */
  readonly brotli: number;
}

/** One file of JavaScript. */
export interface Script extends Size {
  /** False for what a dynamic import fetches. */
  readonly initial: boolean;
  /** The longest first. */
  readonly modules: readonly BundledModule[];
}

/** What a bundler makes of a program for a page. */
export interface Bundle {
  readonly scripts: readonly Script[];
  /** Other files in the folder that is served, whether or not the program fetches them, by name, in bytes. */
  readonly files: ReadonlyMap<string, number>;
  /** What the bundler says to whoever builds the page. */
  readonly warnings: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const ENTRY = fileURLToPath(new URL("programs/(program).ts", import.meta.url));

/** Such as `gradus/linalg/vector.ts` and `onnxruntime-web/dist/ort.mjs`. */
function moduleName(id: string): string {
  const path = id.replace(root, "").replace(/^\0|\?.*$/g, "");
  if (id === ENTRY) return "the program";
  return path
    .replace(/^.*node_modules\//, "")
    .replace(/^packages\/gradus\/src\//, "gradus/")
    .replace(/^packages\/(\w+)\/src\//, "@gradus/$1/");
}

/** The scripts that come with the entry: itself and, in turn, what a script imports statically. */
function initialFiles(chunks: readonly Rolldown.OutputChunk[]): Set<string> {
  const files = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const file of files)
    for (const next of chunks.find(({ fileName }) => fileName === file)?.imports ?? []) files.add(next);
  return files;
}

function scriptOf({ code, modules }: Rolldown.OutputChunk, initial: boolean): Script {
  const content = Buffer.from(code);
  return {
    initial,
    minified: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content).length,
    modules: Object.entries(modules)
      .map(([id, { renderedLength }]) => ({ name: moduleName(id), length: renderedLength }))
      .filter(({ length }) => length > 0)
      .sort((a, b) => b.length - a.length),
  };
}

/**
 * Bundles a program with Vite for production, as an application with Vite's defaults does. Nothing is written.
 *
 * @param source TypeScript, whose imports are resolved as those of a file of this folder
 * @param lazyBarrel whether modules that an index names and nobody uses are left unread; Vite reads them
 */
export async function bundle(source: string, { lazyBarrel = false } = {}): Promise<Bundle> {
  const warnings: string[] = [];
  const logger = createLogger("silent");
  logger.warn = (message) => warnings.push(message);
  logger.warnOnce = logger.warn;
  const program: Plugin = {
    name: "program",
    enforce: "pre",
    resolveId: (id) => (id === ENTRY ? id : undefined),
    load: (id) => (id === ENTRY ? source : undefined),
  };
  const result = await build({
    configFile: false,
    root,
    publicDir: false,
    customLogger: logger,
    logLevel: "silent",
    plugins: [program],
    build: {
      write: false,
      reportCompressedSize: false,
      // How long parts of a build take says nothing of the bundle: on a busy machine it would be a warning.
      rolldownOptions: { input: ENTRY, experimental: { lazyBarrel }, checks: { bundlerTimings: false } },
    },
  });
  if (!("output" in result)) throw new TypeError("one build was asked for");
  const chunks = result.output.filter((file) => file.type === "chunk");
  const assets = result.output.filter((file) => file.type === "asset");
  const initial = initialFiles(chunks);
  return {
    scripts: chunks.map((chunk) => scriptOf(chunk, initial.has(chunk.fileName))),
    files: new Map(assets.map(({ names, source: content }) => [names[0], content.length])),
    warnings,
  };
}

/** The scripts' sizes together. */
export function totalSize(scripts: readonly Script[]): Size {
  const sum = (key: keyof Size) => scripts.reduce((total, script) => total + script[key], 0);
  return { minified: sum("minified"), gzip: sum("gzip"), brotli: sum("brotli") };
}
