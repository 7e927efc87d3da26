import { editDistance } from '../lib/edit-distance.ts';
import { normalForm } from '../lib/text.ts';

/** A country of ISO 3166-1, or Kosovo under the code that is in use for it. */
export interface Country {
  /** ISO 3166-1 alpha-3. */
  code: string;
  alpha2: string;
  name: string;
}

// alpha-2, alpha-3, the name where it is another than Unicode's in English, then what else the country is called or taken
// for: ISO's own long forms, former names, parts that people take for the whole, and codes of other lists (sports, car
// plates) that no country has here. Word order, accents, dots, "the", "of" and "and" don't matter.
const TABLE = `
AD AND; AE ARE=UAE=Emirates=Dubai=Abu Dhabi; AF AFG; AG ATG=Antigua; AI AIA; AL ALB; AM ARM; AO AGO=ANG; AQ ATA
AR ARG; AS ASM; AT AUT; AU AUS; AW ABW; AX ALA=Aland; AZ AZE; BA BIH=Bosnia=Bosnia Hercegovina; BB BRB; BD BGD=BAN
BE BEL; BF BFA; BG BGR=BUL; BH BHR; BI BDI; BJ BEN; BL BLM=St Barts; BM BMU=BER; BN BRN=Brunei Darussalam
BO BOL=Plurinational State of Bolivia; BQ BES=Bonaire=Bonaire Sint Eustatius and Saba; BR BRA=Brasil; BS BHS; BT BTN
BV BVT; BW BWA=BOT; BY BLR=Byelorussia; BZ BLZ; CA CAN; CC CCK=Cocos Islands=Keeling Islands
CD COD DR Congo=Democratic Republic of the Congo=DRC=Congo Kinshasa=Zaire; CF CAF
CG COG Congo=Republic of the Congo=Congo Brazzaville; CH CHE=SUI=Swiss Confederation=Schweiz=Suisse
CI CIV=Ivory Coast; CK COK; CL CHL; CM CMR; CN CHN=PRC=People's Republic of China=Mainland China; CO COL=Columbia
CR CRI=CRC; CU CUB; CV CPV=Cabo Verde; CW CUW; CX CXR; CY CYP; CZ CZE=Czech Republic=Czech
DE DEU=GER=BRD=Federal Republic of Germany=Deutschland; DJ DJI; DK DNK=DEN; DM DMA; DO DOM; DZ DZA=ALG; EC ECU; EE EST
EG EGY; EH ESH; ER ERI; ES ESP=SPA; ET ETH; FI FIN; FJ FJI=FIJ; FK FLK=Falklands=Malvinas=Falkland Islands Malvinas
FM FSM=Federated States of Micronesia; FO FRO=Faeroe Islands=Faroes; FR FRA; GA GAB
GB GBR=UK=Great Britain=Britain=England=Scotland=Wales=Northern Ireland=United Kingdom of Great Britain and Northern Ireland=ENG=SCO=WAL=GBP
GD GRD; GE GEO; GF GUF; GG GGY; GH GHA; GI GIB; GL GRL; GM GMB; GN GIN=Guinea Conakry; GP GLP; GQ GNQ
GR GRC=GRE=Hellas=Hellenic Republic; GS SGS South Georgia and the South Sandwich Islands=South Georgia; GT GTM=GUA
GU GUM; GW GNB; GY GUY; HK HKG Hong Kong=Hong Kong SAR=Hong Kong SAR China=Hong Kong China=Hongkong
HM HMD Heard Island and McDonald Islands; HN HND=HON; HR HRV=CRO; HT HTI=HAI; HU HUN; ID IDN=INA
IE IRL=Republic of Ireland=Eire=IRE; IL ISR; IM IMN; IN IND=Bharat; IO IOT; IQ IRQ
IR IRN=Islamic Republic of Iran=IRI; IS ISL=ICE; IT ITA=Italia; JE JEY; JM JAM; JO JOR; JP JPN=JAP; KE KEN
KG KGZ=Kyrgyz Republic; KH KHM=CAM; KI KIR; KM COM; KN KNA=Saint Kitts
KP PRK=Democratic People's Republic of Korea=DPRK; KR KOR=Korea=Republic of Korea=ROK; KW KWT=KUW; KY CYM=Caymans=CAY
KZ KAZ=Kazakstan; LA LAO=Lao People's Democratic Republic=Lao PDR; LB LBN; LC LCA; LI LIE; LK LKA=SRI=Ceylon; LR LBR
LS LSO; LT LTU; LU LUX=Luxemburg; LV LVA=LAT; LY LBY=Libyan Arab Jamahiriya; MA MAR; MC MCO
MD MDA=Republic of Moldova; ME MNE; MF MAF=Saint Martin French part; MG MDG; MH MHL
MK MKD=Macedonia=FYROM=Former Yugoslav Republic of Macedonia; ML MLI; MM MMR Myanmar=Burma=Myanmar Burma; MN MNG=MGL
MO MAC Macao=Macau=Macao SAR=Macao SAR China=Macau SAR; MP MNP; MQ MTQ; MR MRT; MS MSR; MT MLT; MU MUS=MRI; MV MDV
MW MWI; MX MEX; MY MYS=MAS; MZ MOZ; NA NAM; NC NCL; NE NER; NF NFK; NG NGA=NGR=NIG; NI NIC; NL NLD=Holland=NED=HOL
NO NOR; NP NPL=NEP; NR NRU; NU NIU; NZ NZL=Aotearoa; OM OMN=OMA; PA PAN; PE PER; PF PYF=Tahiti; PG PNG; PH PHL=PHI
PK PAK; PL POL; PM SPM; PN PCN Pitcairn=Pitcairn Islands; PR PRI=PUR
PS PSE Palestine=State of Palestine=Palestinian Territories=Palestinian Territory; PT PRT=POR; PW PLW; PY PRY=PAR
QA QAT; RE REU; RO ROU=ROM=Rumania; RS SRB; RU RUS=Russian Federation; RW RWA; SA SAU=KSA=Saudi; SB SLB; SC SYC=SEY
SD SDN=SUD; SE SWE; SG SGP=SIN; SH SHN=Saint Helena Ascension and Tristan da Cunha; SI SVN=SLO; SJ SJM
SK SVK=Slovak Republic; SL SLE; SM SMR; SN SEN; SO SOM; SR SUR=Surinam; SS SSD; ST STP; SV SLV=ESA=Salvador
SX SXM=Sint Maarten Dutch part; SY SYR=Syrian Arab Republic; SZ SWZ=Swaziland; TC TCA; TD TCD; TF ATF; TG TGO; TH THA
TJ TJK; TK TKL; TL TLS=East Timor; TM TKM; TN TUN; TO TON=TGA; TR TUR Türkiye=Turkey; TT TTO=Trinidad=TRI; TV TUV
TW TWN=Republic of China=Taiwan Province of China=TPE=ROC=Chinese Taipei=TAI; TZ TZA=United Republic of Tanzania=TAN
UA UKR; UG UGA; UM UMI=United States Minor Outlying Islands
US USA=United States of America=America=U.S.=Estados Unidos=États-Unis; UY URY=URU; UZ UZB; VA VAT=Holy See=Vatican
VC VCT Saint Vincent and the Grenadines=Saint Vincent; VE VEN=Bolivarian Republic of Venezuela; VG VGB=BVI
VI VIR=United States Virgin Islands=USVI; VN VNM=Viet Nam=VIE; VU VUT; WF WLF; WS WSM=Western Samoa; XK XKX=XKK=KOS
YE YEM; YT MYT; ZA ZAF=RSA; ZM ZMB=ZAM; ZW ZWE=ZIM`;

/** By codes and usual names, in capitals without dots. */
const byText = new Map<string, Country>();
const byName = new Map<string, Country>();

const inEnglish = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
/** The 250 countries, by alpha-2 code. */
export const COUNTRIES: readonly Country[] = TABLE.trim()
  .split(/;\s*|\n/)
  .map((entry) => {
    const [codes = '', ...others] = entry.split('=');
    const [alpha2, code] = [codes.slice(0, 2), codes.slice(3, 6)];
    const usual =
      inEnglish
        .of(alpha2)
        ?.replace(' & ', ' and ')
        .replace(/^St\. /, 'Saint ') ?? code;
    const name = codes.slice(7) || usual;
    const country = { alpha2, code, name };
    byText.set(alpha2, country).set(code, country).set(inCapitals(name), country);
    for (const each of [name, ...others]) byName.set(wordsOf(each), country);
    return country;
  });

/** Languages in which people write country names; Unicode's English ones differ from ours in places. */
const LANGUAGES = 'en de fr es it pt nl pl sv da nb fi cs hu ro tr el ru uk ja zh ko ar he'.split(' ');
let foreign: Map<string, Country | null> | undefined;

/** Words that many long names begin with: "Federal Republic of …", "Kingdom of …". */
const FORMS = /\b(republic|kingdom|principality|sultanate|federal|federative|islamic|plurinational)\b/g;

/** Words that tell two names apart, in one order: no accents, dots, articles or "and". */
function wordsOf(text: string): string {
  return normalForm(text, 'NFKD')
    .replace(/[\p{M}.'’`]/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => (word === 'st' ? 'saint' : word))
    .filter((word) => word !== '' && !['the', 'of', 'and'].includes(word))
    .sort()
    .join(' ');
}

/** The country that a text names: in English or another widespread language, by a code of ISO or a common slip (GER, UK). */
export function countryOf(text: string): Country | null {
  return englishCountryOf(text) ?? (text.length > 200 ? null : foreignName(wordsOf(text)));
}

/** `countryOf` without the names in other languages, which take a while when first asked for. */
export function englishCountryOf(text: string): Country | null {
  if (text.length > 200) return null;
  const usual = byText.get(inCapitals(text));
  if (usual) return usual;
  const words = wordsOf(text);
  const short = words.replace(FORMS, ' ').replace(/\s+/g, ' ').trim();
  return byName.get(words) ?? byName.get(short) ?? null;
}

function inCapitals(text: string): string {
  return text.trim().replaceAll('.', '').toUpperCase();
}

function foreignName(words: string): Country | null {
  if (!foreign) {
    foreign = new Map();
    for (const language of LANGUAGES) {
      const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
      for (const country of COUNTRIES) {
        const name = wordsOf(names.of(country.alpha2) ?? '');
        const taken = foreign.get(name);
        // What two languages call two countries by names neither.
        if (name !== '') foreign.set(name, taken === undefined || taken === country ? country : null);
      }
    }
  }
  return foreign.get(words) ?? null;
}

const MAX_NEAR = 5;

/** Up to five countries that a text may have meant, nearest first, as "DEU (Germany)". */
export function nearCountries(text: string): string[] {
  const words = wordsOf(text.slice(0, 200));
  const code = text.trim().toUpperCase();
  if (words === '') return [];
  const named = [...byName].flatMap(([name, country]) => {
    const most = words.length < 4 ? 0 : words.length < 8 ? 2 : 3;
    const distance = editDistance(words, name, most);
    if (distance <= most) return { country, distance };
    const begins = words.length > 3 && ` ${name}`.includes(` ${words}`);
    const holds = name.length > 3 && ` ${words} `.includes(` ${name} `);
    return begins || holds ? { country, distance: 1.5 } : [];
  });
  const coded = COUNTRIES.map((country) => {
    const begins = country.name.toUpperCase().startsWith(code);
    return { country, distance: begins ? 0.5 : editDistance(code, country.code, 1) + 2 };
  });
  const near = [...named, ...(code.length > 3 ? [] : coded)].filter(({ distance }) => distance <= 3);
  near.sort((a, b) => a.distance - b.distance);
  return [...new Set(near.map(({ country }) => `${country.code} (${country.name})`))].slice(0, MAX_NEAR);
}
