// Sites that host pages about other companies. Upstream takes the host alone, so a seed "linkedin.com/company/ramp" would
// find, and bill, companies like LinkedIn. Hosts with names below them (github.io, wixsite.com): see `domainRoot`.
// "host" means any page but the home page, "host/path" the pages under that path, "*.host" any subdomain too,
// "!host" every address. "host.*" stands for the site in every country.
const TABLE = `
linkedin.com lnkd.in xing.com facebook.com fb.com fb.me m.me instagram.com threads.net threads.com x.com twitter.com
t.co tiktok.com youtube.com youtu.be vimeo.com twitch.tv pinterest.* pin.it reddit.com snapchat.com t.me telegram.me
wa.me api.whatsapp.com discord.gg discord.com/invite bsky.app mastodon.social vk.com ok.ru weibo.com quora.com
*.tumblr.com *.medium.com *.substack.com slideshare.net linktr.ee linktree.com about.me beacons.ai bio.link lnk.bio
linkin.bio gumroad.com calendly.com shop.app whatsapp.com line.me issuu.com campsite.bio allmylinks.com solo.to
flow.page heylink.me withkoji.com contactin.bio behance.net dribbble.com soundcloud.com spotify.com
podcasts.apple.com crunchbase.com pitchbook.com angel.co angellist.com wellfound.com f6s.com tracxn.com
cbinsights.com dealroom.co owler.com zoominfo.com rocketreach.co craft.co growjo.com dnb.com golden.com theorg.com
leadiq.com/c lusha.com/company apollo.io/companies signalhire.com/companies similarweb.com opencorporates.com
northdata.com northdata.de companycheck.co.uk find-and-update.company-information.service.gov.uk
companieshouse.gov.uk sec.gov bloomberg.com forbes.com techcrunch.com finance.yahoo.com marketwatch.com
morningstar.com stockanalysis.com reuters.com producthunt.com betalist.com ycombinator.com builtin.com
builtinnyc.com eu-startups.com startupranking.com seedtable.com failory.com getlatka.com welcometothejungle.com
europages.* kompass.com thomasnet.com manta.com wikipedia.org wikidata.org wikitia.com fandom.com britannica.com
everybodywiki.com archive.org archive.ph g2.com capterra.* getapp.* softwareadvice.* trustradius.com sourceforge.net
clutch.co goodfirms.co gartner.com trustpilot.* yelp.* tripadvisor.* bbb.org sitejabber.com foursquare.com
justdial.com naver.com mapquest.com nextdoor.com houzz.com thumbtack.com angi.com homeadvisor.com
chamberofcommerce.com yellowpages.* alternativeto.net saashub.com stackshare.io slashdot.org glassdoor.* indeed.*
kununu.com comparably.com ziprecruiter.com monster.com simplyhired.com stepstone.* boards.greenhouse.io
job-boards.greenhouse.io jobs.lever.co jobs.ashbyhq.com apply.workable.com jobs.smartrecruiters.com *.bamboohr.com
*.recruitee.com *.teamtailor.com *.jobs.personio.de *.jobs.personio.com *.myworkdayjobs.com github.com
gist.github.com gitlab.com bitbucket.org npmjs.com pypi.org hub.docker.com crates.io rubygems.org huggingface.co
stackoverflow.com/jobs stackoverflow.com/users !apps.apple.com !itunes.apple.com !play.google.com
!chromewebstore.google.com !chrome.google.com !docs.google.com !drive.google.com !sites.google.com !maps.google.com
!goo.gl !maps.app.goo.gl !g.page !g.co !business.google.com !news.google.com !cloud.google.com/marketplace
!workspace.google.com/marketplace !marketplace.visualstudio.com !apps.shopify.com !appsource.microsoft.com
!azuremarketplace.microsoft.com !apps.microsoft.com !appexchange.salesforce.com !marketplace.atlassian.com
!aws.amazon.com/marketplace !addons.mozilla.org !bit.ly !tinyurl.com !web.archive.org zapier.com/apps slack.com/apps
slack.com/marketplace ecosystem.hubspot.com/marketplace google.* bing.com duckduckgo.com maps.apple.com amazon.*
ebay.* etsy.com alibaba.com aliexpress.com indiamart.com taobao.com tmall.com mercadolibre.* mercadolivre.com.br
airbnb.com booking.com doordash.com ubereats.com opentable.com kickstarter.com indiegogo.com gofundme.com
patreon.com gmail.com googlemail.com hotmail.* outlook.com live.com yahoo.* icloud.com gmx.* protonmail.com
proton.me eventbrite.* meetup.com notion.so !*.notion.site !dropbox.com/s !airtable.com/shr
`;

interface Site {
  subdomains: boolean;
  always: boolean;
}

/** By host with the path, or the host's beginning up to the dot before its country. */
const SITES: ReadonlyMap<string, Site> = new Map(
  TABLE.trim()
    .split(/\s+/)
    .map((word) => [
      word.replace(/^!?(?:\*\.)?/, '').replace(/\.\*$/, '.'),
      { subdomains: /^!?\*\./.test(word), always: word.startsWith('!') },
    ]),
);
const LONGEST_BEGINNING = 'softwareadvice.'.length;
const COUNTRY = /^(?:com|co|org|net|[a-z]{2}|(?:com?|org)\.[a-z]{2})$/;
/** Names before the host that do not name a page. */
const NO_PAGE = /^(?:www|m|about|help|support|blog)$/;
/** Longest host that is looked at (RFC 1035). Characters. */
const MAX_HOST = 253;

/** The site that a link leads to a page about a company on; null for a website of its own. `company`: whether its bare domain is one. */
export function profileHost(host: string, path: string): { site: string; company: boolean } | null {
  const found = sharedHost(host, path);
  if (!found || (found.part === 'home' && !found.always)) return null;
  return { site: host.replace(/^(?:www|m|mobile|[a-z]{2})\.(?=.*\.)/, ''), company: !found.always };
}

/** What a link on a site that hosts pages of others leads to. */
export interface SharedHost {
  /** The home page, which says of nobody but its owner who it is; a page; or a name before the host ("acme.substack.com"). */
  part: 'home' | 'page' | 'named';
  /** Whether the home page is a page of others too. */
  always: boolean;
}

/**
 * What a link leads to on a site that hosts pages of others; null for a website of its own.
 * @param host In lower case, without a trailing dot. @param path From the first slash on, with the query; '' for none.
 */
export function sharedHost(host: string, path: string): SharedHost | null {
  if (host.length > MAX_HOST) return null;
  const plain = path.length < 2 ? path : (path.split(/[?#]/, 1)[0] ?? '');
  const part = plain.length > 1 || path.length > plain.length + 1 ? 'page' : 'home';
  const folder = part === 'home' ? '' : plain.split('/', 2)[1];
  let found = null as SharedHost | null;
  // "a.b.com", then "b.com".
  for (let from = 0, dot = host.indexOf('.'); dot !== -1; from = dot + 1, dot = host.indexOf('.', from)) {
    const name = host.slice(from);
    const anywhere = dot - from < LONGEST_BEGINNING ? SITES.get(host.slice(from, dot + 1)) : undefined;
    const site =
      SITES.get(name) ??
      (folder ? SITES.get(`${name}/${folder}`) : undefined) ??
      (anywhere && COUNTRY.test(host.slice(dot + 1)) ? anywhere : undefined);
    if (!site) continue;
    const always = found?.always ?? site.always;
    if (site.subdomains && from > 0 && !NO_PAGE.test(host.slice(0, from - 1)))
      return { part: 'named', always };
    found = { part, always };
  }
  return found;
}
