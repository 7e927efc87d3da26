// A statement cut into the tokens that SQLite's own tokenizer sees (https://sqlite.org/lang_keywords.html,
// src/tokenize.c), in one pass over the text, and the few ways in which tokens are gone through.

export type TokenKind =
  /** A keyword or a name without quotes. */
  | 'word'
  /** A name in "…", `…` or […]. */
  | 'name'
  | 'string'
  | 'blob'
  | 'number'
  /** What stands for a value that is given beside the statement: ?, ?1, :x, @x, $x. */
  | 'parameter'
  | 'sign'
  | 'comment';

export interface Token {
  kind: TokenKind;
  /** As it stands in the statement. */
  text: string;
  /** A word in lower case; what stands inside quotes, doubled ones once; else the text. */
  value: string;
  /** Where it begins in the statement; UTF-16 units. */
  start: number;
  /** Whether its quote or comment is closed. */
  closed: boolean;
}

// A byte order mark is blank where a token could begin.
const BLANKS = /[ \t\n\f\r\ufeff]*/y;
// SQLite takes every character beyond ASCII for a letter. A group is what closes the token, empty where nothing does.
const TOKENS: ReadonlyArray<readonly [TokenKind, RegExp]> = [
  ['comment', /--[^\n]*/y],
  ['comment', /\/\*[\s\S]*?(\*\/|$)/y],
  ['string', /'[^']*(?:''[^']*)*('?)/y],
  ['name', /"[^"]*(?:""[^"]*)*("?)/y],
  ['name', /`[^`]*(?:``[^`]*)*(`?)/y],
  ['name', /\[[^\]]*(\]?)/y],
  ['blob', /x'[^']*(?:''[^']*)*('?)/iy],
  ['number', /0x[0-9a-f_]*|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:e[+-]?[0-9][0-9_]*)?/iy],
  ['parameter', /\?[0-9]*|[:@#$][\w$\u0080-\uffff]+/y],
  ['word', /[\w\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['sign', /->>|\|\||->|<=|>=|<>|!=|==|<<|>>|::|[\s\S]/y],
];

/** All tokens of `sql`, comments too, in order. Ends on any text, in linear time. */
export function allTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    BLANKS.lastIndex = at;
    at += BLANKS.exec(sql)?.[0].length ?? 0;
    const token = tokenAt(sql, at);
    if (!token) return tokens;
    tokens.push(token);
    at += token.text.length;
  }
}

/** The tokens of `sql` without its comments. */
export function tokensOf(sql: string): Token[] {
  return allTokens(sql).filter(({ kind }) => kind !== 'comment');
}

function tokenAt(sql: string, start: number): Token | null {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = start;
    const [text, closing] = pattern.exec(sql) ?? [];
    if (text === undefined) continue;
    const closed = closing !== '';
    if (kind === 'word') return { kind, text, value: text.toLowerCase(), start, closed };
    if (kind !== 'string' && kind !== 'name') return { kind, text, value: text, start, closed };
    const inside = text.slice(1, closed ? -1 : undefined);
    const value = text.startsWith('[') ? inside : inside.replaceAll(text.charAt(0).repeat(2), text.charAt(0));
    return { kind, text, value, start, closed };
  }
  return null;
}

/** Whether the token is this sign. */
export function isSign(token: Token | undefined, ...signs: string[]): boolean {
  return token?.kind === 'sign' && signs.includes(token.text);
}

/** Whether the token is one of these words, without quotes; `words` in lower case. */
export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.value);
}

/** Whether a LIMIT cuts the rows of a statement: its own, or that of a SELECT behind FROM or in WITH. */
export function hasLimit(sql: string): boolean {
  const tokens = tokensOf(sql);
  /** For each open bracket whether rows of the statement come from it. */
  const open: boolean[] = [];
  for (const [at, token] of tokens.entries()) {
    if (isSign(token, '(')) open.push(isWord(tokens[at - 1], 'from', 'join', 'as', 'materialized'));
    else if (isSign(token, ')')) open.pop();
    else if (isWord(token, 'limit') && open.every((source) => source)) return true;
  }
  return false;
}

/** Whether the token can name a column, table or function. */
export function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'name';
}

/** The name that the token can be, in lower case; empty for all else. */
export function nameOf(token: Token | undefined): string {
  return isName(token) ? token.value.toLowerCase() : '';
}

/** Whether a text is a number, with nothing else in it. */
export function isNumeric(text: string): boolean {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim());
}

/** A statement as tokens, with what is known of their brackets, and with changes to single tokens. */
export class TokenList {
  readonly sql: string;
  readonly tokens: readonly Token[];
  /** For each round bracket the index of the one that belongs to it; else -1. */
  readonly mates: readonly number[];
  readonly #changed: Array<{ start: number; end: number; before: string; text: string; after: string }>;

  constructor(sql: string) {
    this.sql = sql;
    this.tokens = tokensOf(sql);
    this.#changed = this.tokens.map(({ start, text }) => {
      return { start, end: start + text.length, before: '', text, after: '' };
    });
    const mates = this.tokens.map(() => -1);
    const open: number[] = [];
    for (const [at, token] of this.tokens.entries()) {
      if (isSign(token, '(')) open.push(at);
      const mate = isSign(token, ')') ? open.pop() : undefined;
      if (mate === undefined) continue;
      mates[at] = mate;
      mates[mate] = at;
    }
    this.mates = mates;
  }

  /** The statement's own text from the token `first` up to, and without, the token `end`. */
  text(first: number, end: number): string {
    const from = this.tokens[first];
    const last = this.tokens[end - 1];
    return from && last && end > first ? this.sql.slice(from.start, last.start + last.text.length) : '';
  }

  /** Names that the statement gives with AS, in lower case. */
  givenNames(): ReadonlySet<string> {
    return new Set(this.tokens.map((token, at) => (isWord(this.tokens[at - 1], 'as') ? nameOf(token) : '')));
  }

  /** The tokens from `first` up to, and without, `end`; of what stands in brackets among them the opening one alone. */
  *level(first: number, end: number): Generator<number> {
    for (let at = first; at < end; at += 1) {
      yield at;
      at = Math.max(at, this.mates[at] ?? -1);
    }
  }

  /** The indexes of the brackets around the token: -1, and the end, where there are none. */
  around(at: number): [number, number] {
    const open = this.mates.findLastIndex((mate, each) => each < at && mate > at);
    return [open, this.mates[open] ?? this.tokens.length];
  }

  /** Parts between `first` and `end` that commas of the same depth separate, each `[first, end]`. */
  items(first: number, end: number): Array<[number, number]> {
    const commas = [...this.level(first, end)].filter((at) => isSign(this.tokens[at], ','));
    return [...commas, end]
      .map((to, nth): [number, number] => [(commas[nth - 1] ?? first - 1) + 1, to])
      .filter(([from, to]) => from < to);
  }

  /** Puts the tokens from `first` up to, and without, `end` between two texts. */
  wrap(first: number, end: number, opening: string, closing: string): void {
    const [from, last] = [this.#changed[first], this.#changed[end - 1]];
    if (from) from.before = opening + from.before;
    if (last) last.after += closing;
  }

  replace(at: number, text: string): void {
    const token = this.#changed[at];
    if (token) token.text = text;
  }

  /** Takes the tokens from `first` up to, and without, `end` away. */
  remove(first: number, end: number): void {
    for (let at = first; at < end; at += 1) this.replace(at, '');
  }

  /** The statement with all changes made; what stands between its tokens stays. */
  changed(): string {
    let made = '';
    let from = 0;
    for (const { start, end, before, text, after } of this.#changed) {
      made += this.sql.slice(from, start) + before + text + after;
      from = end;
    }
    return made + this.sql.slice(from);
  }
}
