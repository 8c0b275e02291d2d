/** What `withdrawn` in a comment or an abstract means: the paper, and not that it was withdrawn from a venue. */
const WITHDRAWN =
  /^\W*(?:(?:this|the) )?(?:(?:paper|article|submission|manuscript|preprint|work|version)s? )?(?:(?:has|have) been |is |was )?(?:temporarily )?withdrawn\b(?! from\b)/i;
const WITHDRAWN_WITHIN =
  /\b(?:paper|article|submission|manuscript|preprint) (?:has been|is|was) (?:temporarily )?withdrawn by\b/i;

/** Whether a comment or an abstract says that the paper was withdrawn. */
export function saysWithdrawn(comment: string | null, abstract: string): boolean {
  return [comment ?? "", abstract].some((text) => WITHDRAWN.test(text) || WITHDRAWN_WITHIN.test(text));
}
