import type { OwnMarks, PersonView } from "#lib/person-view.ts";
import type { Stamp } from "#lib/server/cache/page-cache.ts";
import type { Person } from "#lib/server/people/sessions.ts";
import type { ListView } from "#lib/views.ts";

declare global {
  namespace App {
    interface Error {
      /** Names the failure in the log, so that a reader can report it. */
      reference?: string;
      /** The identifier of a paper that is not here. */
      absentPaper?: string;
      /** The identifier of a paper that a moderator removed. */
      removedPaper?: string;
    }
    interface Locals {
      /** The pattern of the route of the API that answered. */
      route?: string;
      /** By what is made for the request may be kept. */
      stamp?: Stamp;
      /** Who is signed in. */
      person?: Person;
      /** The account of the access token that a request of the API came with. */
      tokenOwner?: string;
      /** The token of their session. */
      session?: string;
    }
    interface PageData {
      /** Who is signed in, for the header. */
      person: PersonView | null;
      /** What they did with the papers that the page shows. */
      own?: OwnMarks;
      /** The list that the page shows: the header's links lead to its neighbors. */
      feed?: ListView;
    }
  }
}
