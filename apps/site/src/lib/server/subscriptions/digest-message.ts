import { countLabel, dayHeading } from "#lib/days.ts";
import type { SubscriptionChoices } from "../database/schema/index.ts";
import { escaped, mailHtml, RULE, SMALL } from "../mail/html.ts";
import type { MailMessage } from "../mail/transport.ts";
import { wrapped } from "../mail/wrap.ts";
import { describeMatching, describeSchedule } from "./describe.ts";
import { type DigestPaper, onOneLine } from "./digest-papers.ts";
import { type ListLink, listsOf } from "./digest-rest.ts";
import { isWeekly, localDay } from "./local-time.ts";

/** Characters of the first title that a subject has. */
const TITLE_IN_SUBJECT = 100;

/** What a digest is composed of. */
export interface Digest {
  readonly recipient: string;
  readonly choices: SubscriptionChoices;
  /** From when on its papers are. */
  readonly since: Date;
  /** When it was due: its papers are the last up to then. */
  readonly due: Date;
  /** The local day or ISO week that it is of, as it was when it was made, whatever its reader has chosen since. */
  readonly period: string;
  /** Papers that matched, of which the first are listed. */
  readonly matched: number;
  readonly papers: readonly DigestPaper[];
  readonly labels: ReadonlyMap<string, string>;
  /** The address of the site. */
  readonly origin: string;
  /** The token of the preferences. */
  readonly token: string;
  /** The address of a mailed request to unsubscribe, where there is one. */
  readonly unsubscribeAddress?: string;
  /** The address to which servers return the message. */
  readonly returnPath: string;
  readonly messageId: string;
  /** Who runs the site. */
  readonly operator: string;
}

function headingOf({ due, period, choices }: Digest): string {
  // Not the number of a week: on the day that it is due another week has begun.
  return isWeekly(period) ? `Week to ${dayHeading(localDay(due, choices.tz))}` : dayHeading(period);
}

/** The first characters of a text, whole ones. */
function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}

function subjectOf({ papers, matched }: Digest): string {
  const title = shortened(papers[0].title, TITLE_IN_SUBJECT);
  return onOneLine(matched > 1 ? `${title} and ${matched - 1} more` : title);
}

/** Titles after that of the subject, for lists of messages. */
const PREVIEWED = 3;

function previewOf({ papers }: Digest): string {
  return papers
    .slice(1, 1 + PREVIEWED)
    .map(({ title }) => title)
    .join(" · ");
}

const paperLink = (origin: string, { arxivId }: DigestPaper) => `${origin}/papers/${arxivId}`;

function countOf({ matched, papers }: Digest): string {
  const count = countLabel(matched, "paper");
  return papers.length < matched ? `${count}, the first ${papers.length} below` : count;
}

/** The lists that have the papers that matched and are not in the message. */
function restOf({ choices, matched, papers, ...interval }: Digest): readonly ListLink[] {
  return papers.length < matched ? listsOf(choices, interval) : [];
}

function whyOf({ choices, labels, origin }: Digest): string {
  const { host } = new URL(origin);
  return `You get this because you subscribed at ${host} to ${describeMatching(choices, labels)}, ${describeSchedule(choices)}.`;
}

/**
 * Papers with what was measured of them: mail programs cut a message of more than 102 kB, and with it the links at its
 * end.
 */
const WITH_FINDINGS = 20;

/** The papers as the message lists them, those far down in fewer words. */
const entriesOf = ({ papers }: Digest): readonly DigestPaper[] =>
  papers.map((paper, i) => (i < WITH_FINDINGS ? paper : { ...paper, findings: [] }));

/** Before the lines of a paper, whose first begins with its number. */
const INDENT = "    ";

function textOf(digest: Digest): string {
  const { origin, token, operator } = digest;
  const own = `${origin}/u/${token}`;
  const entries = entriesOf(digest).map((paper, i) => {
    const { title, authors, excerpt, marks, findings } = paper;
    return [
      `${`${i + 1}.`.padEnd(INDENT.length)}${wrapped(title, INDENT).slice(INDENT.length)}`,
      wrapped(authors, INDENT),
      wrapped(excerpt, INDENT),
      ...findings.map((finding) => wrapped(`Measured: ${finding}`, INDENT)),
      wrapped(marks, INDENT),
      `${INDENT}${paperLink(origin, paper)}`,
    ].join("\n");
  });
  const rest = restOf(digest).flatMap(({ label, url }, i) => [
    wrapped(`${i === 0 ? "The others are among" : "and"} ${label}:`),
    url,
  ]);
  return [
    wrapped(`gradus: ${headingOf(digest)}\n${countOf(digest)}`),
    ...entries,
    ...(rest.length > 0 ? [rest.join("\n")] : []),
    ["--", wrapped(whyOf(digest)), `Preferences and unsubscribe:\n${own}`, wrapped(operator)].join("\n"),
  ].join("\n\n");
}

function htmlOf(digest: Digest): string {
  const { origin, token, operator } = digest;
  const own = escaped(`${origin}/u/${token}`);
  const entries = entriesOf(digest).map((paper) => {
    const { title, authors, excerpt, marks, findings } = paper;
    return [
      `<li style="margin:0 0 24px">`,
      `<h2 style="margin:0;font-size:18px;line-height:1.3"><a href="${escaped(paperLink(origin, paper))}">${escaped(title)}</a></h2>`,
      `<p style="${SMALL}">${escaped(authors)}</p>`,
      `<p style="margin:4px 0">${escaped(excerpt)}</p>`,
      ...findings.map(
        (finding) => `<p style="margin:4px 0"><strong>Measured:</strong> ${escaped(finding)}</p>`,
      ),
      `<p style="${SMALL}">${escaped(marks)}</p>`,
      `</li>`,
    ].join("\n");
  });
  const rest = restOf(digest).map(({ label, url }) => `<a href="${escaped(url)}">${escaped(label)}</a>`);
  const parts = [
    `<h1 style="margin:0;font-size:22px;line-height:1.25">${escaped(headingOf(digest))}</h1>`,
    `<p style="${SMALL}">${escaped(countOf(digest))}</p>`,
    `<hr style="${RULE}">`,
    `<ol style="margin:0;padding:0 0 0 24px">`,
    ...entries,
    `</ol>`,
    ...(rest.length > 0 ? [`<p style="margin:0">The others are among ${rest.join(" and ")}.</p>`] : []),
    `<hr style="${RULE}">`,
    `<p style="${SMALL}">${escaped(whyOf(digest))}</p>`,
    `<p style="${SMALL}"><a href="${own}">Preferences</a> · <a href="${own}">Unsubscribe</a></p>`,
    `<p style="${SMALL}">${escaped(operator)}</p>`,
  ];
  return mailHtml(subjectOf(digest), parts, previewOf(digest));
}

/** Composes a digest of at least one paper. */
export function digestMessage(digest: Digest): MailMessage {
  const { recipient, origin, token, unsubscribeAddress, returnPath, messageId } = digest;
  const { hostname } = new URL(origin);
  return {
    to: recipient,
    subject: subjectOf(digest),
    text: textOf(digest),
    html: htmlOf(digest),
    messageId,
    returnPath,
    headers: {
      // Not by the library's own option, which makes another field of the second.
      "List-Unsubscribe": [
        `${origin}/u/${token}`,
        ...(unsubscribeAddress ? [`mailto:${unsubscribeAddress}`] : []),
      ]
        .map((address) => `<${address}>`)
        .join(", "),
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      "List-Id": `gradus daily <daily.${hostname}>`,
      "List-Archive": `<${origin}/papers>`,
      "List-Help": `<${origin}/about>`,
      Precedence: "bulk",
    },
  };
}
