/** What jobs are called on pages. */
const NAMES: Readonly<Record<string, string>> = {
  maintenance: "Search index",
  "ingest-atom": "New papers",
  "ingest-oai": "New versions",
  "ingest-hugging-face": "Daily lists of Hugging Face",
  "ingest-range": "Requested date ranges",
  mail: "Mail",
  "incoming-mail": "Incoming mail",
  submissions: "Pending submissions",
  backup: "Backup",
  "check-counts": "Count check",
  vacuum: "Database cleanup",
  subscriptions: "Subscription requests",
  "digest-tick": "Digests",
};

/** What a job is called on pages. */
export function jobLabel(name: string): string {
  return NAMES[name] ?? name;
}
