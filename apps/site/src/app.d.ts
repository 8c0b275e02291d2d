import type { ListView } from "#lib/views.ts";

declare global {
  namespace App {
    interface Error {
      /** Names the failure in the log, so that a reader can report it. */
      reference?: string;
    }
    interface Locals {
      /** The pattern of the route of the API that answered. */
      route?: string;
    }
    interface PageData {
      /** The list that the page shows: the header's links lead to its neighbors. */
      feed?: ListView;
    }
  }
}
