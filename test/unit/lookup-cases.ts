// Made-up look-ups by name, of the shapes that recorded ones have. Companies and their sites are real or invented; sizes
// are rough.

export interface LookupCase {
  asked: string;
  /** The domain of the company that is meant; null where it is missing among the matches, or nobody can tell. */
  right: string | null;
  /** Whether that is plain enough to be resolved. */
  clear: boolean;
  matches: Array<Record<string, unknown>>;
}

// A line: "!" where it is clear, the name, the right domain, the matches with domain, country (USA), employees (20) and the
// slug of the LinkedIn page (the name). "+6" stands for six companies with a word more in the name, "~" for one that is
// only spelt alike.
const CASES = `
# Branches elsewhere, with the company itself missing
? CBRE = -: CBRE | cbre.dk | DNK | 400 | cbre-denmark; CBRE Sweden | cbre.se | SWE | 300
? CBRE = -: CBRE | cbre.dk | DNK | 400 | cbre-denmark; ~CBR Systems; ~CBE Group
? Siemens = -: Siemens | siemens.com.tr | TUR | 2000 | siemens-turkiye; ~Simens Design
? Marriott = -: Marriott | marriott.co.jp | JPN | 900 | marriott-japan; Marriott Ranch | marriottranch.com
? Emerge Living = -: Emerge Living | emergeliving.com.au | AUS | 1; Emerge | emergeml.com | ZAF | 12
? Haier = -: Haier | haierusa.com | USA | 200 | haier-usa; Haier Europe | haier-europe.com | ITA | 500
? Bosch = -: Bosch | boschusa.com | USA | 200 | boschusa
? Kyocera = -: Kyocera | kyocera.eu | DEU | 200 | kyocera-europe
? Kyocera = -: Kyocera | kyocera.us | USA | 200 | kyocera-us
? Ramp = -: Ramp | ramp.asia | SGP | 20 | ramp-asia
? Pylon = -: Pylon | pylon.nl | NLD | 1 | pylon-nl; +5
? Default = -: Default | getdefault.in | IND | 120 | default-company; +6
? Postscript = -: Postscript | wearepostscript.co.uk | GBR | 6 | wearepostscript; +7
? Roto-Rooter = -: Roto Rooter | rotorooter.co.id | IDN | 4 | roto-rooter-indonesia; Roto Rooter Plumbing | rotorooter-nebama.com
? Personio = personio.de: Personio | personio.de | DEU | 1800; ~Persono; ~Personia
! Trigema = trigema.de: TRIGEMA | trigema.de | DEU | 1200; ~Trig; ~Trigma
? Allegro = allegro.pl: Allegro | allegro.pl | POL | 6000; Allegro Microsystems | allegromicro.com | USA | 4000; Allegro Studio | allegrostudio.com
# Agencies, tools, parts of sites
? HubSpot = -: HubSpot | hubspotagency.com | USA | 5; ~Hub
? Shopify = -: Shopify | shopifyexperts.io | IND | 11; ~Shopi
? Notion = -: Notion | notiontemplates.com | USA | 1; +6
? Trello = -: Trello | trello.tools | USA | 1; ~Trell
? Liveblack = -: Liveblack | liveblack.agency | IND | 10
? React = -: React | react.github.io | - | -; ~Reactor
? Acorn = -: Acorn | acorn.wixsite.com | USA | 2
? Webflow = -: Webflow | webflow.careers | USA | 600
? Salesforce = -: Salesforce | blog.salesforce-partners.com | USA | 2
? Toast = -: Toast | toast.io | USA | 3 | toast-io; +8
? Toast = toasttab.com: Toast | pos.toasttab.com | USA | 5000 | toast-inc; +8
! Grab = grab.com: Grab | grab.com | SGP | 10000 | grabapp; Grab & Go | grabandgo.com; Grabr | grabr.io
? Grab = -: Grab | grabmedia.com | USA | 10; Grab | grab.co.uk | GBR | 9
! Brex = brex.com: Brex | brex.com | USA | 1200 | brexhq; Brexit Party | brexitparty.org | GBR; Brexo | brexo.com
! Datadog = datadoghq.com: Datadog | datadoghq.com | USA | 5000; ~Data Dog Analytics
! ServiceTitan = servicetitan.com: ServiceTitan | servicetitan.com | USA | 3000; ServiceTitan Consulting | stconsult.com; Service Titans | servicetitans.net; ServiceTitan Armenia | servicetitan.am | ARM
! OpenAI = openai.com: OpenAI | openai.com | USA | 3000; OpenAI Community | openaicommunity.org; Open AI Labs | openailabs.com
! Revolut = revolut.com: Revolut | revolut.com | GBR | 8000; Revolut Business | revolut.com | GBR | 10
! Marriott International = marriott.com: Marriott International | marriott.com | USA | 100000; Marriott Vacations | marriottvacations.com
! CBRE = cbre.com: CBRE | cbre.com | USA | 100000; CBRE Investment Management | cbreim.com; CBRE Vietnam | cbrevietnam.com | VNM
! Siemens = siemens.com: Siemens | siemens.com | DEU | 240000; Siemens Healthineers | siemens-healthineers.com | DEU; Siemens Energy | siemens-energy.com | DEU
# Parents and subsidiaries
? Toyota Financial Services = -: Toyota Financial Services | toyota.com | USA | 3000
? Google Cloud = -: Google Cloud | google.com | USA | 30000
? Amazon Web Services = -: Amazon Web Services | amazon.com | USA | 30000; AWS | aws.com
? Siemens Energy = -: Siemens Energy | siemens.com | DEU | 30000
! Virgin Media = virginmedia.com: Virgin Media | virginmedia.com | GBR | 9000; Virgin | virgin.com | GBR
! Virgin = virgin.com: Virgin | virgin.com | GBR | 100; Virgin Media | virginmedia.com | GBR | 9000; Virgin Atlantic | virginatlantic.com; Virgin Galactic | virgingalactic.com
? Alphabet = abc.xyz: Alphabet | abc.xyz | USA | 180000; Alphabet | alphabet.com | DEU | 2000
? Meta = -: Meta | meta.agency | USA | 5; Meta Labs | metalabs.io
# Holdings
? Acme = -: Acme | acmeholdings.com | USA | 5; Acme Operations | acme.com | USA | 900
? Acme = -: Acme Holding | acme-holding.com | USA | 5; Acme | acme.com | USA | 900
! Acme Holding = acme-holding.com: Acme Holding | acme-holding.com | USA | 5; Acme Foods | acmefoods.com | USA | 900
? Volkswagen = volkswagen.com: Volkswagen | volkswagen.com | DEU | 60000; Volkswagen Group | volkswagen-group.com | DEU | 600000
# One name in two countries
? Bloom = -: Bloom | bloom.com | USA | 50; Bloom | bloom.fr | FRA | 50
? Bloom Foods = -: Bloom Foods | bloomfoods.ca | CAN | 50; Bloom Foods | bloomfoods.com | USA | 50
# Spellings
? The Hut Group = thehutgroup.com: THG | thg.com | GBR; The Hut Group | thehutgroup.com | GBR | 900
! Knot = theknot.com: The Knot | theknot.com | USA | 900; ~Knotel; ~Knots
? Bäcker Müller = baecker-mueller.de: Bäcker Müller GmbH | baecker-mueller.de | DEU | 90 | bäcker-müller
? Würth = wuerth.com: Würth Group | wuerth.com | DEU | 9000
! Würth = wuerth.com: WÜRTH GmbH & Co. KG | wuerth.com | DEU | 9000
! Wurth = wuerth.com: Würth | wuerth.com | DEU | 9000
! Marks and Spencer = marksandspencer.com: Marks & Spencer plc | marksandspencer.com | GBR | 60000; ~Marks Electrical
! Marks & Spencer = marksandspencer.com: Marks and Spencer | marksandspencer.com | GBR | 60000
! Ørsted = orsted.com: Orsted A/S | orsted.com | DNK | 8000
! Société Générale = societegenerale.com: SOCIETE GENERALE | societegenerale.com | FRA | 8000
! Totvs S/A = totvs.com: TOTVS | totvs.com | BRA | 8000
? Serenity = -: Serenity Spa | serenity.com | USA | 12
! Ferrero = ferrero.com: Ferrero Spa | ferrero.com | ITA | 30000
? Müller = -: Muller | muller.co.uk | GBR | 4000 | muller-uk; Müller | mueller.de | DEU | 30000
? Cisco = -: Cisco Systems | cisco.com | USA | 80000
! Cisco Systems = cisco.com: Cisco Systems | cisco.com | USA | 80000; Cisco Meraki | meraki.com
! Notion Labs = notion.so: Notion Labs, Inc. | notion.so | USA | 800; Notion Capital | notion.vc | GBR
? Google Labs = -: Google Labs Fans | google-labs-fans.com | USA | 1
! Acme Group = acmegroup.com: Acme Group | acmegroup.com | USA | 80
? Acme HQ = -: Acme | acme.com | USA | 80; Acme | acme.io | USA | 80
? Pylon Inc = -: Pylon | pylon.com | USA | 2; Pylon Inc | pylon.inc | USA | 9
! Stripe, Inc. = stripe.com: Stripe | stripe.com | USA | 8000; Stripes | stripes.co | USA | 90
? Apollo = -: Apollo | apollo.io | USA | 900; Apollo Global Management | apollo.com | USA | 4000
? Mercury = -: Mercury | mercury.io | USA | 2; +8
? Delta = -: Delta | deltafaucet.com | USA | 3000; Delta Dental | deltadental.com | USA | 3000
! Figma = figma.com: Figma | figma.com | USA | 1500; Figma Africa | figma.africa | NGA | 3
? Canva = -: Canva | canva.shop | USA | 1; Canvas | instructure.com
? Zoom = -: Zoom | zoom.us | USA | 7000; +5
! Coolblue = coolblue.nl: Coolblue | coolblue.nl | NLD | 5000; ~Cool Blue Water
? Roto Rooter Indonesia = rotorooter.co.id: Roto Rooter Indonesia | rotorooter.co.id | IDN | 4; Roto-Rooter | rotorooter.com
? Yandex = -: Яндекс | yandex.ru | RUS | 20000
! Meesho = meesho.com: Meesho | meesho.com | IND | 2000; ~Mesho
! JDV Electric = jdvelectric.com: JDV Electric | jdvelectric.com | USA | 5; Jdl Electric | jdlelectric.com
? Airbase = -: Airbase | airbase.com | USA | 200; Airbase | airbasehq.com | USA | 2
! Slack = slack.com: Slack | slack.com | USA | 3000; Slack Davis | slackdavis.com; Slack Lust | slacklust.com
? Monday = -: Monday | mondayagency.com; monday.com | monday.com | ISR | 2000
? Monday = monday.com: monday.com | monday.com | ISR | 2000
? X = -: X | xcompany.io
! Box = box.com: Box | box.com | USA | 2500; +8
! Linear = linear.app: Linear | linear.app | USA | 80; Linear Labs | linearlabs.com; Linear Health | linear.health
? Acme = -: Acme | linktr.ee | - | 1
! Facebook = facebook.com: Facebook | facebook.com | USA | 60000
? Acme = -: Acme | facebook.com | USA | 2
`;

const plain = (name: string) => name.toLowerCase().replace(/\W/g, '');
const MORE = ['Labs', 'Studio', 'Books', 'Coffee', 'Magazine', 'Consulting', 'Collective', 'Club'];

function match(name = '', domain = '', country = 'USA', employees = '20', slug?: string) {
  const page = slug ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return {
    name,
    domain,
    linkedin_url: `https://www.linkedin.com/company/${page}`,
    employee_count_min: employees === '-' ? null : Number(employees),
    employee_count_max: employees === '-' ? null : Number(employees),
    location_country: country === '-' ? null : country,
    location_country_code: country === '-' ? null : country,
    matched_on: 'name',
    score: 200,
  };
}

function matchesIn(text: string, asked: string) {
  if (text.startsWith('~')) return [match(text.slice(1), `${plain(text)}.com`)];
  if (!text.startsWith('+')) return [match(...text.split(' | '))];
  return MORE.slice(0, Number(text)).map((word, at) =>
    match(`${asked} ${word}`, `${plain(asked + word)}.com`, 'USA', String(at + 1)),
  );
}

export const LOOKUP_CASES: LookupCase[] = [...CASES.matchAll(/^([!?]) (.+) = (\S+): (.+)$/gm)].map(
  ([, sure, asked = '', right = '-', matches = '']) => ({
    asked,
    right: right === '-' ? null : right,
    clear: sure === '!',
    matches: matches.split('; ').flatMap((text) => matchesIn(text, asked)),
  }),
);
