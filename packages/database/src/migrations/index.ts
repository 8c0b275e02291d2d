// The schema of the site's database: what the site applies when it starts, and what a plan is compared with.
import type { SchemaStep } from "../migration-plan.ts";
import papers from "./0001-papers.ts";
import reading from "./0002-reading.ts";
import search from "./0004-search.ts";
import modelParts from "./0008-model-parts.ts";
import searchSpeed from "./0010-search-speed.ts";
import spelling from "./0011-spelling.ts";
import measurements from "./0012-measurements.ts";
import topics from "./0013-topics.ts";
import contentVersions from "./0014-content-versions.ts";
import accounts from "./0015-accounts.ts";
import ingestion from "./0016-ingestion.ts";
import moderation from "./0017-moderation.ts";
import reports from "./0018-reports.ts";
import votes from "./0019-votes.ts";
import readingMarks from "./0020-reading-marks.ts";
import measurementImports from "./0021-measurement-imports.ts";
import submissions from "./0022-submissions.ts";
import subscriptions from "./0023-subscriptions.ts";
import voteFunctions from "./0024-vote-functions.ts";
import incomingMail from "./0025-incoming-mail.ts";
import arrivals from "./0026-arrivals.ts";
import voteWindows from "./0027-vote-windows.ts";
import reportJudges from "./0028-report-judges.ts";
import topicIndex from "./0029-topic-index.ts";
import voteLocks from "./0030-vote-locks.ts";
import digestHistory from "./0031-digest-history.ts";
import renderings from "./0032-renderings.ts";
import addressChanges from "./0033-address-changes.ts";
import withdrawnReports from "./0034-withdrawn-reports.ts";

/** The steps of the schema, in order. A step that a database may have had is never edited: a new one follows. */
export const migrations: readonly SchemaStep[] = [
  { version: "0001_papers", text: papers },
  { version: "0002_reading", text: reading },
  { version: "0004_search", text: search },
  { version: "0008_model_parts", text: modelParts },
  { version: "0010_search_speed", text: searchSpeed },
  { version: "0011_spelling", text: spelling },
  { version: "0012_measurements", text: measurements },
  { version: "0013_topics", text: topics },
  { version: "0014_content_versions", text: contentVersions },
  { version: "0015_accounts", text: accounts },
  { version: "0016_ingestion", text: ingestion },
  { version: "0017_moderation", text: moderation },
  { version: "0018_reports", text: reports },
  { version: "0019_votes", text: votes },
  { version: "0020_reading_marks", text: readingMarks },
  { version: "0021_measurement_imports", text: measurementImports },
  { version: "0022_submissions", text: submissions },
  { version: "0023_subscriptions", text: subscriptions },
  { version: "0024_vote_functions", text: voteFunctions },
  { version: "0025_incoming_mail", text: incomingMail },
  { version: "0026_arrivals", text: arrivals },
  { version: "0027_vote_windows", text: voteWindows },
  { version: "0028_report_judges", text: reportJudges },
  { version: "0029_topic_index", text: topicIndex },
  { version: "0030_vote_locks", text: voteLocks },
  { version: "0031_digest_history", text: digestHistory },
  { version: "0032_renderings", text: renderings },
  { version: "0033_address_changes", text: addressChanges },
  { version: "0034_withdrawn_reports", text: withdrawnReports },
];

export type { SchemaStep };
