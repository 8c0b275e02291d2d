import { join } from "node:path";
import { Application, type CommentTag, type ProjectReflection } from "typedoc";
import { type Defaults, defaultsOf, type OptionDefaults } from "./defaults.ts";
import { packageRules } from "./modules.ts";

/** What the comment of each signature says of its parameters, by the signature's number. */
export type ParameterTags = ReadonlyMap<number, readonly CommentTag[]>;

export interface ReadProject {
  readonly project: ProjectReflection;
  readonly defaults: Defaults;
  readonly tags: ParameterTags;
}

/**
 * Reads the public exports of the packages, their types and their comments.
 *
 * @throws Error when the compiler cannot read the sources at all
 */
export async function readProject(root: string): Promise<ReadProject> {
  const app = await Application.bootstrap({
    entryPoints: packageRules.map(({ folder }) => join(root, folder, "src", "index.ts")),
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
    plugin: [],
  });
  const defaults = new Map<number, OptionDefaults>();
  const tags = new Map<number, readonly CommentTag[]>();
  app.converter.on("createSignature", (_context, signature, declaration) => {
    // Later the compiler gives them to parameters by name, and drops those of a parameter without one.
    tags.set(signature.id, signature.comment?.blockTags.filter(({ tag }) => tag === "@param") ?? []);
    if (declaration) defaults.set(signature.id, defaultsOf(declaration));
  });
  const project = await app.convert();
  if (!project) throw new Error("the API reference: the packages' sources cannot be read");
  return { project, defaults, tags };
}
