/** A part of the operator's pages. */
export interface OperatorSection {
  readonly path: string;
  readonly label: string;
  /** Whether moderators, who are not administrators, see it too. */
  readonly moderators: boolean;
}

/** The operator's pages, in the order of their navigation. */
export const operatorSections: readonly OperatorSection[] = [
  { path: "/operator", label: "Overview", moderators: true },
  { path: "/operator/papers", label: "New papers", moderators: true },
  { path: "/operator/moderation", label: "Moderation", moderators: true },
  { path: "/operator/reports", label: "Reports", moderators: true },
  { path: "/operator/accounts", label: "Accounts", moderators: true },
  { path: "/operator/mail", label: "Mail", moderators: false },
  { path: "/operator/jobs", label: "Jobs", moderators: false },
];

/** The section that a path is in. */
export function sectionOf(path: string): OperatorSection | undefined {
  return operatorSections
    .filter((section) => path === section.path || path.startsWith(`${section.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}
