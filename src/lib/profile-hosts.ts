// Sites that host pages about other companies. A seed there names the site, not the company: upstream takes
// the host alone, so "linkedin.com/company/ramp" would find, and bill, companies like LinkedIn.
//
// "host" means any page but the home page, "host/path" the pages under that path, "*.host" any subdomain too,
// "!host" every address. "host.*" stands for the site in every country.
const SITES = `
linkedin.com lnkd.in xing.com facebook.com fb.com fb.me m.me instagram.com threads.net threads.com x.com twitter.com
t.co tiktok.com youtube.com youtu.be vimeo.com twitch.tv pinterest.* pin.it reddit.com snapchat.com t.me telegram.me
wa.me api.whatsapp.com discord.gg discord.com/invite bsky.app mastodon.social vk.com ok.ru weibo.com quora.com
tumblr.com *.tumblr.com medium.com *.medium.com substack.com *.substack.com slideshare.net linktr.ee about.me
behance.net dribbble.com soundcloud.com spotify.com podcasts.apple.com
crunchbase.com pitchbook.com angel.co angellist.com wellfound.com f6s.com tracxn.com cbinsights.com dealroom.co
owler.com zoominfo.com rocketreach.co craft.co growjo.com dnb.com golden.com theorg.com leadiq.com/c lusha.com/company
apollo.io/companies signalhire.com/companies similarweb.com opencorporates.com northdata.com northdata.de
companycheck.co.uk find-and-update.company-information.service.gov.uk companieshouse.gov.uk sec.gov bloomberg.com
forbes.com techcrunch.com finance.yahoo.com marketwatch.com morningstar.com stockanalysis.com reuters.com
producthunt.com betalist.com ycombinator.com builtin.com builtinnyc.com eu-startups.com startupranking.com
seedtable.com failory.com getlatka.com welcometothejungle.com europages.* kompass.com thomasnet.com manta.com
wikipedia.org *.wikipedia.org wikidata.org wikitia.com fandom.com britannica.com everybodywiki.com archive.org archive.ph
g2.com capterra.* getapp.* softwareadvice.* trustradius.com sourceforge.net clutch.co goodfirms.co gartner.com
trustpilot.* yelp.* tripadvisor.* bbb.org sitejabber.com foursquare.com yellowpages.* alternativeto.net saashub.com
stackshare.io slashdot.org glassdoor.* indeed.* kununu.com comparably.com ziprecruiter.com monster.com
simplyhired.com stepstone.* boards.greenhouse.io job-boards.greenhouse.io jobs.lever.co jobs.ashbyhq.com
apply.workable.com jobs.smartrecruiters.com *.bamboohr.com *.recruitee.com *.teamtailor.com *.jobs.personio.de
*.jobs.personio.com *.myworkdayjobs.com
github.com gist.github.com gitlab.com bitbucket.org npmjs.com pypi.org hub.docker.com crates.io rubygems.org
huggingface.co stackoverflow.com/jobs stackoverflow.com/users
!apps.apple.com !itunes.apple.com !play.google.com !chromewebstore.google.com !chrome.google.com !docs.google.com
!drive.google.com !sites.google.com !maps.google.com !goo.gl !maps.app.goo.gl !g.page !g.co !business.google.com
!news.google.com !cloud.google.com/marketplace !workspace.google.com/marketplace !marketplace.visualstudio.com
!apps.shopify.com !appsource.microsoft.com !azuremarketplace.microsoft.com !apps.microsoft.com !appexchange.salesforce.com
!marketplace.atlassian.com !aws.amazon.com/marketplace !addons.mozilla.org !bit.ly !tinyurl.com !web.archive.org
zapier.com/apps slack.com/apps slack.com/marketplace ecosystem.hubspot.com/marketplace apps.apple.com google.*
bing.com duckduckgo.com maps.apple.com amazon.* ebay.* etsy.com alibaba.com aliexpress.com
airbnb.com booking.com doordash.com ubereats.com opentable.com kickstarter.com indiegogo.com gofundme.com patreon.com
eventbrite.* meetup.com notion.so !*.notion.site !dropbox.com/s !airtable.com/shr
`;

interface Site {
  host: string;
  path: string;
  everyCountry: boolean;
  subdomains: boolean;
  always: boolean;
}

const COUNTRY = /^(?:com|co|org|net|[a-z]{2}|(?:com?|org)\.[a-z]{2})$/;
let sites: Site[] | undefined;

/** A site that hosts pages about other companies. */
export interface ProfileHost {
  site: string;
  /** Whether its bare domain is a company's own website. */
  company: boolean;
}

/** The site that `url` is a page about a company on; null for a website of its own. */
export function profileHost(url: URL): ProfileHost | null {
  sites ??= SITES.trim().split(/\s+/).map(parse);
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const found = sites.find((site) => isPage(site, host, url));
  if (!found) return null;
  return { site: host.replace(/^(?:www|m|mobile|[a-z]{2})\.(?=.*\.)/, ''), company: !found.always };
}

function parse(word: string): Site {
  const always = word.startsWith('!');
  const [host = '', ...path] = word.slice(always ? 1 : 0).split('/');
  const subdomains = host.startsWith('*.');
  const everyCountry = host.endsWith('.*');
  return {
    host: host.slice(subdomains ? 2 : 0, everyCountry ? -1 : undefined),
    path: path.length > 0 ? `/${path.join('/')}` : '',
    everyCountry,
    subdomains,
    always,
  };
}

function isPage({ host, path, everyCountry, subdomains, always }: Site, actual: string, url: URL): boolean {
  if (everyCountry) {
    const at = `.${actual}`.lastIndexOf(`.${host}`);
    if (at === -1 || !COUNTRY.test(actual.slice(at + host.length))) return false;
  } else if (actual !== host && !actual.endsWith(`.${host}`)) return false;
  if (path !== '') return url.pathname === path || url.pathname.startsWith(`${path}/`);
  const below = actual.slice(0, -host.length - 1);
  if (subdomains && below !== '' && !/^(?:www|m|about|help|support|blog)$/.test(below)) return true;
  return always || url.pathname.length > 1 || /^\?./.test(url.search);
}
