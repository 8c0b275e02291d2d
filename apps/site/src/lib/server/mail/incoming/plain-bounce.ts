import { firstOf } from "./fields.ts";
import type { IncomingMessage } from "./message.ts";
import { codeIn, failureOf, type Verdict } from "./verdict.ts";

/** How servers that write no report begin what they say (qmail's QSBMF, Exim, and those like them). */
const BEGINNINGS = [
  /^Hi\. This is the .{1,80} program/m,
  /^This message was created automatically by (?:the )?mail (?:delivery|system) software/im,
  /^(?:A message that you sent|Your message) (?:could not be|was not|wasn't|couldn't be) delivered/im,
  /^(?:Delivery has failed|The following (?:recipient|address|message)s?\b.{0,60}(?:fail|could not|undeliver))/im,
  /^ {0,3}-{3,} (?:The following addresses had permanent fatal errors|Transcript of session follows)/m,
];
/** And the subjects of their messages. */
const SUBJECTS =
  /^(?:failure notice|undeliver(?:ed|able)|delivery (?:status notification|failure|has failed)|mail delivery (?:failed|failure|system)|returned mail|delivery to .* failed|message (?:not delivered|delivery failure))/i;
/** Where the returned message begins: nothing after it is said by the server. */
const RETURNED =
  /^(?:-{3,} ?(?:Below this line is a copy|This is a copy|Original message|Returned message|Message header follows|Unsent message)|Return-Path:|Received:)/im;
/** Of warnings while a server goes on trying. */
const STILL_TRYING =
  /(?:delayed|\(delay\)|warning: (?:message|could not)|will (?:keep|continue) trying|no action is required|still being retried)/i;

/** Whether a mail server wrote a message, rather than a person or what answers for them. */
function isFromServer({ fields }: IncomingMessage): boolean {
  const returnPath = firstOf(fields, "return-path");
  const from = firstOf(fields, "from") ?? "";
  return returnPath === "<>" || /(?:mailer-?daemon|postmaster)@|mail delivery (?:sub)?system/i.test(from);
}

/** What a bounce says that is no report (RFC 3464); undefined for a message that is no bounce. */
export function readPlainBounce(message: IncomingMessage): Verdict | undefined {
  const { fields, text } = message;
  const subject = firstOf(fields, "subject") ?? "";
  const begins = BEGINNINGS.some((beginning) => beginning.test(text));
  const looksSo = fields.has("x-failed-recipients") || SUBJECTS.test(subject) || begins;
  if (!looksSo || !isFromServer(message)) return undefined;
  const [said] = text.split(RETURNED, 1);
  const code = codeIn(said);
  if (!code?.startsWith("5") && (STILL_TRYING.test(subject) || STILL_TRYING.test(said)))
    return { kind: "none" };
  return failureOf(code);
}
