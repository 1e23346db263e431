/**
 * Optimizer hints: the comment of the form `+` behind the first word of a statement.
 *
 * Of all that OceanBase knows only QUERY_TIMEOUT has an effect here; to the grammar a hint is a comment.
 */
const HINTS = /(?:select|insert|replace|update|delete)\s*\/\*\+([\s\S]*?)\*\//iy;
const QUERY_TIMEOUT = /\bquery_timeout\s*\(\s*(\d{1,16})\s*\)/i;

/** How long the statement that starts at `at` may take, in microseconds; null if it does not say. */
export function queryTimeoutHint(text: string, at: number): number | null {
  if (!text.includes('/*+', at)) return null;
  HINTS.lastIndex = at;
  const hints = HINTS.exec(text)?.[1];
  const said = hints === undefined ? null : QUERY_TIMEOUT.exec(hints);
  return said === null ? null : Math.max(1, Number(said[1]));
}
