/** A job of the site: what it does, when it is due and how often it is tried. */
export interface Job {
  /** Also the name of its queue. */
  readonly name: string;
  /** When it is due, in cron's notation (UTC). A run missed while the site was stopped is made up for once. */
  readonly schedule?: string;
  /** Does the work; rejects when it failed. Doing it again must do no harm. */
  run(signal: AbortSignal): Promise<void>;
}
