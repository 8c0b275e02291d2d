import { sql } from "drizzle-orm";
import type { OwnMarks } from "#lib/person-view.ts";
import type { Orm } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";

interface Row {
  readonly arxiv_id: string;
  readonly voted: boolean;
  readonly saved: boolean;
  readonly read: boolean;
}

/** What somebody did with some papers. */
export async function ownMarks(
  orm: Orm,
  userId: string,
  arxivIds: readonly string[],
): Promise<Omit<OwnMarks, "reports">> {
  if (arxivIds.length === 0) return { voted: [], saved: [], read: [] };
  const listed = sql.join(
    arxivIds.map((id) => sql`${id}`),
    sql`, `,
  );
  const rows = rowsOf<Row>(
    await orm.execute(sql`
      select p.arxiv_id, v.user_id is not null as voted, m.saved_at is not null as saved, m.read_at is not null as read
      from papers p
      left join votes v on v.paper_id = p.id and v.user_id = ${userId}::uuid
      left join reading_marks m on m.paper_id = p.id and m.user_id = ${userId}::uuid
      where p.arxiv_id in (${listed}) and (v.user_id is not null or m.user_id is not null)`),
  );
  const having = (mark: "voted" | "saved" | "read") =>
    rows.filter((row) => row[mark]).map(({ arxiv_id: id }) => id);
  return { voted: having("voted"), saved: having("saved"), read: having("read") };
}
