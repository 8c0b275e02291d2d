/** What jobs are called on pages. */
const NAMES: Readonly<Record<string, string>> = {
  maintenance: "Search index",
  mail: "Mail",
  backup: "Backup",
};

/** What a job is called on pages. */
export function jobLabel(name: string): string {
  return NAMES[name] ?? name;
}
