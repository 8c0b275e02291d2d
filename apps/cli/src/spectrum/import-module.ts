import module from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { SourceError } from "../data-files/source-error.ts";

const OWN = /^(@gradus\/graph|gradus)(\/|$)/;
let isSharing = false;

/**
 * Has a user's modules import the gradus of this program, which need then not be installed beside them: arrays and
 * tensors of another copy would be none for this one. Node has these hooks from 22.15 on.
 */
function shareGradus(): void {
  if (isSharing) return;
  isSharing = true;
  module.registerHooks?.({
    resolve: (specifier, context, next) =>
      next(specifier, OWN.test(specifier) ? { ...context, parentURL: import.meta.url } : context),
  });
}

function explain(file: string, cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ERR_MODULE_NOT_FOUND" && /'(@gradus\/graph|gradus)'/.test(message))
    return `${message}; install it there, or use Node 22.15 or later, which resolves it from gradus`;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /ts$/.test(file))
    return `Node ${process.versions.node} does not run TypeScript; use Node 22.18 or later, or a JavaScript module`;
  if (cause instanceof SyntaxError && /import statement outside a module|'export'/.test(message))
    return `Node treats it as a CommonJS module; rename it to ${file.replace(/\.([jt]s)$/, ".m$1")}, or set "type": "module" in the package.json of its folder`;
  return message;
}

/**
 * Imports a user's module.
 *
 * @throws SourceError with the reason when it cannot be imported
 */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  shareGradus();
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    throw new SourceError(`${file} cannot be imported: ${explain(file, cause)}`, { cause });
  }
}
