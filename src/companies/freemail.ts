import providers from 'email-providers/all.json' with { type: 'json' };

/** Providers that the list (email-providers, kept monthly) does not have. */
const MORE =
  'zohomail.com fastmail.com tutanota.com tutanota.de tuta.com duck.com gmx.ch ziggo.nl xs4all.nl online.no mail.dk vodafone.de azet.sk telia.com tele2.se bredband.net otenet.gr';

let known: Set<string> | undefined;

/** Whether anybody can have an address at this domain. A provider's own (comcast.com beside comcast.net) is none of these. */
export function isFreemail(domain: string): boolean {
  known ??= new Set([...providers, ...MORE.split(' ')]);
  return known.has(domain);
}
