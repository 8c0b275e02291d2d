/** A message of header fields and a body, with the line ends of mail. */
export function message(fields: Readonly<Record<string, string>>, body: string): Buffer {
  const header = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([...header, "", body].join("\n").replace(/\r?\n/g, "\r\n"));
}

/** A report of parts (RFC 6522), each a type and what it says. */
export function multipartReport(
  fields: Readonly<Record<string, string>>,
  parts: readonly (readonly [type: string, text: string])[],
): Buffer {
  const type = parts[1]?.[0].split("/")[1];
  const body = parts.map(([own, text]) => `--=_1\nContent-Type: ${own}\n\n${text}\n`).join("");
  return message(
    {
      "Return-Path": "<>",
      From: "Mail Delivery System <MAILER-DAEMON@mx.example.net>",
      "Message-ID": "<report.1@mx.example.net>",
      "MIME-Version": "1.0",
      "Content-Type": `multipart/report; report-type=${type}; boundary="=_1"`,
      ...fields,
    },
    `${body}--=_1--\n`,
  );
}

/** A delivery status notification (RFC 3464) to an address, of what happened to each recipient. */
export function statusNotification(
  to: string,
  recipients: readonly Readonly<Record<string, string>>[],
  fields: Readonly<Record<string, string>> = {},
): Buffer {
  const groups = recipients.map((own) =>
    Object.entries({ "Final-Recipient": "rfc822; somebody@example.com", ...own })
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
  );
  return multipartReport({ To: to, Subject: "Undelivered Mail Returned to Sender", ...fields }, [
    ["text/plain; charset=us-ascii", "The message could not be delivered."],
    ["message/delivery-status", ["Reporting-MTA: dns; mx.example.net", ...groups].join("\n\n")],
    ["text/rfc822-headers", "From: gradus@papers.example.org\nSubject: Papers"],
  ]);
}

/** A complaint (RFC 5965) to an address, of a message with some envelope sender. */
export function complaint(
  to: string,
  { mailFrom, returnPath, type = "abuse" }: { mailFrom?: string; returnPath?: string; type?: string },
): Buffer {
  return multipartReport({ To: to, From: "feedback@isp.example", Subject: "Complaint" }, [
    ["text/plain", "This is an abuse report for a message."],
    [
      "message/feedback-report",
      [
        `Feedback-Type: ${type}`,
        "Version: 1",
        "User-Agent: Loop/1",
        ...(mailFrom ? [`Original-Mail-From: <${mailFrom}>`] : []),
      ].join("\n"),
    ],
    ["message/rfc822", `${returnPath ? `Return-Path: <${returnPath}>\n` : ""}Subject: Papers\n\nText`],
  ]);
}
