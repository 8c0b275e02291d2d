// TypeScript sources to JavaScript, declarations and source maps, for all packages in one program.
import { dirname, join, posix, relative, sep } from "node:path";
import ts from "typescript";
import { root } from "../workspace.mjs";
import { type Package, targetFiles } from "./packages.ts";
import { ReleaseError } from "./release-error.ts";

/** `new URL("./file", import.meta.url)`: how sources name workers, programs to start and files beside them. */
const BESIDE = /new URL\(\s*"(\.{1,2}\/[^"]+)",\s*import\.meta\.url,?\s*\)/g;

/** What a package is compiled to. */
export interface CompiledPackage {
  readonly pack: Package;
  /** Texts by their path in the package, under `dist/`. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The modules that were compiled, by their path in the package, under `src/`. */
  readonly sources: readonly string[];
  /** Files that are no modules, such as data, by their path in the package, under `src/`. */
  readonly assets: readonly string[];
}

/** The sources' own settings, but for what older platforms lack: syntax is compiled away, functions are refused. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      target: "es2023",
      lib: ["es2024", "es2025.collection", "es2025.iterator", "esnext.disposable", "dom", "dom.iterable"],
      noEmit: false,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      declaration: true,
      declarationMap: true,
      sourceMap: true,
      rootDir: root,
    },
    root,
  );
  if (errors.length > 0) throw new ReleaseError(report(errors));
  return options;
}

function report(diagnostics: readonly ts.Diagnostic[]): string {
  return ts.formatDiagnosticsWithColorAndContext(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  });
}

/** The modules from which all others of a package are reached by imports. */
function entries({ folder, manifest: { exports = {}, imports = {} } }: Package): string[] {
  return [...Object.values(exports), ...Object.values(imports)]
    .flatMap(targetFiles)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
}

function besides(file: ts.SourceFile): string[] {
  return Array.from(file.text.matchAll(BESIDE), ([, path]) => join(dirname(file.fileName), path));
}

const inside = (folder: string, file: string): string | undefined => {
  const path = relative(folder, file).split(sep).join("/");
  return path.startsWith("src/") ? path : undefined;
};

/** Reads and parses each file once, however many programs are made. */
function hostOf(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const files = new Map<string, ts.SourceFile | undefined>();
  return {
    ...host,
    getSourceFile(name, ...rest) {
      if (!files.has(name)) files.set(name, host.getSourceFile(name, ...rest));
      return files.get(name);
    },
  };
}

/** The program of all packages: what their entries reach, and the modules that are started by their file. */
function createProgram(packages: readonly Package[], options: ts.CompilerOptions): ts.Program {
  const own = (file: string) => packages.some(({ folder }) => inside(folder, file));
  const roots = new Set(packages.flatMap(entries));
  const host = hostOf(options);
  for (let program: ts.Program | undefined; ; ) {
    const before = roots.size;
    program = ts.createProgram([...roots], options, host, program);
    for (const file of program.getSourceFiles().filter(({ fileName }) => own(fileName)))
      for (const path of besides(file)) if (path.endsWith(".ts")) roots.add(path);
    if (roots.size === before) return program;
  }
}

const compiledPath = (source: string) => source.replace(/^src\//, "dist/");

/** A compiled module in which modules are named as they are compiled; the compiler does so in JavaScript imports only. */
function withCompiledNames(text: string): string {
  let named = text.replace(BESIDE, (words) => words.replace(/\.ts"/, '.js"'));
  for (const { fileName, pos } of ts.preProcessFile(named, true, true).importedFiles)
    if (fileName.startsWith(".") && fileName.endsWith(".ts")) {
      // Names are of the same length, so that positions and maps stay right.
      const end = named.indexOf(fileName, pos) + fileName.length;
      named = `${named.slice(0, end - 2)}js${named.slice(end)}`;
    }
  return named;
}

/** A source map that names the sources inside the package. */
function insidePackage(map: string, output: string, source: string): string {
  const { sourceRoot: _, ...rest } = JSON.parse(map);
  return JSON.stringify({ ...rest, sources: [posix.relative(posix.dirname(output), source)] });
}

/**
 * Compiles packages.
 *
 * @throws ReleaseError with the compiler's messages when there are any, or when what was made names a source or a file that
 *   is outside of its package
 */
export function compile(packages: readonly Package[]): CompiledPackage[] {
  const options = compilerOptions();
  const program = createProgram(packages, { ...options, outDir: join(root, "build", "release") });
  const diagnostics = ts.getPreEmitDiagnostics(program);
  if (diagnostics.length > 0) throw new ReleaseError(report(diagnostics));

  return packages.map((pack): CompiledPackage => {
    const files = program.getSourceFiles().filter(({ fileName, isDeclarationFile }) => {
      return !isDeclarationFile && fileName.endsWith(".ts") && inside(pack.folder, fileName);
    });
    const outputs = new Map<string, string>();
    const assets = new Set<string>();
    for (const file of files) {
      const source = inside(pack.folder, file.fileName) as string;
      const emitted = program.emit(file, (name, text) => {
        const output = posix.join(
          posix.dirname(compiledPath(source)),
          posix.basename(name.split(sep).join("/")),
        );
        outputs.set(
          output,
          output.endsWith(".map") ? insidePackage(text, output, source) : withCompiledNames(text),
        );
      });
      if (emitted.diagnostics.length > 0) throw new ReleaseError(report(emitted.diagnostics));
      for (const path of besides(file)) {
        const asset = inside(pack.folder, path);
        if (!asset)
          throw new ReleaseError(`${file.fileName} names ${path}, which is not published with its package`);
        if (!asset.endsWith(".ts")) assets.add(asset);
      }
    }
    for (const [output, text] of outputs) if (!output.endsWith(".map")) assertCompiled(output, text);
    return {
      pack,
      outputs,
      sources: files.map(({ fileName }) => inside(pack.folder, fileName) as string),
      assets: [...assets],
    };
  });
}

/** @throws ReleaseError when a module still names a source, or a file of another package */
function assertCompiled(output: string, text: string): void {
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const left = specifiers.filter((specifier) => specifier.startsWith(".") && !/\.(js|json)$/.test(specifier));
  const outside = specifiers.filter((specifier) => {
    return specifier.startsWith(".") && posix.join(posix.dirname(output), specifier).startsWith("..");
  });
  // In a quotation mark of its own, a type that was inferred may name a module too.
  left.push(...Array.from(text.matchAll(/import\("(\.[^"]+\.ts)"\)/g), ([, name]) => name));
  if (left.length + outside.length > 0)
    throw new ReleaseError(
      `${output} imports ${[...left, ...outside].join(", ")}, which is not published with it`,
    );
}
