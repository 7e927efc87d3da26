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

// Groups of countries, the regions first: their names in small letters (a capital where people mean another group by it),
// and countries (ISO 3166-1 alpha-3) or groups before it, with a hyphen for what is left out. As sellers divide the world:
// Mexico, Central America and the Caribbean are Latin America, Türkiye and Iran the Middle East, Cyprus Europe.
const TABLE = `
europe|european countries|whole europe|all europe = ALA ALB AND AUT BEL BGR BIH BLR CHE CYP CZE DEU DNK ESP EST FIN FRA
  FRO GBR GGY GIB GRC HRV HUN IMN IRL ISL ITA JEY LIE LTU LUX LVA MCO MDA MKD MLT MNE NLD NOR POL PRT ROU RUS SJM SMR
  SRB SVK SVN SWE UKR VAT XKX
North America = BMU CAN GRL SPM USA
latin america|latam|lac|latin america and caribbean|latin america caribbean = ABW AIA ARG ATG BES BHS BLM BLZ BOL BRA
  BRB CHL COL CRI CUB CUW CYM DMA DOM ECU FLK GLP GRD GTM GUF GUY HND HTI JAM KNA LCA MAF MEX MSR MTQ NIC PAN PER PRI
  PRY SLV SUR SXM TCA TTO URY VCT VEN VGB VIR
asia = AFG ARM AZE BGD BRN BTN CHN GEO HKG IDN IND IOT JPN KAZ KGZ KHM KOR LAO LKA MAC MDV MMR MNG MYS NPL PAK PHL PRK
  SGP THA TJK TKM TLS TWN UZB VNM
africa = AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV DJI DZA EGY ERI ESH ETH GAB GHA GIN GMB GNB GNQ KEN LBR LBY
  LSO MAR MDG MLI MOZ MRT MUS MWI MYT NAM NER NGA REU RWA SDN SEN SHN SLE SOM SSD STP SWZ SYC TCD TGO TUN TZA UGA ZAF
  ZMB ZWE
middle east = ARE BHR IRN IRQ ISR JOR KWT LBN OMN PSE QAT SAU SYR TUR YEM
oceania|australasia|pacific = ASM AUS CCK COK CXR FJI FSM GUM KIR MHL MNP NCL NFK NIU NRU NZL PCN PLW PNG PYF SLB TKL
  TON TUV UMI VUT WLF WSM
eu|european union|eu27|eu 27|eu countries|eu member states = AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA
  LVA LTU LUX MLT NLD POL PRT ROU SVK SVN ESP SWE
eea|european economic area = eu ISL LIE NOR
dach|d a ch|dach region|german speaking|german speaking countries|german speaking europe = DEU AUT CHE
nordics|nordic|nordic countries|nordic region = DNK FIN ISL NOR SWE FRO GRL ALA
scandinavia|scandinavian countries = DNK NOR SWE
baltics|baltic|baltic states|baltic countries = EST LVA LTU
benelux = BEL NLD LUX
iberia|iberian peninsula = ESP PRT AND GIB
uki|uk ireland|uk and ireland|british isles = GBR IRL
balkans|balkan|western balkans|southeast europe|south eastern europe = ALB BGR BIH GRC HRV MKD MNE ROU SRB SVN XKX
cee|central and eastern europe|central eastern europe|eastern europe = baltics ALB BGR BIH BLR CZE HRV HUN MDA MKD MNE
  POL ROU SRB SVK SVN UKR XKX
western europe = AUT BEL CHE DEU FRA GBR IRL LIE LUX MCO NLD
southern europe|south europe = ESP PRT ITA GRC MLT CYP AND SMR VAT GIB
northern europe|north europe = nordics baltics GBR IRL
north america|northern america|noram = USA CAN
usmca|nafta = USA CAN MEX
central america = BLZ CRI GTM HND NIC PAN SLV
south america = ARG BOL BRA CHL COL ECU FLK GUF GUY PER PRY SUR URY VEN
caribbean = latin-america -central-america -south-america -MEX
americas|america s = North-America latin-america
apac|asia pacific|asiapacific = asia oceania
southeast asia|south east asia|sea|asean = BRN IDN KHM LAO MMR MYS PHL SGP THA TLS VNM
south asia = AFG BGD BTN IND LKA MDV NPL PAK
east asia = CHN HKG JPN KOR MAC MNG PRK TWN
central asia = KAZ KGZ TJK TKM UZB
anz|australia and new zealand|australia new zealand = AUS NZL
gcc|gulf|gulf states|gulf countries = ARE BHR KWT OMN QAT SAU
north africa|northern africa|maghreb = DZA EGY LBY MAR SDN TUN ESH
mena|middle east and north africa|middle east north africa = middle-east north-africa
sub saharan africa|subsaharan africa = africa -north-africa
emea|europe middle east and africa|europe middle east africa = europe middle-east africa
`;

const GROUPS = new Map<string, readonly string[]>();
for (const entry of TABLE.trim().split(/\n(?! )/)) {
  const [names = '', members = ''] = entry.split(' = ');
  const codes = new Set<string>();
  for (const word of members.split(/\s+/)) {
    const name = word.replace(/^-/, '');
    for (const code of GROUPS.get(name.replaceAll('-', ' ')) ?? [name])
      if (word.startsWith('-')) codes.delete(code);
      else codes.add(code);
  }
  for (const name of names.split('|')) GROUPS.set(name, [...codes].sort());
}

const regionByCode = new Map(
  REGIONS.flatMap((region) => {
    const codes = GROUPS.get(region) ?? GROUPS.get(region.toLowerCase()) ?? [];
    return codes.map((code) => [code, region] as const);
  }),
);

/** The region of a country; null for none (Antarctica). @param code ISO 3166-1 alpha-3. */
export function regionOf(code: string): Region | null {
  return regionByCode.get(code) ?? null;
}

/** Whether a country is a member of the European Union (27 since 2020). @param code ISO 3166-1 alpha-3. */
export function isInEu(code: string): boolean {
  return GROUPS.get('eu')?.includes(code) === true;
}

/** The countries (ISO 3166-1 alpha-3, sorted) of a group that people name ("DACH", "the Nordics"); null for none. */
export function countriesIn(group: string): readonly string[] | null {
  if (group.length > 100) return null;
  const words = group
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'the');
  return GROUPS.get(words.join(' ')) ?? null;
}
