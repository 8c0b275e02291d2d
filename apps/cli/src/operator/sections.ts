/** An option that narrows what a section lists. */
export interface SectionFilter {
  readonly flags: string;
  readonly description: string;
  /** The name of the API's parameter. */
  readonly parameter: string;
}

/** A part of what an operator sees and decides; its name is that of the page. */
export interface OperatorSection {
  readonly name: string;
  readonly description: string;
  readonly filters: readonly SectionFilter[];
  /** What can be decided, and of what. */
  readonly decisions: readonly { readonly decision: string; readonly description: string }[];
  readonly example: string;
}

/** The sections, in the order of the pages. */
export const sections: readonly OperatorSection[] = [
  {
    name: "papers",
    description: "list the new papers of a day, the suggested ones first; feature or hide papers",
    filters: [
      { flags: "--day <day>", description: "UTC day, YYYY-MM-DD (default: the latest)", parameter: "day" },
      { flags: "--page <n>", description: "page of 50 papers (default 1)", parameter: "page" },
    ],
    decisions: [
      { decision: "feature", description: "feature a paper in today's list" },
      { decision: "unfeature", description: "take a paper off the lists" },
      { decision: "hide", description: "hide a paper" },
      { decision: "restore", description: "show a hidden paper again" },
    ],
    example: "--feature 2611.00001 --hide 2611.00002",
  },
  {
    name: "moderation",
    description: "list open flags; close flags",
    filters: [],
    decisions: [{ decision: "close", description: "close a flag" }],
    example: "--close 12",
  },
  {
    name: "reports",
    description: "list reports of runs, those whose text waits first; publish or hide them",
    filters: [],
    decisions: [
      { decision: "publish-note", description: "show the text of a report" },
      { decision: "hide-note", description: "hide the text of a report" },
      { decision: "hide", description: "hide a report" },
      { decision: "restore", description: "show a hidden report again" },
    ],
    example: "--publish-note 7 --hide 8",
  },
  {
    name: "accounts",
    description: "find accounts, by default those that are suspended; suspend or restore accounts",
    filters: [
      { flags: "--address <text>", description: "part of the email address", parameter: "address" },
      {
        flags: "--voted-for <paper>",
        description: "arXiv identifier of a paper that they voted for",
        parameter: "voted_for",
      },
    ],
    decisions: [
      { decision: "suspend", description: "suspend an account, which signs it out" },
      { decision: "restore", description: "lift the suspension of an account" },
    ],
    example: "--address @spam.example",
  },
  {
    name: "mail",
    description:
      "show the mail queue, suppressed addresses and bounces; send messages again (administrators)",
    filters: [],
    decisions: [
      { decision: "retry", description: "send a message again" },
      { decision: "allow", description: "let a suppressed address get mail again" },
    ],
    example: "--retry 31",
  },
  {
    name: "jobs",
    description: "list jobs and their failures; run jobs (administrators)",
    filters: [],
    decisions: [{ decision: "run", description: "run a job, or retry one that failed" }],
    example: "--run maintenance",
  },
];
