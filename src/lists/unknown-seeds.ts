/** What finds companies like one that OpenFunnel does not know (recorded: 50–100 % right, by a stranger of a like name 0 %). */
export const INSTEAD =
  'Replace such a company with a short query that says what it does and for whom. Another company with a similar name would find the wrong companies.';
