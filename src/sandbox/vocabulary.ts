// What the invented companies are made of. Every name is put together from parts; none is looked up.

export const NAME_HEADS =
  'Alder Amber Arc Aster Beacon Birch Bluff Bolt Brook Cedar Cinder Clear Cobalt Copper Coral Crest Delta Drift Echo Ember Fern Field Flint Forge Fox Garnet Glade Granite Harbor Haze Helio Indigo Iris Ivory Juniper Keel Kite Lark Ledger Lumen Maple Marble Meadow Mint Mosaic North Nova Oak Onyx Opal Orbit Osprey Pearl Pine Pixel Plume Prism Quartz Quill Raven Reef Ridge River Sable Sage Slate Solar Spruce Stone Summit Tandem Terra Thistle Tidal Timber Topaz Vale Vector Velvet Verde Willow Wren Zephyr Zénith Ålesund Łódka Über Ñandu'.split(
    ' ',
  );

export const NAME_TAILS =
  'base book bridge build cloud craft desk dock drive flow gate grid hub kit lab lane layer line link list loop mark mesh mind mint net path pay pilot point port press pulse rail scale sense shift spark spring stack store stream sync track trail wave wise works yard'.split(
    ' ',
  );

export const SUFFIXES = '|||| Inc.| GmbH| Ltd| Labs| Technologies| Systems| Group| & Co'.split('|');

export const INDUSTRIES =
  'Software|FinTech|Financial Services|SaaS|Artificial Intelligence (AI)|E-Commerce|Logistics|Health Care|Analytics|Marketing|Manufacturing|Human Resources|Education|Cyber Security|Real Estate|Payments|Consulting|Energy|Travel|Information Technology'.split(
    '|',
  );

/** Companies that are near those looked for and not of their kind, as lists have them. */
export const OTHER_KINDS = [
  { is: 'a consultancy that helps firms choose', industry: 'Consulting' },
  { is: 'an agency that does the marketing for', industry: 'Advertising' },
  { is: 'a directory that compares', industry: 'Media' },
];

/** Stages that a filter accepts (contract, "submit"). */
export const FUNDING_STAGES =
  'Pre-Seed|Seed|Series A|Series B|Series C|Series D|Series E|Series F|Series G|Series H|Acquired|Private|Public'.split(
    '|',
  );

/** Values seen live that no filter accepts (contract, "Rows"). */
export const ODD_STAGES = ['No Funding Yet', 'Series Unknown', 'Pre Seed'];

export interface InventedCountry {
  code: string;
  name: string;
  /** City and region, or null where rows have none. */
  places: ReadonlyArray<readonly [city: string | null, region: string | null]>;
}

// Code, name, and cities with their regions.
export const INVENTED_PLACES: readonly InventedCountry[] =
  `USA|United States|New York/New York|San Francisco/California|Austin/Texas|Chicago/Illinois|Boston/Massachusetts
GBR|United Kingdom|London/England|Manchester/England|Edinburgh/Scotland
IND|India|Mumbai/Maharashtra|Bengaluru/Karnataka
DEU|Germany|Berlin|München/Bayern
FRA|France|Paris/Île-de-France|Lyon
CAN|Canada|Toronto/Ontario|Montréal/Québec
NLD|Netherlands|Amsterdam/Noord-Holland
ESP|Spain|Madrid|Barcelona/Catalunya
SWE|Sweden|Stockholm
POL|Poland|Kraków
BRA|Brazil|São Paulo/São Paulo
SGP|Singapore|Singapore
AUS|Australia|Sydney/New South Wales
JPN|Japan|Tokyo
CHE|Switzerland|Zürich`
    .split('\n')
    .map((line) => {
      const [code = '', name = '', ...places] = line.split('|');
      const cities = places.map((place) => place.split('/'));
      return { code, name, places: cities.map(([city = null, region = null]) => [city, region]) };
    });

export const SENTENCES = [
  'was founded by people who had the problem themselves',
  'serves customers in more than 20 countries — from start-ups to groups of companies',
  'connects to the tools that teams already use',
  'is trusted by operators who count every hour',
  'keeps data where it belongs and “reports” as simple as they should be',
  'publishes its roadmap and its prices',
  'has offices in three time zones and hires in all of them',
  'works on the phone, in the browser and offline',
];
