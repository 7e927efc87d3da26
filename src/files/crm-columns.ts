/** CRMs whose import a file can be made for. */
export const CRMS = ['hubspot', 'salesforce'] as const;

/** A column of a file: the field of the company that it holds, and what stands above it. */
export type NamedColumn = readonly [field: string, heading: string];

/**
 * The columns that a CRM's import knows by their headings: the properties of a company (HubSpot) or of an account
 * (Salesforce). Their industries are lists of their own, which ours are not in.
 */
export const CRM_COLUMNS: Readonly<Record<(typeof CRMS)[number], readonly NamedColumn[]>> = {
  hubspot: [
    ['name', 'Company name'],
    ['domain', 'Company Domain Name'],
    ['linkedin_url', 'LinkedIn Company Page'],
    ['city', 'City'],
    ['state', 'State/Region'],
    ['country', 'Country/Region'],
    ['employees', 'Number of Employees'],
    ['revenue_usd', 'Annual Revenue'],
    ['description', 'Description'],
  ],
  salesforce: [
    ['name', 'Account Name'],
    ['domain', 'Website'],
    ['city', 'Billing City'],
    ['state', 'Billing State/Province'],
    ['country', 'Billing Country'],
    ['employees', 'Employees'],
    ['revenue_usd', 'Annual Revenue'],
    ['description', 'Description'],
  ],
};
