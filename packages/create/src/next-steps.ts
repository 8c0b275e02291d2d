import { basename, relative } from "node:path";
import type { Project } from "./create-project.ts";
import { type PackageManager, projectCommands } from "./package-manager.ts";
import { templateDescriptions } from "./templates.ts";

const quoted = (path: string) => (/^[\w./\\:~@+-]+$/.test(path) ? path : `"${path}"`);

/** The path that is quicker to type. */
function shortest(cwd: string, folder: string): string {
  const path = relative(cwd, folder);
  return path.startsWith("..") && path.length > folder.length ? folder : path;
}

/**
 * What to tell somebody whose project has been created: what it is, and what to type next.
 *
 * @param cwd the folder in which the commands are typed
 */
export function nextSteps(
  { folder, name, template }: Project,
  { manager, cwd }: { readonly manager: PackageManager; readonly cwd: string },
): string[] {
  const path = shortest(cwd, folder);
  const { install, run, test } = projectCommands(manager, template);
  const named = name === basename(folder) ? [] : [`Its package is named ${name}.`];
  const enter = path === "" ? [] : [`cd ${quoted(path)}`];
  return [
    `Created ${path === "" ? "a project in this folder" : path}: ${templateDescriptions[template]}.`,
    ...named,
    "",
    "Next:",
    ...[...enter, install, run].map((command) => `  ${command}`),
    "",
    `Check it with ${test}; README.md describes the files.`,
  ];
}
