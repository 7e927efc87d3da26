// What the invented companies are made of. Every name is put together from parts; none is looked up.

export const NAME_HEADS =
  'Alder Amber Arc Aster Beacon Birch Bluff Bolt Brook Cedar Cinder Clear Cobalt Copper Coral Crest Delta Drift Echo Ember Fern Field Flint Forge Fox Garnet Glade Granite Harbor Haze Helio Indigo Iris Ivory Juniper Keel Kite Lark Ledger Lumen Maple Marble Meadow Mint Mosaic North Nova Oak Onyx Opal Orbit Osprey Pearl Pine Pixel Plume Prism Quartz Quill Raven Reef Ridge River Sable Sage Slate Solar Spruce Stone Summit Tandem Terra Thistle Tidal Timber Topaz Vale Vector Velvet Verde Willow Wren Zephyr Zénith Ålesund Łódka Über Ñandu'.split(
    ' ',
  );

export const NAME_TAILS =
  'base book bridge build cloud craft desk dock drive flow gate grid hub kit lab lane layer line link list loop mark mesh mind mint net path pay pilot point port press pulse rail scale sense shift spark spring stack store stream sync track trail wave wise works yard'.split(
    ' ',
  );

export const SUFFIXES = [
  '',
  '',
  '',
  '',
  ' Inc.',
  ' GmbH',
  ' Ltd',
  ' Labs',
  ' Technologies',
  ' Systems',
  ' Group',
  ' & Co',
];

export const INDUSTRIES = [
  'Software',
  'FinTech',
  'Financial Services',
  'SaaS',
  'Artificial Intelligence (AI)',
  'E-Commerce',
  'Logistics',
  'Health Care',
  'Analytics',
  'Marketing',
  'Manufacturing',
  'Human Resources',
  'Education',
  'Cyber Security',
  'Real Estate',
  'Payments',
  'Consulting',
  'Energy',
  'Travel',
  'Information Technology',
];

/** Companies that are near those looked for and not of their kind, as lists have them. */
export const OTHER_KINDS = [
  { is: 'a consultancy that helps firms choose', industry: 'Consulting' },
  { is: 'an agency that does the marketing for', industry: 'Advertising' },
  { is: 'a directory that compares', industry: 'Media' },
];

/** Stages that a filter accepts (contract, "submit"). */
export const FUNDING_STAGES = [
  'Pre-Seed',
  'Seed',
  'Series A',
  'Series B',
  'Series C',
  'Series D',
  'Series E',
  'Series F',
  'Series G',
  'Series H',
  'Acquired',
  'Private',
  'Public',
];

/** Values seen live that no filter accepts (contract, "Rows"). */
export const ODD_STAGES = ['No Funding Yet', 'Series Unknown', 'Pre Seed'];

export interface Country {
  code: string;
  name: string;
  /** City and region, or null where rows have none. */
  places: ReadonlyArray<readonly [city: string | null, region: string | null]>;
}

export const COUNTRIES: readonly Country[] = [
  {
    code: 'USA',
    name: 'United States',
    places: [
      ['New York', 'New York'],
      ['San Francisco', 'California'],
      ['Austin', 'Texas'],
      ['Chicago', 'Illinois'],
      ['Boston', 'Massachusetts'],
    ],
  },
  {
    code: 'GBR',
    name: 'United Kingdom',
    places: [
      ['London', 'England'],
      ['Manchester', 'England'],
      ['Edinburgh', 'Scotland'],
    ],
  },
  {
    code: 'IND',
    name: 'India',
    places: [
      ['Mumbai', 'Maharashtra'],
      ['Bengaluru', 'Karnataka'],
    ],
  },
  {
    code: 'DEU',
    name: 'Germany',
    places: [
      ['Berlin', null],
      ['München', 'Bayern'],
    ],
  },
  {
    code: 'FRA',
    name: 'France',
    places: [
      ['Paris', 'Île-de-France'],
      ['Lyon', null],
    ],
  },
  {
    code: 'CAN',
    name: 'Canada',
    places: [
      ['Toronto', 'Ontario'],
      ['Montréal', 'Québec'],
    ],
  },
  { code: 'NLD', name: 'Netherlands', places: [['Amsterdam', 'Noord-Holland']] },
  {
    code: 'ESP',
    name: 'Spain',
    places: [
      ['Madrid', null],
      ['Barcelona', 'Catalunya'],
    ],
  },
  { code: 'SWE', name: 'Sweden', places: [['Stockholm', null]] },
  { code: 'POL', name: 'Poland', places: [['Kraków', null]] },
  { code: 'BRA', name: 'Brazil', places: [['São Paulo', 'São Paulo']] },
  { code: 'SGP', name: 'Singapore', places: [['Singapore', null]] },
  { code: 'AUS', name: 'Australia', places: [['Sydney', 'New South Wales']] },
  { code: 'JPN', name: 'Japan', places: [['Tokyo', null]] },
  { code: 'CHE', name: 'Switzerland', places: [['Zürich', null]] },
];

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
