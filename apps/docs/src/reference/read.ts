import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  type CommentTag,
  type Context,
  type ProjectReflection,
  type SignatureReflection,
} from "typedoc";
import type ts from "typescript";
import { type Defaults, defaultsOf, type OptionDefaults } from "./defaults.ts";
import { entryFiles, packageRules } from "./modules.ts";

/** What the comment of each signature says of its parameters, by the signature's number. */
export type ParameterTags = ReadonlyMap<number, readonly CommentTag[]>;

export interface ReadProject {
  readonly project: ProjectReflection;
  readonly defaults: Defaults;
  readonly tags: ParameterTags;
}

/** Where types stand that a signature names and nobody can import. */
export const NOT_EXPORTED = "not exported";
const missingExports = { internalModule: NOT_EXPORTED };

const applications = new Map<string, Promise<Application>>();

/** One application a root: the plugin for types that are not exported can be loaded once in a process. */
function applicationFor(root: string): Promise<Application> {
  let application = applications.get(root);
  if (!application) {
    application = bootstrap(root);
    applications.set(root, application);
  }
  return application;
}

async function bootstrap(root: string): Promise<Application> {
  return Application.bootstrapWithPlugins({
    entryPoints: packageRules.flatMap(entryFiles).map((file) => join(root, file)),
    tsconfig: join(root, "apps", "docs", "tsconfig.json"),
    basePath: root,
    displayBasePath: root,
    disableGit: true,
    sourceLinkTemplate: "{path}",
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    sort: ["source-order"],
    // Types are checked by the type check; this reads.
    skipErrorChecking: true,
    logLevel: "Error",
    plugin: [fileURLToPath(import.meta.resolve("typedoc-plugin-missing-exports"))],
    ...missingExports,
  });
}

/**
 * Reads the public exports of the packages, their types and their comments.
 *
 * @throws Error when the compiler cannot read the sources at all
 */
export async function readProject(root: string): Promise<ReadProject> {
  const app = await applicationFor(root);
  const defaults = new Map<number, OptionDefaults>();
  const tags = new Map<number, readonly CommentTag[]>();
  const describe = (
    _context: Context,
    signature: SignatureReflection,
    declaration?: ts.SignatureDeclaration | ts.JSDocSignature,
  ) => {
    // Later the compiler gives them to parameters by name, and drops those of a parameter without one.
    tags.set(signature.id, signature.comment?.blockTags.filter(({ tag }) => tag === "@param") ?? []);
    if (declaration) defaults.set(signature.id, defaultsOf(declaration));
  };
  app.converter.on("createSignature", describe);
  const project = await app.convert().finally(() => app.converter.off("createSignature", describe));
  if (!project) throw new Error("the API reference: the packages' sources cannot be read");
  return { project, defaults, tags };
}
