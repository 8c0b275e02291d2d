import type { TemplateName } from "./templates.ts";

const packageManagers = ["npm", "pnpm", "yarn", "bun"] as const;

export type PackageManager = (typeof packageManagers)[number];

/**
 * The package manager that started this process, npm when none did.
 *
 * @param userAgent the environment's `npm_config_user_agent`, such as `pnpm/10.2.0 npm/? node/v24.1.0 linux x64`
 */
export function packageManagerOf(userAgent = ""): PackageManager {
  const [name] = userAgent.split("/");
  return packageManagers.find((manager) => manager === name) ?? "npm";
}

/** A command line that runs this package, such as `npm create gradus my-app`. */
export function createCommand(manager: PackageManager, ...words: readonly string[]): string {
  // npm keeps options in front of -- to itself.
  const isOption = manager === "npm" && words.some((word) => word.startsWith("--"));
  const folders = words.filter((word) => !word.startsWith("--"));
  const options = words.filter((word) => word.startsWith("--"));
  return [manager, "create", "gradus", ...folders, ...(isOption ? ["--"] : []), ...options].join(" ");
}

const script = { node: "start", vite: "dev" } as const satisfies Record<TemplateName, string>;

function runScript(manager: PackageManager, name: string): string {
  const isOwnCommand = manager === "pnpm" || manager === "yarn" || (manager === "npm" && name !== "dev");
  return isOwnCommand ? `${manager} ${name}` : `${manager} run ${name}`;
}

/** The commands with which a new project is installed, run and tested. */
export function projectCommands(manager: PackageManager, template: TemplateName) {
  return {
    install: `${manager} install`,
    run: runScript(manager, script[template]),
    test: runScript(manager, "test"),
  };
}
