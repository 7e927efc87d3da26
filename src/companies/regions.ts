import { COUNTRIES } from './countries.ts';

/** The part of the world that a country is told to be in; each country is in one. */
export const REGIONS = [
  'Europe',
  'North America',
  'Latin America',
  'Asia',
  'Africa',
  'Middle East',
  'Oceania',
] as const;
export type Region = (typeof REGIONS)[number];

// ISO 3166-1 alpha-3. Mexico, Central America and the Caribbean are Latin America, as sellers divide the world;
// Türkiye, Iran and the Arabian peninsula are the Middle East, Egypt is Africa, Cyprus (of the EU) Europe, and the
// Caucasus and Central Asia are Asia (UN M49 otherwise).
const BY_REGION: Readonly<Record<Region, string>> = {
  Europe:
    'ALA ALB AND AUT BEL BGR BIH BLR CHE CYP CZE DEU DNK ESP EST FIN FRA FRO GBR GGY GIB GRC HRV HUN IMN IRL ISL ITA ' +
    'JEY LIE LTU LUX LVA MCO MDA MKD MLT MNE NLD NOR POL PRT ROU RUS SJM SMR SRB SVK SVN SWE UKR VAT XKX',
  'North America': 'BMU CAN GRL SPM USA',
  'Latin America':
    'ABW AIA ARG ATG BES BHS BLM BLZ BOL BRA BRB CHL COL CRI CUB CUW CYM DMA DOM ECU FLK GLP GRD GTM GUF GUY HND HTI ' +
    'JAM KNA LCA MAF MEX MSR MTQ NIC PAN PER PRI PRY SLV SUR SXM TCA TTO URY VCT VEN VGB VIR',
  Asia:
    'AFG ARM AZE BGD BRN BTN CHN GEO HKG IDN IND IOT JPN KAZ KGZ KHM KOR LAO LKA MAC MDV MMR MNG MYS NPL PAK PHL PRK ' +
    'SGP THA TJK TKM TLS TWN UZB VNM',
  Africa:
    'AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV DJI DZA EGY ERI ESH ETH GAB GHA GIN GMB GNB GNQ KEN LBR LBY LSO ' +
    'MAR MDG MLI MOZ MRT MUS MWI MYT NAM NER NGA REU RWA SDN SEN SHN SLE SOM SSD STP SWZ SYC TCD TGO TUN TZA UGA ZAF ZMB ZWE',
  'Middle East': 'ARE BHR IRN IRQ ISR JOR KWT LBN OMN PSE QAT SAU SYR TUR YEM',
  Oceania:
    'ASM AUS CCK COK CXR FJI FSM GUM KIR MHL MNP NCL NFK NIU NRU NZL PCN PLW PNG PYF SLB TKL TON TUV UMI VUT WLF WSM',
};

const EU_MEMBERS =
  'AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT ROU SVK SVN ESP SWE';
const EU = new Set(EU_MEMBERS.split(' '));

const regionByCode = new Map<string, Region>();
for (const region of REGIONS) for (const code of BY_REGION[region].split(' ')) regionByCode.set(code, region);

/** The region of a country; null for none (Antarctica). @param code ISO 3166-1 alpha-3. */
export function regionOf(code: string): Region | null {
  return regionByCode.get(code) ?? null;
}

/** Whether a country is a member of the European Union (27 since 2020). @param code ISO 3166-1 alpha-3. */
export function isInEu(code: string): boolean {
  return EU.has(code);
}

const codesOf = (...regions: Region[]): string => regions.map((region) => BY_REGION[region]).join(' ');

const NORDICS = 'DNK FIN ISL NOR SWE FRO GRL ALA';
const BALTICS = 'EST LVA LTU';
const BENELUX = 'BEL NLD LUX';
const GULF = 'ARE BHR KWT OMN QAT SAU';
const NORTH_AFRICA = 'DZA EGY LBY MAR SDN TUN ESH';
const SOUTHEAST_ASIA = 'BRN IDN KHM LAO MMR MYS PHL SGP THA TLS VNM';
const CENTRAL_AMERICA = 'BLZ CRI GTM HND NIC PAN SLV';
const SOUTH_AMERICA = 'ARG BOL BRA CHL COL ECU FLK GUF GUY PER PRY SUR URY VEN';
const BALKANS = 'ALB BGR BIH GRC HRV MKD MNE ROU SRB SVN XKX';
const CEE = `${BALTICS} ALB BGR BIH BLR CZE HRV HUN MDA MKD MNE POL ROU SRB SVK SVN UKR XKX`;
const ANZ = 'AUS NZL';

/** Names of groups, as `plainName` leaves them, and their countries. */
const GROUPS: ReadonlyMap<string, string> = new Map(
  (
    [
      ['europe|european countries|whole europe|all europe', codesOf('Europe')],
      ['eu|european union|eu27|eu 27|eu countries|eu member states', EU_MEMBERS],
      ['eea|european economic area', `${EU_MEMBERS} ISL LIE NOR`],
      [
        'dach|d a ch|dach region|german speaking|german speaking countries|german speaking europe',
        'DEU AUT CHE',
      ],
      ['nordics|nordic|nordic countries|nordic region', NORDICS],
      ['scandinavia|scandinavian countries', 'DNK NOR SWE'],
      ['baltics|baltic|baltic states|baltic countries', BALTICS],
      ['benelux', BENELUX],
      ['iberia|iberian peninsula', 'ESP PRT AND GIB'],
      ['uki|uk ireland|uk and ireland|british isles', 'GBR IRL'],
      ['balkans|balkan|western balkans|southeast europe|south eastern europe', BALKANS],
      ['cee|central and eastern europe|central eastern europe|eastern europe', CEE],
      ['western europe', 'AUT BEL CHE DEU FRA GBR IRL LIE LUX MCO NLD'],
      ['southern europe|south europe', 'ESP PRT ITA GRC MLT CYP AND SMR VAT GIB'],
      ['northern europe|north europe', `${NORDICS} ${BALTICS} GBR IRL`],
      ['north america|northern america|noram', 'USA CAN'],
      ['usmca|nafta', 'USA CAN MEX'],
      [
        'latin america|latam|lac|latin america and caribbean|latin america caribbean',
        codesOf('Latin America'),
      ],
      ['central america', CENTRAL_AMERICA],
      ['south america', SOUTH_AMERICA],
      ['caribbean', without(codesOf('Latin America'), `${CENTRAL_AMERICA} ${SOUTH_AMERICA} MEX`)],
      ['americas|america s', codesOf('North America', 'Latin America')],
      ['asia', codesOf('Asia')],
      ['apac|asia pacific|asiapacific', codesOf('Asia', 'Oceania')],
      ['southeast asia|south east asia|sea|asean', SOUTHEAST_ASIA],
      ['south asia', 'AFG BGD BTN IND LKA MDV NPL PAK'],
      ['east asia', 'CHN HKG JPN KOR MAC MNG PRK TWN'],
      ['central asia', 'KAZ KGZ TJK TKM UZB'],
      ['anz|australia and new zealand|australia new zealand', ANZ],
      ['oceania|australasia|pacific', codesOf('Oceania')],
      ['middle east', codesOf('Middle East')],
      ['gcc|gulf|gulf states|gulf countries', GULF],
      [
        'mena|middle east and north africa|middle east north africa',
        `${codesOf('Middle East')} ${NORTH_AFRICA}`,
      ],
      ['africa', codesOf('Africa')],
      ['north africa|northern africa|maghreb', NORTH_AFRICA],
      ['sub saharan africa|subsaharan africa', without(codesOf('Africa'), NORTH_AFRICA)],
      [
        'emea|europe middle east and africa|europe middle east africa',
        codesOf('Europe', 'Middle East', 'Africa'),
      ],
    ] as const
  ).flatMap(([names, codes]) => names.split('|').map((name) => [name, codes] as const)),
);

function without(codes: string, others: string): string {
  const left = new Set(others.split(' '));
  return codes
    .split(' ')
    .filter((code) => !left.has(code))
    .join(' ');
}

/**
 * The countries of a group of countries that people name ("DACH", "the Nordics", "LATAM", "Asia-Pacific"), as
 * ISO 3166-1 alpha-3 codes in the order of the codes; null where the text names none. A country is no group.
 */
export function countriesIn(group: string): readonly string[] | null {
  if (group.length > 100) return null;
  const plain = group
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'the')
    .join(' ');
  const codes = GROUPS.get(plain);
  if (codes === undefined) return null;
  const wanted = new Set(codes.split(' '));
  return COUNTRIES.map(({ code }) => code)
    .filter((code) => wanted.has(code))
    .sort();
}
