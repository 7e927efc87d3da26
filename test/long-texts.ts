/**
 * What a pattern, a sort or a walk may come back to again and again: signs that escape, quote, part, join, mark, hide
 * or begin something.
 */
export const UNITS: readonly string[] = [
  ...'\\ ` ; , . - @ a@ a. a.b@ / // ( ((a) [ [[ { {"a": " \' \'\' %25 % _ &#0 < = ,= | $ * -- /* -1,'.split(
    ' ',
  ),
  ...'of_ www. https:// linkedin.com/company/ U. job_id: "job_id":" 00000000-0000- page_ __proto__ 1 x'.split(
    ' ',
  ),
  ...['```\n', '\n', '\r\n', '\r', ' ', ' \t', '\0', ', ', 'dba ', 'inc ', ' and ', 'Series '],
  ...['\u200b', '\u200d', '\ufe0f', '\u001b[', '\u001b]', '\u009b1', '\u202e', '\u0301\u0316', 'x\u0301'],
  ...['\ud800', 'İ', '株式会社', '❤', '❤\ufe0f', '👩\u200d', 'سس\u200c', '🏴\u{e0067}'],
];

/** A few of them that were slow once. */
export const ONCE_SLOW: readonly string[] = ['\\', '```\n', '\n', '.', ' \t', '\u0301\u0316', '\ufe0f', 'a@'];

/** So long that whoever takes more than a steady time for each character does not end within a test. UTF-16 units. */
export const LONG = 200_000;

export function longText(unit: string, length = LONG): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}
