/** Providers at which anybody has an address, so that it says nothing of a company; and what stands for them abroad. */
const PROVIDERS = new Set(
  (
    'gmail googlemail hotmail outlook live msn yahoo ymail rocketmail icloud me mac aol aim protonmail proton pm gmx web ' +
    'mail email inbox zoho yandex qq 163 126 yeah sina sohu foxmail naver daum hanmail t-online freenet arcor orange ' +
    'wanadoo free sfr laposte libero virgilio tiscali alice tin comcast verizon att sbcglobal bellsouth cox charter ' +
    'earthlink juno btinternet sky talktalk virginmedia ntlworld blueyonder bigpond optusnet shaw rogers sympatico ' +
    'telus uol bol terra ig rediffmail seznam wp o2 onet interia ukr rambler bk list hey fastmail tutanota tuta hushmail ' +
    'mailinator example'
  ).split(' '),
);
/** Of these names only the addresses of the provider itself are meant, not every company of that name. */
const ONLY: Readonly<Record<string, RegExp>> = {
  me: /^me\.com$/,
  mac: /^mac\.com$/,
  pm: /^pm\.me$/,
  proton: /^proton\.me$/,
  web: /^web\.de$/,
  mail: /^mail\.(?:com|ru|de)$/,
  email: /^email\.(?:com|it|cz)$/,
  inbox: /^inbox\.(?:com|ru|lv)$/,
  live: /^live\.[a-z.]+$/,
  free: /^free\.fr$/,
  alice: /^alice\.it$/,
  tin: /^tin\.it$/,
  orange: /^orange\.fr$/,
  sky: /^sky\.com$/,
  charter: /^charter\.net$/,
  cox: /^cox\.net$/,
  att: /^att\.net$/,
  list: /^list\.ru$/,
  bk: /^bk\.ru$/,
  hey: /^hey\.com$/,
  o2: /^o2\.pl$/,
  wp: /^wp\.pl$/,
  ig: /^ig\.com\.br$/,
  aim: /^aim\.com$/,
  terra: /^terra\.com(?:\.br)?$/,
  shaw: /^shaw\.ca$/,
  rogers: /^rogers\.com$/,
  yeah: /^yeah\.net$/,
  zoho: /^zoho(?:mail)?\.(?:com|eu|in)$/,
};

/** Whether addresses at this domain are anybody's. @param domain In normal form. */
export function isFreemail(domain: string): boolean {
  const label = domain.split('.')[0] ?? '';
  return PROVIDERS.has(label) && (ONLY[label]?.test(domain) ?? true);
}
