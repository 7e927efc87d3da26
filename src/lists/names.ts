/** Endings (and two beginnings) of names that only say what kind of legal person a company is. */
const LEGAL_FORMS: ReadonlySet<string> = new Set(
  (
    'inc incorporated llc llp lp pllc ltd limited co company corp corporation plc pc gmbh mbh ag kg kgaa ug se ' +
    'sa sas sasu sarl sci sl slu srl spa sro sp zoo ab as asa aps oy oyj bv nv vof cv ltda lda eireli sapi rl cia ' +
    'pty pvt private pte sdn bhd berhad tbk kk gk jsc pjsc ojsc ooo oao zao kft zrt nyrt doo dd ad ead eood ood ' +
    'tov ehf hf sia uab ou tic sti eurl sacv saos fzco fze fzllc dmcc wll bsc'
  ).split(' '),
);
/** The same in scripts that put no space between words. */
const JOINED_FORMS =
  /^(?:株式会社|有限会社|合同会社|주식회사|㈜)|(?:株式会社|有限公司|股份有限公司|有限责任公司|주식회사)$/gu;
const LINKING: ReadonlySet<string> = new Set(['and', 'und', 'et', 'y', 'e', 'the']);
/** Longest name that is looked at. Characters. */
const MAX_NAME = 300;

/**
 * The words of a company's name: lower case, without accents, punctuation and the dots of abbreviations
 * ("S.A." is one word); a hyphen or apostrophe parts none ("Roto-Rooter" is one word).
 */
export function nameWords(name: unknown): string[] {
  if (typeof name !== 'string') return [];
  return name
    .slice(0, MAX_NAME)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/(?<![\p{L}\p{N}])((?:\p{L}\.){2,}\p{L}?)(?![\p{L}\p{N}])/gu, (dotted) =>
      dotted.replaceAll('.', ''),
    )
    .replace(/(?<=[\p{L}\p{N}])[-'’`‐‑](?=[\p{L}\p{N}])/gu, '')
    .replace(JOINED_FORMS, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** The same words without legal forms at the end, "The" and "PT" at the start; never without any word. */
export function coreWords(words: readonly string[]): string[] {
  let start = 0;
  let end = words.length;
  while (end > start + 1 && (LEGAL_FORMS.has(words[end - 1] ?? '') || LINKING.has(words[end - 1] ?? ''))) {
    end -= 1;
  }
  while (end > start + 1 && ['the', 'pt'].includes(words[start] ?? '')) start += 1;
  return words.slice(start, end);
}

/** A name as it is compared: its words without legal forms, with nothing between them; '' for none. */
export function nameKey(name: unknown): string {
  return coreWords(nameWords(name)).join('');
}

/** Whether `word` only says what kind of legal person a company is. */
export function isLegalForm(word: string): boolean {
  return LEGAL_FORMS.has(word);
}
