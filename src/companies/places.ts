import { oneOf } from '../lib/text.ts';

// Words that say where or what part of a company an entry is, not which company.

/** Whether a name's word (lower case, no accents) is one of a region's, country's, state's or big city's name. */
export const isRegion = oneOf(
  'africa african america american americas anz apac asia asian asiapacific australasia balkans baltics benelux cala caribbean ' +
    'cee central dach east eastern emea eu europe european gcc global international iberia latam latin levant mea mena ' +
    'middle midlands mid nordic nordics north northern northeast northwest oceania pacific region regional scandinavia ' +
    'south southern southeast southwest sea west western worldwide world coast area bay ' +
    'argentina australia austria bahrain bangladesh belgium belgique bolivia brazil brasil bulgaria cambodia cameroon ' +
    'canada chile china colombia costa rica croatia cyprus czech czechia denmark danmark deutschland germany dominican ' +
    'ecuador egypt estonia ethiopia finland suomi france ghana greece guatemala honduras hong kong hungary iceland india ' +
    'indonesia iraq ireland israel italia italy jamaica japan jordan kazakhstan kenya korea kuwait latvia lebanon ' +
    'lithuania luxembourg malaysia malta mexico moldova morocco maroc mozambique myanmar namibia nederland netherlands ' +
    'holland new zealand nicaragua nigeria norge norway oman osterreich pakistan panama paraguay peru philippines ' +
    'poland polska portugal qatar republic romania russia rwanda saudi arabia senegal serbia schweiz suisse singapore ' +
    'slovakia slovenia somalia espana spain sri lanka sudan sverige sweden switzerland syria taiwan tanzania thailand ' +
    'tunisia turkey turkiye uganda ukraine uae united arab emirates kingdom states england scotland wales britain great ' +
    'uk usa us gb ksa uruguay uzbekistan venezuela vietnam zambia zimbabwe ' +
    'alabama alaska arizona arkansas california carolina colorado connecticut dakota delaware florida georgia hampshire ' +
    'hawaii idaho illinois indiana iowa jersey kansas kentucky louisiana maine maryland massachusetts michigan minnesota ' +
    'mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania rhode island tennessee texas utah ' +
    'vermont virginia washington wisconsin wyoming ontario quebec alberta manitoba saskatchewan columbia british ' +
    'queensland victoria bavaria bayern catalunya ' +
    'abu dhabi amsterdam athens atlanta auckland austin bangalore bengaluru bangkok barcelona beijing berlin bogota boston ' +
    'brussels budapest buenos aires cairo calgary chennai chicago cleveland cologne copenhagen dallas delhi denver detroit ' +
    'doha dubai dublin dusseldorf edinburgh frankfurt geneva glasgow hamburg helsinki houston hyderabad istanbul jakarta ' +
    'johannesburg karachi kiev kyiv kuala lumpur lagos lima lisbon london los angeles madrid manchester manila melbourne ' +
    'miami milan milano montreal moscow mumbai munich munchen nairobi nashville orleans york orlando osaka oslo ottawa paris ' +
    'perth philadelphia phoenix pittsburgh prague rome roma rotterdam san francisco diego jose santiago sao paulo seattle ' +
    'seoul shanghai shenzhen stockholm sydney tampa tel aviv tokyo toronto vancouver vienna wien warsaw zurich',
);

/** Whether it names a unit, a function or a line of products that companies name after themselves. */
export const isUnit = oneOf(
  'academy accelerator ads advertising advisors advisory aerospace ai alumni analytics app apps asset associates auto ' +
    'automation automotive b2b bank banking beauty biologics brand brands business capital card cards care careers center centre ' +
    'chemicals cleaning cleanup cloud club commerce commercial communications community consumer corporate ' +
    'credit customer cyber cybersecurity data defense delivery department design dev developers development devices ' +
    'diagnostics digital distribution division drain drains education electric electrification electronics employees ' +
    'energy engineering enterprise enterprises entertainment estate events express family finance financial financing ' +
    'fintech fleet food foods foundation franchise franchising franchises freight fund games gaming giving government group ' +
    'growth health healthcare healthineers healthcares holding holdings home homes hospitality hotel hotels hq headquarters ' +
    'hub immigration industrial industries industry infrastructure innovation innovations institute insurance integrations ' +
    'intelligence investment investments investors iot it jobs labs lab leasing learning legal life lifesciences logistics ' +
    'management manufacturing markets marketplace marketing materials media medical mobile mobility motors museum music ' +
    'network networks nordics office offices one online open operations pay payments payroll people pharma ' +
    'pharmaceuticals plant platform plumbers plumbing plus power press pro procurement process product products production ' +
    'professional programs properties property public publishing rail real realty recruiting recruitment reinsurance ' +
    'renewables rental rentals research residences resorts restaurants retail robotics safety sales school science sciences ' +
    'security semiconductor semiconductors senior service services shared shop smart social software solar solutions ' +
    'space sports spend staffing startups startup store stores studio studios suites supply support systems talent team teams ' +
    'tech technical technologies technology telecom therapeutics trading training transport transportation travel trust ' +
    'tv university vacation ventures video wallet water wealth wholesale wind wireless women works workplace x',
);

/** Whether it only joins others. */
export const isSmall = oneOf(
  'of in at for and the by de do da del la le les den der die das und et y e a an amp',
);

const US_STATES =
  'al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc ' +
  'sd tn tx ut vt va wa wv wi wy dc';
/** Whether it is the code of a state of the USA, or of its capital's district. */
export const isUsState = oneOf(US_STATES);

/** Whether it is such a code, or another that follows a place ("Toronto ON") or stands for one. */
export const isPlaceCode = oneOf(
  `${US_STATES} on qc bc ab at be br ch cn cz dk es eu fi fr gr hk hu ie il in it jp kr lu mx my nl no nz ph pl pt ro sa ` +
    'se sg th tr tw ua ae uk us vn za kw nw ne sw',
);
