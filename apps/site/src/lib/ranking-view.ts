/** How the ranking is explained. */
export interface RankingView {
  readonly halfLifeHours: number;
  /** Age from which an account's votes count. */
  readonly newAccountHours: number;
  readonly epoch: string;
  readonly example: {
    readonly days: number;
    readonly curves: readonly {
      readonly name: string;
      readonly points: readonly { readonly day: number; readonly score: number }[];
    }[];
  };
  /** The papers that lead at the moment, with their `hot` and what their votes are worth now. */
  readonly leaders: readonly {
    readonly arxivId: string;
    readonly title: string;
    readonly votes: number;
    readonly hot: number;
    readonly score: number;
  }[];
}
