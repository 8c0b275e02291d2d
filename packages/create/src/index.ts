export { createProject, type Project, type ProjectOptions } from "./create-project.ts";
export { ProjectError } from "./errors.ts";
export { nextSteps } from "./next-steps.ts";
export { type PackageManager, packageManagerOf } from "./package-manager.ts";
export type { TemplateName } from "./templates.ts";
