import { inventCompany, randomOf } from '../src/sandbox/companies.ts';
import type { Rows } from './real-rows.ts';

/** Companies whose words are not English: they cost more tokens a character, and are not cut like words. */
const ELSEWHERE = [
  ['東京経費精算株式会社', '日本', '東京', '経費精算と請求書の電子化を中小企業向けに提供しています。'],
  ['上海云账科技有限公司', '中国', '上海', '我们为成长型企业提供费用管理和自动化记账的云平台。'],
  ['서울페이 주식회사', '대한민국', '서울', '스타트업을 위한 법인카드와 지출 관리 서비스를 제공합니다.'],
  ['شركة النفقات الذكية', 'الإمارات العربية المتحدة', 'دبي', 'نقدم حلول إدارة المصروفات للشركات الناشئة. '],
  ['Βιβλίο Εξόδων ΑΕ', 'Ελλάδα', 'Αθήνα', 'Λογισμικό διαχείρισης δαπανών για μικρές επιχειρήσεις. '],
  ['Расходы и учёт', 'Россия', 'Москва', 'Платформа для управления расходами и учёта. '],
] as const;

/**
 * Pages of rows with the shapes of the recorded ones, and nothing of their text: as many nulls, empty domains and
 * companies twice, descriptions as long, taglines that are whole descriptions, headquarters that disagree, and
 * every twentieth company in another script. Always the same rows.
 */
export function syntheticPages(pages: number, rowsPerPage = 100): Rows[] {
  return Array.from({ length: pages }, (_, page) =>
    Array.from({ length: rowsPerPage }, (_, row) => syntheticRow(page * rowsPerPage + row)),
  );
}

function syntheticRow(index: number): Record<string, unknown> {
  const random = randomOf(7, index, 9);
  const row = inventCompany({ seed: 7, topic: 'expense management for startups' }, index);
  const [name, country, city, sentence] = ELSEWHERE[index % ELSEWHERE.length] ?? ELSEWHERE[0];
  const abroad = index % 20 === 11;
  const words = abroad ? sentence : `${String(row.description ?? row.name)} `;
  const described = random() >= 0.078;
  const description = described ? lasting(words, 20 + Math.floor(2_200 * random() ** 1.35)) : null;
  return {
    ...row,
    ...(abroad && { name, hq_city: city, hq_country: country, headquarters: `${city}, ${country}` }),
    match_reason: reason(row.match_reason, abroad ? sentence : null, index),
    rerank_score: null,
    revenue_usd: random() < 0.713 ? null : Math.round(10 ** (5 + random() * 4)),
    ...(random() < 0.05 && { hq_country: 'Argentina' }),
    description,
    tagline: described
      ? random() < 0.06
        ? description
        : lasting(words, 20 + Math.floor(140 * random()))
      : null,
  };
}

/** `words` again and again, for so many characters. */
function lasting(words: string, characters: number): string {
  return words.repeat(Math.ceil(characters / words.length)).slice(0, characters);
}

/** Reasons quote what they found, in signs of its own and ours. */
function reason(text: unknown, found: string | null, index: number): unknown {
  if (typeof text !== 'string') return text;
  if (found !== null) return `${text.slice(0, 80)} “${found}”`;
  return index % 9 === 4 ? `${text} It’s “spend” made simple 🚀 — a fit.` : text;
}
