import { editDistance } from '../lib/edit-distance.ts';
import { normalForm } from '../lib/text.ts';

/** A country of ISO 3166-1, or Kosovo under the code that is in use for it. */
export interface Country {
  /** ISO 3166-1 alpha-3. */
  code: string;
  alpha2: string;
  /** The name that English speakers use. */
  name: string;
}

// alpha-2, alpha-3, name, then what else the country is called or taken for: ISO's own long forms, former
// names, parts that people take for the whole, and codes of other lists (sports, car plates) that no country
// has here. Word order, accents, dots, "the", "of" and "and" don't matter, so "Korea, Republic of" is "Republic of Korea".
const TABLE = `
AD AND Andorra; AE ARE United Arab Emirates=UAE=Emirates=Dubai=Abu Dhabi; AF AFG Afghanistan
AG ATG Antigua and Barbuda=Antigua; AI AIA Anguilla; AL ALB Albania; AM ARM Armenia; AO AGO Angola=ANG
AQ ATA Antarctica; AR ARG Argentina; AS ASM American Samoa; AT AUT Austria; AU AUS Australia; AW ABW Aruba
AX ALA Åland Islands=Aland; AZ AZE Azerbaijan; BA BIH Bosnia and Herzegovina=Bosnia=Bosnia Hercegovina
BB BRB Barbados; BD BGD Bangladesh=BAN; BE BEL Belgium; BF BFA Burkina Faso; BG BGR Bulgaria=BUL
BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy=St Barts; BM BMU Bermuda=BER
BN BRN Brunei=Brunei Darussalam; BO BOL Bolivia=Plurinational State of Bolivia
BQ BES Caribbean Netherlands=Bonaire=Bonaire Sint Eustatius and Saba; BR BRA Brazil=Brasil
BS BHS Bahamas; BT BTN Bhutan; BV BVT Bouvet Island; BW BWA Botswana=BOT; BY BLR Belarus=Byelorussia
BZ BLZ Belize; CA CAN Canada; CC CCK Cocos (Keeling) Islands=Cocos Islands=Keeling Islands
CD COD DR Congo=Democratic Republic of the Congo=DRC=Congo Kinshasa=Zaire; CF CAF Central African Republic
CG COG Congo=Republic of the Congo=Congo Brazzaville; CH CHE Switzerland=SUI=Swiss Confederation=Schweiz=Suisse
CI CIV Côte d’Ivoire=Ivory Coast; CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon
CN CHN China=PRC=People's Republic of China=Mainland China; CO COL Colombia=Columbia; CR CRI Costa Rica=CRC
CU CUB Cuba; CV CPV Cape Verde=Cabo Verde; CW CUW Curaçao; CX CXR Christmas Island; CY CYP Cyprus
CZ CZE Czechia=Czech Republic=Czech; DE DEU Germany=GER=BRD=Federal Republic of Germany=Deutschland; DJ DJI Djibouti
DK DNK Denmark=DEN; DM DMA Dominica; DO DOM Dominican Republic; DZ DZA Algeria=ALG; EC ECU Ecuador; EE EST Estonia
EG EGY Egypt; EH ESH Western Sahara; ER ERI Eritrea; ES ESP Spain=SPA; ET ETH Ethiopia; FI FIN Finland
FJ FJI Fiji=FIJ; FK FLK Falkland Islands=Falklands=Malvinas=Falkland Islands Malvinas
FM FSM Micronesia=Federated States of Micronesia; FO FRO Faroe Islands=Faeroe Islands=Faroes; FR FRA France
GA GAB Gabon; GB GBR United Kingdom=UK=Great Britain=Britain=England=Scotland=Wales=Northern Ireland=United Kingdom of Great Britain and Northern Ireland=ENG=SCO=WAL=GBP
GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey; GH GHA Ghana; GI GIB Gibraltar
GL GRL Greenland; GM GMB Gambia; GN GIN Guinea=Guinea Conakry; GP GLP Guadeloupe
GQ GNQ Equatorial Guinea; GR GRC Greece=GRE=Hellas=Hellenic Republic; GS SGS South Georgia and the South Sandwich Islands=South Georgia
GT GTM Guatemala=GUA; GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana
HK HKG Hong Kong=Hong Kong SAR=Hong Kong SAR China=Hong Kong China=Hongkong; HM HMD Heard Island and McDonald Islands
HN HND Honduras=HON; HR HRV Croatia=CRO; HT HTI Haiti=HAI; HU HUN Hungary; ID IDN Indonesia=INA
IE IRL Ireland=Republic of Ireland=Eire=IRE; IL ISR Israel; IM IMN Isle of Man; IN IND India=Bharat
IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran=Islamic Republic of Iran=IRI; IS ISL Iceland=ICE
IT ITA Italy=Italia; JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan=JAP; KE KEN Kenya
KG KGZ Kyrgyzstan=Kyrgyz Republic; KH KHM Cambodia=CAM; KI KIR Kiribati; KM COM Comoros
KN KNA Saint Kitts and Nevis=Saint Kitts; KP PRK North Korea=Democratic People's Republic of Korea=DPRK
KR KOR South Korea=Korea=Republic of Korea=ROK=Korea South; KW KWT Kuwait=KUW; KY CYM Cayman Islands=Caymans=CAY
KZ KAZ Kazakhstan=Kazakstan; LA LAO Laos=Lao People's Democratic Republic=Lao PDR; LB LBN Lebanon
LC LCA Saint Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka=SRI=Ceylon; LR LBR Liberia; LS LSO Lesotho
LT LTU Lithuania; LU LUX Luxembourg=Luxemburg; LV LVA Latvia=LAT; LY LBY Libya=Libyan Arab Jamahiriya
MA MAR Morocco; MC MCO Monaco; MD MDA Moldova=Republic of Moldova; ME MNE Montenegro
MF MAF Saint Martin=Saint Martin French part; MG MDG Madagascar; MH MHL Marshall Islands
MK MKD North Macedonia=Macedonia=FYROM=Former Yugoslav Republic of Macedonia; ML MLI Mali; MM MMR Myanmar=Burma=Myanmar Burma
MN MNG Mongolia=MGL; MO MAC Macao=Macau=Macao SAR=Macao SAR China=Macau SAR; MP MNP Northern Mariana Islands; MQ MTQ Martinique
MR MRT Mauritania; MS MSR Montserrat; MT MLT Malta; MU MUS Mauritius=MRI; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico
MY MYS Malaysia=MAS; MZ MOZ Mozambique; NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island
NG NGA Nigeria=NGR=NIG; NI NIC Nicaragua; NL NLD Netherlands=Holland=NED=HOL; NO NOR Norway; NP NPL Nepal=NEP; NR NRU Nauru
NU NIU Niue; NZ NZL New Zealand=Aotearoa; OM OMN Oman=OMA; PA PAN Panama; PE PER Peru; PF PYF French Polynesia=Tahiti
PG PNG Papua New Guinea; PH PHL Philippines=PHI; PK PAK Pakistan; PL POL Poland; PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn=Pitcairn Islands; PR PRI Puerto Rico=PUR; PS PSE Palestine=State of Palestine=Palestinian Territories=Palestinian Territory
PT PRT Portugal=POR; PW PLW Palau; PY PRY Paraguay=PAR; QA QAT Qatar; RE REU Réunion; RO ROU Romania=ROM=Rumania
RS SRB Serbia; RU RUS Russia=Russian Federation; RW RWA Rwanda; SA SAU Saudi Arabia=KSA=Saudi; SB SLB Solomon Islands
SC SYC Seychelles=SEY; SD SDN Sudan=SUD; SE SWE Sweden; SG SGP Singapore=SIN; SH SHN Saint Helena=Saint Helena Ascension and Tristan da Cunha
SI SVN Slovenia=SLO; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia=Slovak Republic; SL SLE Sierra Leone; SM SMR San Marino
SN SEN Senegal; SO SOM Somalia; SR SUR Suriname=Surinam; SS SSD South Sudan; ST STP São Tomé and Príncipe; SV SLV El Salvador=ESA=Salvador
SX SXM Sint Maarten=Sint Maarten Dutch part; SY SYR Syria=Syrian Arab Republic; SZ SWZ Eswatini=Swaziland
TC TCA Turks and Caicos Islands; TD TCD Chad; TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand
TJ TJK Tajikistan; TK TKL Tokelau; TL TLS Timor-Leste=East Timor; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga=TGA
TR TUR Türkiye=Turkey; TT TTO Trinidad and Tobago=Trinidad=TRI; TV TUV Tuvalu
TW TWN Taiwan=Republic of China=Taiwan Province of China=TPE=ROC=Chinese Taipei=TAI; TZ TZA Tanzania=United Republic of Tanzania=TAN
UA UKR Ukraine; UG UGA Uganda; UM UMI U.S. Outlying Islands=United States Minor Outlying Islands
US USA United States=United States of America=America=U.S.=Estados Unidos=États-Unis
UY URY Uruguay=URU; UZ UZB Uzbekistan; VA VAT Vatican City=Holy See=Vatican; VC VCT Saint Vincent and the Grenadines=Saint Vincent
VE VEN Venezuela=Bolivarian Republic of Venezuela; VG VGB British Virgin Islands=BVI; VI VIR U.S. Virgin Islands=United States Virgin Islands=USVI
VN VNM Vietnam=Viet Nam=VIE; VU VUT Vanuatu; WF WLF Wallis and Futuna; WS WSM Samoa=Western Samoa; XK XKX Kosovo=XKK=KOS; YE YEM Yemen
YT MYT Mayotte; ZA ZAF South Africa=RSA; ZM ZMB Zambia=ZAM; ZW ZWE Zimbabwe=ZIM`;

/** The 250 countries, by alpha-2 code. */
export const COUNTRIES: readonly Country[] = [];

const byCode = new Map<string, Country>();
const byName = new Map<string, Country>();

for (const entry of TABLE.trim().split(/;\s*|\n/)) {
  const [name = '', ...others] = entry.slice(7).split('=');
  const country = { alpha2: entry.slice(0, 2), code: entry.slice(3, 6), name };
  (COUNTRIES as Country[]).push(country);
  byCode.set(country.alpha2, country).set(country.code, country);
  for (const each of [name, ...others]) byName.set(wordsOf(each), country);
}

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
  const code = text.trim().replaceAll('.', '').toUpperCase();
  const words = wordsOf(text);
  const known = byCode.get(code) ?? byName.get(words);
  if (known) return known;
  if (words === '') return null;
  const short = words.replace(FORMS, ' ').replace(/\s+/g, ' ').trim();
  return byName.get(short) ?? null;
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
  const distances = new Map<Country, number>();
  const note = (country: Country, distance: number) =>
    distances.set(country, Math.min(distance, distances.get(country) ?? Number.POSITIVE_INFINITY));
  for (const [name, country] of byName) {
    const max = words.length < 4 ? 0 : words.length < 8 ? 2 : 3;
    const distance = editDistance(words, name, max);
    if (distance <= max) note(country, distance);
    else if (words.length > 3 && ` ${name}`.includes(` ${words}`)) note(country, 1.5);
    else if (name.length > 3 && ` ${words} `.includes(` ${name} `)) note(country, 1.5);
  }
  if (code.length <= 3) {
    for (const country of COUNTRIES) {
      if (country.name.toUpperCase().startsWith(code)) note(country, 0.5);
      else if (editDistance(code, country.code, 1) <= 1) note(country, 3);
    }
  }
  return [...distances]
    .sort(([, a], [, b]) => a - b)
    .slice(0, MAX_NEAR)
    .map(([{ code: alpha3, name }]) => `${alpha3} (${name})`);
}
