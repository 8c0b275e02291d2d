import process from "node:process";
import { createProject, nextSteps, ProjectError, packageManagerOf, type TemplateName } from "create-gradus";
import { exitStatus, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";

export interface NewOptions {
  readonly template?: TemplateName;
}

/** `gradus new`: creates a project from a template. */
export async function create(host: Host, folder: string, { template }: NewOptions): Promise<number> {
  try {
    const project = await createProject({ folder, template });
    const manager = packageManagerOf(process.env.npm_config_user_agent);
    writeLines(host.out, nextSteps(project, { manager, cwd: process.cwd() }));
  } catch (error) {
    if (error instanceof ProjectError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  return exitStatus.success;
}
