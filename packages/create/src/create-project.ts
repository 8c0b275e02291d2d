import { basename, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { ProjectError } from "./errors.ts";
import { packageName } from "./package-name.ts";
import { templateFiles } from "./template-files.ts";
import { type TemplateName, templateNames } from "./templates.ts";
import { writeFolder } from "./write-folder.ts";

export interface ProjectOptions {
  /** Where to create the project: a folder that does not exist yet, or an empty one. */
  readonly folder: string;
  /** `node`: a program; `vite`: a page. */
  readonly template?: TemplateName;
}

export interface Project {
  /** Its absolute path. */
  readonly folder: string;
  /** The name of its package, made of the folder's. */
  readonly name: string;
  readonly template: TemplateName;
  /** The files that were written, in alphabetical order. */
  readonly files: readonly string[];
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const MANIFEST = "package.json";
const OPTIONS: readonly string[] = ["folder", "template"] satisfies (keyof ProjectOptions)[];

function checkOptions({ folder, template, ...others }: ProjectOptions): void {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new ProjectError(`createProject has no option "${unknown}"; it has ${OPTIONS.join(" and ")}`);
  if (typeof folder !== "string" || folder.trim() === "")
    throw new ProjectError(`folder must be the path of a folder, got ${JSON.stringify(folder)}`);
  if (template !== undefined && !templateNames.includes(template))
    throw new ProjectError(`template must be ${templateNames.join(" or ")}, got ${JSON.stringify(template)}`);
}

/** The packages of this repository have one version; templates leave theirs open. */
function pinned(dependencies: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(dependencies);
  return Object.fromEntries(
    entries.map(([name, range]) => [name, range === "*" ? `^${manifest.version}` : range]),
  );
}

/**
 * Creates a small project that trains a model, from a template: all of it or nothing.
 *
 *     const { name } = await createProject({ folder: "digits", template: "vite" });
 *
 * @throws ProjectError when the folder is not empty or cannot be written to, when no name for a package can be made of
 *   its name, or for an unknown template or option
 */
export async function createProject(options: ProjectOptions): Promise<Project> {
  checkOptions(options);
  const { template = templateNames[0] } = options;
  const folder = resolve(options.folder);
  const contents = await templateFiles(template);
  const given: Manifest = JSON.parse(String(contents.get(MANIFEST)));
  const { dependencies, devDependencies } = given;
  const name = packageName(basename(folder), Object.keys({ ...dependencies, ...devDependencies }));
  const own = { ...given, name, dependencies: pinned(dependencies) };
  const files = new Map<string, string | Uint8Array>(contents).set(
    MANIFEST,
    `${JSON.stringify(own, undefined, 2)}\n`,
  );
  await writeFolder(folder, files);
  return { folder, name, template, files: [...files.keys()].sort() };
}
